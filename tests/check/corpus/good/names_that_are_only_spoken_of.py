"""Was written for claude-3-opus-20240229."""

RETIRED_MODELS = {"claude-3-opus-20240229", "claude-2.1"}
SUCCESSORS = {"claude-3-opus-20240229": "claude-opus-5-5"}


def is_old(model: str) -> bool:
    return model == "claude-2.0" or model.startswith("claude-3-") or model in ("claude-3-haiku-20240307",)


assert is_old("claude-2.0"), "claude-2.0 is old"
