"""The production service class: one configuration for all calls, and everything about a completion."""

from typing import Any

from adjusted import show

from clarion import ClaudeConfig, ClaudeService

config = ClaudeConfig(
    model="claude-3-5-sonnet-20241022", max_tokens=1024, temperature=1.0, system="You answer in one sentence."
)
service = ClaudeService(config=config)


def complete(messages: list[dict[str, Any]], config: ClaudeConfig | None = None) -> dict[str, Any]:
    completion = service.complete(messages, config=config)
    show(completion)
    return completion.to_dict()


answer = complete([{"role": "user", "content": "What is a monad?"}])
print({key: answer[key] for key in ("text", "model", "usage", "stop_reason")})

print(service.count_tokens("How many tokens is this?"), "tokens")
