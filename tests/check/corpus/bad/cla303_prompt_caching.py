from anthropic import Anthropic

client = Anthropic()
reply = client.beta.prompt_caching.messages.create(
    model="claude-opus-5-5",
    max_tokens=100,
    system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.usage.cache_read_input_tokens)
