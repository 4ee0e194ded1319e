from anthropic import Anthropic

reply = Anthropic().messages.create(
    model="claude-haiku-4-5",
    max_tokens=8000,
    thinking={"type": "enabled", "budget_tokens": 4000},
    messages=[{"role": "user", "content": "Why?"}],
)
print(reply.stop_reason)
