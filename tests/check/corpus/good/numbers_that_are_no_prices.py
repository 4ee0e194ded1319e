from anthropic import Anthropic

WINDOWS = {"claude-opus-5-5": 1_000_000, "claude-haiku-4-5": 200_000}
MAX_OUTPUT = {"claude-opus-5-5": 128_000}

reply = Anthropic().messages.create(
    model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
)
print(reply.usage.input_tokens * 2, reply.usage.input_tokens / WINDOWS["claude-opus-5-5"] * 100)
