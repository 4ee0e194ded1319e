from anthropic import Anthropic

client = Anthropic()
reply = client.messages.create(
    model="claude-opus-4-6",
    max_tokens=1000,
    output_config={"effort": "xhigh"},
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.stop_reason)
