from anthropic import AnthropicBedrock


def ask(prompt: str) -> object:
    return AnthropicBedrock().messages.create(
        model="us.anthropic.claude-3-5-sonnet-20241022-v2:0",
        max_tokens=100,
        messages=[{"role": "user", "content": prompt}],
    )
