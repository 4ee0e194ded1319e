from anthropic import Anthropic

reply = Anthropic().messages.create(
    model="claude-haiku-4-5",
    max_tokens=100,
    messages=[{"role": "user", "content": "JSON, please."}, {"role": "assistant", "content": "{"}],
)
print(reply.stop_reason)
