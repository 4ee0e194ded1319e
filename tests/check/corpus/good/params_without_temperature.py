from anthropic import Anthropic

params = {"model": "claude-opus-5-5", "max_tokens": 100, "temperature": 0.2}
params.pop("temperature")
print(Anthropic().messages.create(messages=[{"role": "user", "content": "Hi"}], **params).stop_reason)

defaults = dict(model="claude-opus-5-5", max_tokens=100, top_p=0.5)
del defaults["top_p"]
print(Anthropic().messages.create(messages=[{"role": "user", "content": "Hi"}], **defaults).stop_reason)
