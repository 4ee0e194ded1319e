from anthropic import Anthropic

reply = Anthropic().messages.create(
    model="claude-haiku-5-5", max_tokens=100, thinking={"type": "disabled"}, messages=[{"role": "user", "content": "Hi"}]
)
print(reply.stop_reason)
