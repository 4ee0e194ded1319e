from anthropic import Anthropic

MODELS = {"careful": "claude-opus-5-5", "usual": "claude-sonnet-4-5-20250929"}


def client() -> Anthropic:
    return Anthropic()
