"""Streaming: text as it is written."""

from adjusted import show

from clarion import ClaudeService

client = ClaudeService()


def stream_claude(prompt: str, system: str = "") -> str:
    full_response = ""

    with client.stream(
        [{"role": "user", "content": prompt}],
        model="claude-3-5-sonnet-20241022",
        max_tokens=1024,
        system=system,
    ) as stream:
        for text in stream:
            print(text, end="", flush=True)
            full_response += text

    show(stream.completion)
    return full_response


stream_claude("Tell me about the sea.", system="You are a poet.")
