"""What can go wrong in Clarion itself. Errors of the API keep the SDK's types and pass through.

ClarionError
├── MissingCredentialsError     no way to authenticate was found
├── InvalidSettingError         a setting or an option has a value that cannot be
├── InvalidPromptError          a prompt that cannot become messages
│   └── MediaError              an image or a document that cannot be read or sent
├── UnfitRequestError           a request that its model would refuse, and that may not be adjusted
├── LimitError                  a request that would go over a limit of the caller's, in tokens or money
│   └── BudgetExceeded          a call that a budget per day or month does not allow
├── LedgerError                 a ledger that cannot be opened, read or written
├── DeadlineError               a turn that was not over in time
├── SyncInEventLoopError        a blocking call where it would stop an event loop
├── UnfinishedStreamError       a completion was asked of a stream before its end
├── CircuitOpenError            a model has failed too often, and is left alone for a while
├── RefusalError                the model refused, and there was no other to ask
├── ToolDefinitionError         a function or a schema that cannot be a tool, or two tools of one name
├── UnsupportedSchemaError      a type or a schema that an answer cannot be held to
├── ToolError                   raised by a tool on purpose: its text is for the model
│   └── ToolInputError          the input of a call does not fit its tool
├── InterruptTurn               raised by a tool or an `approve` hook to stop the turn
│   └── MCPServerError          an MCP server that cannot be reached, or has gone
├── OutputError                 the answer is not what `output_type` describes
├── RoundLimitError             the model went on calling tools
├── AnswerError                 the server answered, but not with a finished message
│   ├── NotAMessageError        status 200 and a body that is no message
│   └── StreamInterrupted       a stream that failed or ended before `message_stop`
├── ConversationError           a conversation that cannot go on as it was asked to
│   ├── ConversationFullError   the next turn would not fit the context window
│   ├── ConversationMovedError  somebody else added to it while a turn was answered
│   └── ConversationStoreError  the file it is kept in cannot be read or written
├── DigestError                 a digest that cannot be made
│   ├── DigestStopped           it stopped before its end; what was read is kept
│   └── DigestStoreError        the file it is kept in cannot be used, or another process works on it
├── BatchError                  some prompts of a batch failed, and the caller asked to be told
└── JobError                    a job that cannot be worked on (clarion.bulk)
    ├── JournalError            its file cannot be read or written; what it has recorded is still there
    ├── BadRowsError            rows that cannot be asked, found before anything was paid
    ├── RowError                one row that cannot become a request
    └── JobStopped              going on would not have helped; what was done is recorded

AdjustmentWarning, a UserWarning, tells of a request that was changed to fit its model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from clarion._budget import Budget
    from clarion._completion import Completion
    from clarion._conversation import ConversationTurn
    from clarion._fit import Adjustment


class ClarionError(Exception):
    """The root of every error that Clarion raises by itself.

    Catch it to catch them all. The SDK's own errors are not among them. It can be pickled and copied, with what it
    carries, so that it reaches the parent of a worker process whole.
    """

    def __reduce__(self) -> tuple[Callable[..., ClarionError], tuple[Any, ...], dict[str, Any]]:
        return _as_it_was, (type(self), self.args), self.__dict__


def _as_it_was(kind: type[ClarionError], args: tuple[Any, ...]) -> ClarionError:
    """Return an error without `__init__`, which would word its message anew."""
    error = kind.__new__(kind)
    error.args = args
    return error


class MissingCredentialsError(ClarionError):
    """No API key, token or profile was found: nothing can be sent.

    Way out: set `ANTHROPIC_API_KEY`, log in to a profile, or work offline with `emulate=True`.
    """

    def __init__(self) -> None:
        super().__init__(
            "no credentials for the Claude API: set ANTHROPIC_API_KEY, "
            "or log in to a profile that the SDK finds (ANTHROPIC_PROFILE), "
            "or work offline on the emulator (emulate=True, --emulate or CLARION_EMULATE=1)"
        )


class InvalidSettingError(ClarionError, ValueError):
    """A setting or an option has a value that cannot be; the message names both.

    Way out: correct the setting that the message names, where it was given: argument, environment or clarion.toml.
    """


class InvalidPromptError(ClarionError, ValueError):
    """A prompt that cannot become messages; the message says which part and why.

    Way out: correct the part that the message names.
    """


class MediaError(InvalidPromptError):
    """An image or a document that cannot be read or sent; the message names it and the way out.

    Way out: send another format or fewer pages, install the extra that the message names, or mend the file.
    """


class UnfitRequestError(ClarionError, ValueError):
    """A request that its model would refuse as it is. Nothing was sent.

    `adjustments` has all that would have to be changed; with `adjust="warn"` it is.

    Way out: ask for what the model takes, or let it be adjusted (`adjust="warn"`) where that is possible.
    """

    def __init__(self, adjustments: Sequence[Adjustment]) -> None:
        super().__init__("the request does not fit its model: " + "; ".join(map(str, adjustments)))
        self.adjustments = tuple(adjustments)


class AdjustmentWarning(UserWarning):
    """A request was changed so that its model takes it, or will have to be soon."""


class LimitError(ClarionError):
    """A request that would go over `max_input_tokens` or `max_cost`, and was not sent.

    If it was a later request of a turn, after tools had run, `completion` is what the turn had come to, and `messages`
    the transcript to go on from, with the results of the tools.

    Way out: shorten the prompt, lower `max_tokens`, take a cheaper model, or raise the limit.
    """

    def __init__(
        self,
        message: str,
        *,
        completion: Completion | None = None,
        messages: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.completion = completion
        self.messages = list(messages)


class BudgetExceeded(LimitError):
    """A call that might go over a budget, and was not sent.

    In US dollars: `limit` is that of the `budget`, `spent` what its period has cost so far, `held` what other calls
    under way may cost, `cost` what this one may cost at worst. `resets_at` is when the period ends (UTC). For
    `completion` and `messages`, see LimitError.

    Way out: wait until `resets_at`, lower `max_tokens`, or raise the budget.
    """

    def __init__(self, budget: Budget, *, spent_nano: int, held_nano: int, cost_nano: int, resets_at: datetime) -> None:
        from decimal import Decimal  # here, because a count at the command line has no use for it

        self.budget = budget
        self.limit = Decimal(str(budget.limit))
        self.spent, self.held, self.cost = (Decimal(nano) / 10**9 for nano in (spent_nano, held_nano, cost_nano))
        self.resets_at = resets_at
        held = f", calls under way hold ${self.held:.4f}" if held_nano else ""
        super().__init__(
            f"the budget of {budget} does not allow a call of up to ${self.cost:.4f}: "
            f"${self.spent:.4f} are spent{held}; it begins anew at {resets_at:%Y-%m-%d %H:%M} UTC. "
            "A smaller max_tokens makes the call cheaper at worst"
        )


class LedgerError(ClarionError):
    """A ledger cannot be opened, read or written; the message names it and the way out.

    Way out: give a path that can be written, or do without a ledger.
    """


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


class SyncInEventLoopError(ClarionError, RuntimeError):
    """A blocking call in a thread that runs an event loop, which it would stop.

    Way out: await AsyncClaudeService, or call it in a thread (`asyncio.to_thread`).
    """

    def __init__(self, method: str) -> None:
        super().__init__(
            f"ClaudeService.{method}() would block the event loop that runs in this thread: "
            f"await AsyncClaudeService.{method}() instead, call it through asyncio.to_thread(), "
            "or pass ClaudeService(allow_in_event_loop=True)"
        )
        self.method = method


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


class CircuitOpenError(ClarionError):
    """The model has failed too often of late, and is not asked for `seconds` more.

    Way out: wait for `seconds`, or name `fallback_models`.
    """

    def __init__(self, model: str, seconds: float) -> None:
        super().__init__(f"{model} has failed too often of late: it will be asked again in {seconds:.0f} s")
        self.model = model
        self.seconds = seconds


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


class ConversationError(ClarionError):
    """A conversation that cannot go on as it was asked to; the message names it and the way out.

    Way out: correct what the message names: a name that is taken, or not there.
    """


class ConversationFullError(ConversationError):
    """The next turn would have `tokens` input tokens, over the `full_at` at which the conversation counts as full.

    Nothing of the turn was sent.

    Way out: open it with `on_full="summarize"`, or begin a new one.
    """

    def __init__(self, why: str, *, tokens: int, full_at: int) -> None:
        super().__init__(why)
        self.tokens = tokens
        self.full_at = full_at


class ConversationMovedError(ConversationError):
    """Somebody else added a turn to the conversation while this one was answered, so this one is not part of it.

    Nothing is lost: `turn` is what was not added, given on the first `after` turns, from which `fork(moved=error)` goes
    on apart; `completion` has the answer, None if there was no whole one. Sent again, the prompt goes on from what the
    conversation has become.

    Way out: send the prompt again, or go on apart with `fork(moved=error)`.
    """

    def __init__(self, name: str, *, turn: ConversationTurn, after: int) -> None:
        super().__init__(
            f"the conversation {name!r} went on elsewhere while this turn was answered, so it was not added: "
            "send it again, or go on apart with fork(moved=error)"
        )
        self.name = name
        self.turn = turn
        self.after = after
        self.completion: Completion | None = None


class ConversationStoreError(ConversationError):
    """The file in which conversations are kept cannot be read or written. What it holds is still there.

    Way out: check the path, its rights and the space on the disk.
    """


class DigestError(ClarionError):
    """A digest that cannot be made; the message says why.

    Way out: what the message says; nothing was paid.
    """


class DigestStopped(DigestError):
    """A digest that stopped before its end: by you, by its budget, or because going on would not have helped.

    `done` of `pieces` were read; `cost`, in US dollars, is what it has cost so far (None: not known).

    Way out: mend what the message names, and make the same call again; with a store, it goes on from there.
    """

    def __init__(self, message: str, *, done: int, pieces: int, cost: Decimal | None) -> None:
        super().__init__(message)
        self.done = done
        self.pieces = pieces
        self.cost = cost


class DigestStoreError(DigestError):
    """A store of digests that cannot be opened, read or written, or that another process works on.

    Way out: wait for the other process, mend what the message names, or choose another path.
    """


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
