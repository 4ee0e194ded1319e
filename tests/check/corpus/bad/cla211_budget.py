from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-opus-5-5",
    max_tokens=16000,
    thinking={
        "type": "enabled",
        "budget_tokens": 10_000,
    },
    messages=[{"role": "user", "content": "Why?"}],
)
print([block.type for block in reply.content])
