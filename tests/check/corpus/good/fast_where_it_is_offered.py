from anthropic import Anthropic

reply = Anthropic().messages.create(
    model="claude-opus-5-5", max_tokens=100, speed="fast", messages=[{"role": "user", "content": "Hi"}]
)
print(reply.usage.speed)
