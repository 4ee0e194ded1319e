"""What keeps a request from being sent: settings, prompts, limits, and where it was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._errors.root import ClarionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion._budget import Budget
    from clarion._completion import Completion
    from clarion._fit import Adjustment


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


class CircuitOpenError(ClarionError):
    """The model has failed too often of late, and is not asked for `seconds` more.

    Way out: wait for `seconds`, or name `fallback_models`.
    """

    def __init__(self, model: str, seconds: float) -> None:
        super().__init__(f"{model} has failed too often of late: it will be asked again in {seconds:.0f} s")
        self.model = model
        self.seconds = seconds
