from anthropic import Anthropic

MODEL = "claude-fable-5-2"

reply = Anthropic().messages.create(
    model=MODEL, max_tokens=100, thinking={"type": "disabled"}, messages=[{"role": "user", "content": "Hello"}]
)
print(reply.stop_reason)
