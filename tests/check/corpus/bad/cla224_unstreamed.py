from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-opus-5-5", max_tokens=64 * 1024, messages=[{"role": "user", "content": "Hello"}]
)
print(reply.stop_reason)
