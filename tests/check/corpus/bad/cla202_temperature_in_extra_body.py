from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-opus-5-5",
    max_tokens=100,
    messages=[{"role": "user", "content": "Hello"}],
    extra_body={"temperature": 0.5, "top_k": 3},
)
print(reply.stop_reason)
