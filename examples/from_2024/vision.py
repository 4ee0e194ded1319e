"""Vision: a picture by URL, and a local one."""

from pathlib import Path

from adjusted import show

from clarion import ClaudeService, Completion, Image

client = ClaudeService()


def analyze_image(image_url: str, question: str) -> Completion:
    return client.complete([Image(image_url), question], model="claude-3-5-sonnet-20241022", max_tokens=1024)


def analyze_local_image(image_path: str, question: str) -> Completion:
    return client.complete([Image(image_path), question], model="claude-3-5-sonnet-20241022", max_tokens=1024)


print(analyze_image("https://example.com/cup.jpg", "What is in this picture?").text)

coffee = analyze_local_image(str(Path(__file__).parent.parent / "coffee.jpg"), "What is in this picture?")
print(coffee.text)
show(coffee)
