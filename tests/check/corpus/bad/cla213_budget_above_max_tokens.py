from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-haiku-4-5",
    max_tokens=4000,
    messages=[{"role": "user", "content": "Hello"}],
    thinking={"type": "enabled", "budget_tokens": 8000},
)
print(reply.stop_reason)
