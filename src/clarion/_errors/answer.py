"""What is wrong with an answer, or with the turn it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._errors.root import ClarionError
from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarion._completion import Completion


class AnswerError(ClarionError):
    """The server answered, but not with a finished message. Carries the `request_id`, if there was one.

    Way out: ask again; if it stays, show the `request_id` to the API's support.
    """

    def __init__(self, message: str, *, request_id: str | None) -> None:
        super().__init__(f"{message} (request id: {request_id})" if request_id else message)
        self.request_id = request_id


class NotAMessageError(AnswerError):
    """Status 200 and a body that is no message: HTML of a proxy, nothing, half a JSON text.

    `body` holds the first bytes of what came.

    Way out: look at `body`, and check `ANTHROPIC_BASE_URL` and the proxies in between.
    """

    def __init__(self, why: str, *, body: bytes, request_id: str | None) -> None:
        came = body[:80].decode("utf-8", "replace")
        super().__init__(
            f"the answer is not a message: {why}; it starts with {came!r}. "
            "If a proxy stands in between, check ANTHROPIC_BASE_URL",
            request_id=request_id,
        )
        self.body = body[:4096]


class StreamInterrupted(AnswerError):
    """A stream that failed, or that ended without `message_stop`.

    `text` is the text that had come, `error_type` the API's own name of the failure
    (`overloaded_error`, ...) where it gave one.

    Way out: take `text`, or ask again; `resume=True` and more `attempts` let Clarion do it.
    """

    def __init__(self, why: str, *, text: str, request_id: str | None, error_type: str | None = None) -> None:
        super().__init__(
            f"the stream broke off after {number_of(len(text), 'character')}: {why}", request_id=request_id
        )
        self.text = text
        self.error_type = error_type


class UnfinishedStreamError(ClarionError, RuntimeError):
    """A stream was asked for its completion before it had been read to its end.

    `text` is what had come so far.

    Way out: iterate to the end, call `finish()`, or take `text`.
    """

    def __init__(self, text: str) -> None:
        super().__init__(
            "the stream has not been read to its end, so there is no completion: "
            "go on iterating, call finish(), or use `.text` for what has come so far"
        )
        self.text = text


class RefusalError(ClarionError):
    """The model refused to answer. `category` and `explanation` are the API's, `completion` is what came with it.

    Way out: ask otherwise, or another model (`RetryPolicy(fallback_models=...)`); the same one refuses again.
    """

    def __init__(self, completion: Completion) -> None:
        details = completion.replies[-1].message.get("stop_details") or {}
        self.completion = completion
        self.category: str | None = details.get("category")
        self.explanation: str | None = details.get("explanation")
        reasons = ", ".join(filter(None, (self.category, self.explanation)))
        super().__init__(f"{completion.model} refused to answer{f' ({reasons})' if reasons else ''}")


class DeadlineError(ClarionError, TimeoutError):
    """A turn was not over after `deadline` seconds.

    `completion` is what the turn had come to, None if nothing had come; `text` the beginning of an answer that had not
    come whole. `messages` is the transcript to go on from: every tool that was run has its result there, and calls
    that were not run say so. The error of the last attempt, if it failed, is the cause.

    Way out: go on from `messages`, or raise `deadline`.
    """

    def __init__(
        self,
        seconds: float,
        *,
        completion: Completion | None,
        messages: Sequence[Mapping[str, Any]],
        text: str = "",
    ) -> None:
        super().__init__(f"the turn was not over after {seconds:g} s: raise deadline, or go on from its messages")
        self.seconds = seconds
        self.completion = completion
        self.messages: list[Any] = list(messages)
        self.text = text


class RoundLimitError(ClarionError):
    """The model went on calling tools for `max_rounds`.

    `completion` is what the turn had come to; `messages` is the transcript to go on from, in which the last calls are
    answered as not run.

    Way out: go on from `messages`, or raise `max_rounds`.
    """

    def __init__(self, completion: Completion, rounds: int, unrun: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(
            f"{completion.model} still calls tools after {number_of(rounds, 'round')}: "
            "raise max_rounds, or go on from its messages"
        )
        self.completion = completion
        self.messages: list[Any] = [*completion.messages, {"role": "user", "content": [*unrun]}]


class BatchError(ClarionError):
    """Some prompts of a batch failed.

    `results` has a completion or an exception for every prompt, in the order of the prompts:
    nothing that succeeded is lost.

    Way out: take what is good from `results`, and ask the rest again.
    """

    def __init__(self, results: Sequence[Completion | Exception]) -> None:
        failures = [result for result in results if isinstance(result, Exception)]
        super().__init__(f"{len(failures)} of {number_of(len(results), 'prompt')} failed; the first: {failures[0]}")
        self.results = tuple(results)
        self.failures = tuple(failures)
