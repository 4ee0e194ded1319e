from anthropic import Anthropic, RateLimitError
from tenacity import retry, retry_if_exception, retry_if_exception_type, stop_after_attempt


@retry(stop=stop_after_attempt(3), retry=retry_if_exception_type(RateLimitError))
def one() -> None:
    Anthropic()


@retry(stop=stop_after_attempt(3), retry=retry_if_exception(lambda error: isinstance(error, RateLimitError)))
def two() -> None:
    Anthropic()


@retry(stop=stop_after_attempt(3), retry=lambda state: isinstance(state.outcome.exception(), RateLimitError))
def three() -> None:
    Anthropic()


one(), two(), three()
