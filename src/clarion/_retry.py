"""What to do about a failed call: wait and try again, ask another model, or give up. Pure.

Back-off is exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015): a wait is
drawn evenly between nothing and base x 2^n, up to a cap, so that callers that failed together do not come back
together. What the server asks for (`retry-after`) is obeyed, unless it is past the deadline: then waiting would be in
vain, and the call fails at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._brief import brief
from clarion._errors import InvalidSettingError
from clarion._failure import TEMPORARY
from clarion._numbers import is_float
from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._failure import Failure

SPREAD = 0.1  # of a `retry-after`, added at most, so that callers do not all come back at its very end


def _are_names(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(name, str) for name in value)


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "attempts": (lambda v: is_float(v) and v >= 1, "a number from 1"),
    "deadline": (lambda v: is_float(v) and v >= 0, "a number from 0"),
    "base": (lambda v: is_float(v) and v >= 0, "a number from 0"),
    "cap": (lambda v: is_float(v) and v >= 0, "a number from 0"),
    "overloads": (lambda v: is_float(v) and v >= 1, "a number from 1"),
    "statuses": (lambda v: isinstance(v, frozenset | set), "a set of HTTP statuses"),
    "fallback_models": (_are_names, "names of models in a tuple"),
    "on_retry": (lambda v: v is None or callable(v), "a function of an Attempt"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of a turn, as it went. `wait` and `latency` are in seconds; `status` is None where none came."""

    model: str
    status: int | None
    request_id: str | None
    wait: float
    latency: float
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RetryPolicy:
    """How persistent a turn is.

    It holds for each call of a turn. `attempts` is how often one model is asked, `deadline` for how many seconds after
    the first attempt another wait is begun. `base` and `cap` bound the waits, in seconds. `statuses` are the HTTP
    statuses after which it asks again, unless the server itself says otherwise (`x-should-retry`) or a spend cap is
    reached; connections that fail, timeouts and streams that break are always tried again. After `overloads` answers
    that the service is overloaded, the next of `fallback_models` is asked, if there is one. `on_retry` is called with
    each attempt that failed and is followed by another. Raises InvalidSettingError.
    """

    attempts: int = 6
    deadline: float = 300.0
    base: float = 0.5
    cap: float = 30.0
    overloads: int = 2
    statuses: frozenset[int] = TEMPORARY
    fallback_models: tuple[str, ...] = ()
    on_retry: Callable[[Attempt], None] | None = None

    __repr__ = brief

    def __post_init__(self) -> None:
        for name, (is_right, wanted) in RULES.items():
            if not is_right(value := getattr(self, name)):
                raise InvalidSettingError(f"{name} of a RetryPolicy must be {wanted}; got {value!r}")

    def covers(self, failure: Failure) -> bool:
        """Whether a failure is one after which to ask again."""
        if failure.kind == "status" and failure.should_retry is None and not failure.is_spend_cap:
            return failure.status in self.statuses
        return failure.is_temporary


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait between `least` and `most` seconds, then try again."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Fallback:
    """Ask the next model."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Raise the failure; `why` says why there is no further attempt, where that is not plain."""

    why: str = ""


Decision = Pause | Fallback | GiveUp


def decide(
    failure: Failure, policy: RetryPolicy, *, attempts: int, overloads: int, elapsed: float, fallbacks: int
) -> Decision:
    """Return what to do about a failure.

    `attempts` and `overloads` count those of this model, this failure included; `elapsed` is how many seconds the turn
    has taken, `fallbacks` how many models are left to ask.
    """
    if failure.kind == "circuit" and fallbacks:
        return Fallback()
    if not policy.covers(failure):
        return GiveUp()
    if failure.is_overload and overloads >= policy.overloads and fallbacks:
        return Fallback()
    left = policy.deadline - elapsed
    if failure.retry_after is not None and failure.retry_after > left:
        if fallbacks:
            return Fallback()
        return GiveUp(f"it would work in {failure.retry_after:.0f} s, past the deadline of {policy.deadline:.0f} s")
    if attempts >= policy.attempts:
        return Fallback() if fallbacks else GiveUp(f"{number_of(attempts, 'attempt')} failed")
    pause = pause_after(failure, policy, attempts)
    if pause.least > left or left <= 0:
        return GiveUp(f"the deadline of {policy.deadline:.0f} s has passed after {number_of(attempts, 'attempt')}")
    return Pause(pause.least, min(pause.most, left))


def pause_after(failure: Failure, policy: RetryPolicy, attempts: int) -> Pause:
    """Return how long to wait after so many attempts."""
    if failure.retry_after is not None:
        return Pause(failure.retry_after, failure.retry_after * (1 + SPREAD))
    return Pause(0.0, min(policy.cap, policy.base * 2 ** (attempts - 1)))
