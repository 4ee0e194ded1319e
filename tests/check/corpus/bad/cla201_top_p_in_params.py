from anthropic import Anthropic

params = {"model": "claude-haiku-5-5", "max_tokens": 100, "top_p": 0.9}
reply = Anthropic().messages.create(messages=[{"role": "user", "content": "Hello"}], **params)
print(reply.usage.output_tokens)
