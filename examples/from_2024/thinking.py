"""Extended thinking: a budget, as it was asked for in 2024."""

from adjusted import show

from clarion import ClaudeService

client = ClaudeService()


def complex_reasoning(problem: str) -> dict[str, str]:
    response = client.complete(
        [{"role": "user", "content": problem}],
        model="claude-3-5-sonnet-20241022",
        max_tokens=16000,
        thinking={"type": "enabled", "budget_tokens": 10000},
    )
    show(response)
    return {"thinking": response.thinking, "response": response.text}


print(complex_reasoning("Is 2027 a prime number?"))
