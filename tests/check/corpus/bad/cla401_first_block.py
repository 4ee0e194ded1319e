from anthropic import Anthropic


def ask(prompt: str) -> str:
    reply = Anthropic().messages.create(
        model="claude-opus-5-5",
        max_tokens=2000,
        messages=[{"role": "user", "content": prompt}],
        thinking={"type": "adaptive", "display": "summarized"},
    )
    return reply.content[0].text


print(ask("Hello").upper())
