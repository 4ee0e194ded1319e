from anthropic import Anthropic

client = Anthropic()
messages = [
    {"role": "user", "content": "An invoice as JSON, please."},
    {"role": "assistant", "content": "{"},
]
reply = client.messages.create(model="claude-opus-5-5", max_tokens=500, messages=messages)
print(reply.stop_reason)
