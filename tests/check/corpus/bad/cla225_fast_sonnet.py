from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-sonnet-5-5", max_tokens=100, speed="fast", messages=[{"role": "user", "content": "Hello"}]
)
print(reply.stop_reason)
