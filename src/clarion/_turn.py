"""One logical turn, as a generator: it yields what it wants done, is sent what came, and returns the completion.

It decides; the services obey. Nothing here sends, waits or reads a clock, so one turn serves both colours:

    Request ──▶ fit ──▶ yield Tell ──▶ yield Count, near a limit ──▶ yield Send ──▶ return Completion
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clarion._caching import with_marks
from clarion._completion import Completion
from clarion._errors import LimitError, UnfitRequestError
from clarion._fit import Adjustment, Fitted, fit
from clarion._limits import Limits, estimate
from clarion._request import LONGEST_UNSTREAMED, counted

if TYPE_CHECKING:
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._reply import Reply
    from clarion._request import Request
    from clarion._tokens import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send this request, as a stream or in one piece, and answer with the Reply. `timeout` in seconds."""

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None
    stream: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Ask the API how many input tokens this request has, and answer with the number."""

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the user of these adjustments; no answer is needed."""

    adjustments: tuple[Adjustment, ...]


Step = Send | Count | Tell


def at_most(estimate: int) -> int:
    """Return the input tokens that a request surely has no more of, by its offline estimate."""
    return 2 * estimate + 100


Turn = Generator[Step, Any, Completion]


def turn(request: Request, catalog: Catalog, today: date, *, stream: bool) -> Turn:
    """Carry out one turn: fit the request, keep its limits, send it, and complete it with what came.

    Raises UnfitRequestError if it does not fit and may not be adjusted, LimitError if it would go over a limit.
    """
    config = request.config
    fitted = _fitted(request, catalog, today)
    if config.adjust == "strict" and fitted.changes:
        raise UnfitRequestError(fitted.changes)
    if config.adjust == "warn" and fitted.adjustments:
        yield Tell(fitted.adjustments)
    yield from _kept(Limits.of(config, fitted.model), fitted, config.timeout)
    reply: Reply = yield Send(
        body=with_marks(fitted.body, config.cache, fitted.model, lambda body: estimate(body, fitted.model).tokens),
        headers=fitted.headers,
        timeout=config.timeout,
        stream=stream or fitted.body["max_tokens"] > LONGEST_UNSTREAMED,
    )
    sent = replace(request, messages=tuple(fitted.body["messages"]))
    return Completion(request=sent, replies=(reply,), catalog=catalog, adjustments=fitted.adjustments)


def count(request: Request, catalog: Catalog, today: date) -> Generator[Step, Any, int]:
    """Count the input tokens of a request, in the form in which it would be sent."""
    fitted = _fitted(request, catalog, today)
    tokens: int = yield Count(body=counted(fitted.body), headers=fitted.headers, timeout=request.config.timeout)
    return tokens


def estimated(request: Request, catalog: Catalog, today: date) -> Estimate:
    """Estimate the input tokens of a request, in the form in which it would be sent, without asking anybody."""
    fitted = _fitted(request, catalog, today)
    return estimate(fitted.body, fitted.model)


def _fitted(request: Request, catalog: Catalog, today: date) -> Fitted:
    fitted = fit(request.body(), catalog, today, headers=request.headers(), style=request.config.style)
    return replace(fitted, adjustments=request.adjustments + fitted.adjustments)


def _kept(limits: Limits, fitted: Fitted, timeout: float | None) -> Generator[Count, int, None]:
    """Let a request pass that is surely within its limits; where it is not sure, the API's own count decides."""
    if not limits.are_set:
        return
    if unknown := limits.unknown_price(fitted.body):
        raise LimitError(unknown)
    if not limits.breach(at_most(estimate(fitted.body, fitted.model).tokens), fitted.body):
        return
    tokens = yield Count(body=counted(fitted.body), headers=fitted.headers, timeout=timeout)
    if breach := limits.breach(tokens, fitted.body):
        raise LimitError(breach)
