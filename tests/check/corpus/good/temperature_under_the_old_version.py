from anthropic import Anthropic

client = Anthropic(default_headers={"anthropic-version": "2023-06-01"})
reply = client.messages.create(
    model="claude-haiku-4-5",
    max_tokens=100,
    messages=[{"role": "user", "content": "Hi"}],
    extra_body={"temperature": 0.2},
)
print(reply.stop_reason)
