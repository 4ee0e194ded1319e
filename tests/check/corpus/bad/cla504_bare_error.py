import anthropic


def check(status: int) -> None:
    if status >= 500:
        raise anthropic.APIConnectionError("Server error")


check(503)
