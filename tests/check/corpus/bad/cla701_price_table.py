PRICES_PER_MTOK = {
    "claude-opus-5-5": {"input": 4.0, "output": 20.0},
    "claude-haiku-5-5": {"input": 0.1, "output": 0.5},
}


def cost(model: str, tokens: int) -> float:
    return PRICES_PER_MTOK[model]["input"] * tokens / 1e6


print(cost("claude-opus-5-5", 1000))
