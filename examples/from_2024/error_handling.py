"""Error handling: the SDK's own errors, with their request ids, and Clarion's where there was no answer."""

from typing import Any

from adjusted import show
from anthropic import APIConnectionError, APIStatusError, AuthenticationError, RateLimitError

from clarion import AnswerError, ClaudeService, Completion

client = ClaudeService()


def robust_claude(messages: list[dict[str, Any]], system: str = "") -> Completion:
    try:
        return client.complete(
            messages, model="claude-3-5-sonnet-20241022", max_tokens=1024, system=system, timeout=60.0
        )
    except AuthenticationError:
        raise ValueError("Invalid API key") from None
    except (RateLimitError, APIConnectionError):
        raise  # after the retries that made sense
    except AnswerError as error:
        print("No whole answer came:", error)
        raise
    except APIStatusError as error:
        print("The API refused:", error.status_code, error.request_id)
        raise


answer = robust_claude([{"role": "user", "content": "Hello"}])
print(answer.text)
show(answer)

try:
    client.complete("Hello", model="claude-that-never-was")
except APIStatusError as error:
    print("\nRefused as it should be:", error.status_code, error.type, error.request_id)
