from dataclasses import dataclass

from anthropic import Anthropic


@dataclass
class Config:
    model: str = 'claude-3-opus-latest'
    max_tokens: int = 100


def ask(client: Anthropic, prompt: str, config: Config) -> int:
    reply = client.messages.create(
        model=config.model, max_tokens=config.max_tokens, messages=[{"role": "user", "content": prompt}]
    )
    return reply.usage.output_tokens


print(ask(Anthropic(), "Hello", Config()))
