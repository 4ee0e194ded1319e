"""Basic setup: one question to a retired model."""

from adjusted import show

from clarion import ClaudeService

client = ClaudeService()

message = client.complete(
    "Review this code for security issues:\n```python\nimport pickle\ndata = pickle.loads(user_input)\n```",
    model="claude-3-5-sonnet-20241022",
    max_tokens=1024,
    system="You are a senior software architect specializing in Python.",
)

print(message.text)
show(message)
