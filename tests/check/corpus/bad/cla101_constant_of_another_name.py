import os

from anthropic import Anthropic

BEST = "claude-opus-4-1"
CHOSEN = BEST

with Anthropic() as client:
    with client.messages.stream(
        model=CHOSEN, max_tokens=int(os.environ.get("MOST", "64")), messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        print("".join(stream.text_stream))
