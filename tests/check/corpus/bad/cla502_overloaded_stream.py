import time

from anthropic import Anthropic, OverloadedError

client = Anthropic()


def story() -> str:
    try:
        with client.messages.stream(
            model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "A story."}]
        ) as stream:
            return "".join(stream.text_stream)
    except OverloadedError:
        time.sleep(1)
        return ""


print(story())
