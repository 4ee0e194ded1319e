from anthropic import Anthropic


def thinking(model: str) -> dict:
    old = model.startswith("claude-haiku-4")
    return {"type": "enabled", "budget_tokens": 2000} if old else {"type": "adaptive"}


def ask(client: Anthropic, model: str) -> str | None:
    return client.messages.create(
        model=model, max_tokens=4000, thinking=thinking(model), messages=[{"role": "user", "content": "Why?"}]
    ).stop_reason


print(ask(Anthropic(), "claude-haiku-4-5"), ask(Anthropic(), "claude-opus-5-5"))
