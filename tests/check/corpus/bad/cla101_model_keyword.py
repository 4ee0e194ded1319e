import anthropic

client = anthropic.Anthropic()
message = client.messages.create(
    model="claude-3-5-sonnet-20241022",  # the best balance
    max_tokens=100,
    messages=[{"role": "user", "content": "Hello"}],
)
print(message.stop_reason)
