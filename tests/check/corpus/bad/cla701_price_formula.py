from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-opus-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hello"}]
)
print(f"${(reply.usage.input_tokens * 4 + reply.usage.output_tokens * 20) / 1_000_000:.4f}")
