"""What stands at the door of a service: the circuit breaker, if there is one, asked before and told after each call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from clarion._errors import CircuitOpenError
from clarion._failure import Failure

if TYPE_CHECKING:
    from clarion._breaker import CircuitBreaker
    from clarion._reply import Reply
    from clarion._steps import Send


class Guard:
    """Asks the breaker whether a call may be made, and tells it how it went."""

    def __init__(self, breaker: CircuitBreaker | None) -> None:
        self._breaker = breaker

    def bar(self, send: Send) -> Failure | None:
        """Return why a call must not be made; None if it may."""
        if self._breaker is None:
            return None
        model, now = send.body["model"], time.monotonic()
        seconds = self._breaker.bar(model, now)
        if seconds is None:
            return None
        error = CircuitOpenError(model, seconds)
        return Failure(kind="circuit", message=str(error), started=now, ended=now, error=error)

    def settle(self, send: Send, came: Reply | Failure | None) -> None:
        """Tell how a call went that was made; None where it was abandoned."""
        if self._breaker is None:
            return
        model = send.body["model"]
        if came is None or (isinstance(came, Failure) and not (came.is_the_servers and _had_its_time(send, came))):
            self._breaker.forget(model)
        else:
            self._breaker.record(model, time.monotonic(), failed=isinstance(came, Failure))


def _had_its_time(send: Send, failure: Failure) -> bool:
    """Whether a call failed before the deadline of its turn cut it off."""
    return send.left is None or failure.ended - failure.started < send.left
