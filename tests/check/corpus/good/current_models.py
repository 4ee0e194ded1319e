from anthropic import Anthropic

MODELS = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"]
FALLBACK_MODEL = "claude-haiku-4-5"

client = Anthropic()
for model in MODELS:
    print(client.messages.create(model=model, max_tokens=50, messages=[{"role": "user", "content": "Hi"}]).model)
