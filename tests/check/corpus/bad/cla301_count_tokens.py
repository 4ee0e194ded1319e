from anthropic import Anthropic

client = Anthropic()
MODEL = "claude-opus-5-5"


def ask(prompt: str) -> object:
    return client.messages.create(model=MODEL, max_tokens=100, messages=[{"role": "user", "content": prompt}])


print(client.count_tokens("How long is this?") > 3)
