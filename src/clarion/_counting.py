"""How many input tokens a request has, in the form in which it would be sent: asked of the API, or estimated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion._deadline import Deadline
from clarion._errors import DeadlineError
from clarion._failure import Failure
from clarion._fit import Fitted, fit
from clarion._limits import estimate
from clarion._request import counted
from clarion._retry import GiveUp, Pause, decide
from clarion._steps import Count, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._config import ClaudeConfig
    from clarion._request import Request
    from clarion._steps import Step
    from clarion._tokens import Estimate

    Left = Generator[Step, Any, float | None]


def fitted(request: Request, catalog: Catalog, today: date) -> Fitted:
    """Return a request in the form that its model takes, with all that was adjusted on the way."""
    fitted = fit(request.body(), catalog, today, headers=request.headers(), style=request.config.style)
    return replace(fitted, adjustments=request.adjustments + fitted.adjustments)


def count(request: Request, catalog: Catalog, today: date) -> Generator[Step, Any, int]:
    """Ask the API how many input tokens a request has. Raises DeadlineError, as a turn does."""
    config, deadline = request.config, Deadline(request.config.deadline)
    yield from deadline.begin()

    def left() -> Left:
        seconds = yield from deadline.left()
        if seconds == 0:
            raise DeadlineError(deadline.seconds or 0.0, completion=None, messages=request.messages)
        return seconds

    return (yield from counted_by_api(fitted(request, catalog, today), config, left))


def counted_by_api(form: Fitted, config: ClaudeConfig, left: Callable[[], Left]) -> Generator[Step, Any, int]:
    """Ask until there is a count, by the retry policy; a fallback model would count otherwise, so none is asked.

    `left` tells how many seconds there are left, or raises.
    """
    body, attempts, started = counted(form.body), 0, None
    while True:
        seconds = yield from left()
        came = yield Count(body=body, headers=form.headers, timeout=config.timeout, left=seconds)
        if not isinstance(came, Failure):
            return int(came)
        attempts += 1
        started = came.started if started is None else started
        elapsed = came.ended - started
        decision = decide(came, config.retry, attempts=attempts, overloads=0, elapsed=elapsed, fallbacks=0)
        if not isinstance(decision, Pause):
            if isinstance(decision, GiveUp) and decision.why:
                came.error.add_note(decision.why)
            raise came.error
        seconds = yield from left()
        yield Wait(decision.least, decision.most if seconds is None else min(decision.most, seconds))


def estimated(request: Request, catalog: Catalog, today: date) -> Estimate:
    """Estimate the input tokens of a request, without asking anybody."""
    form = fitted(request, catalog, today)
    return estimate(form.body, form.model)


def at_most(estimate: int) -> int:
    """Return the input tokens that a request surely has no more of, by its offline estimate."""
    return 2 * estimate + 100
