from anthropic import Anthropic

reply = Anthropic().messages.create(
    model="claude-opus-5-5",
    max_tokens=8000,
    thinking={"type": "adaptive"},
    output_config={"effort": "xhigh"},
    messages=[{"role": "user", "content": "Why?"}],
)
print(reply.stop_reason)
