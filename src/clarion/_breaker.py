"""A circuit breaker: when a model fails too often, stop asking it for a while, and let one call find out how it is.

    closed ── too many failures in the window ──▶ open ── `pause` seconds ──▶ half open ── success ──▶ closed
                                                   ▲                              │
                                                   └────────── failure ───────────┘

Time is an argument. One breaker serves all threads and tasks of a service, each model by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from clarion._errors import InvalidSettingError
from clarion._numbers import is_float, is_whole


@dataclass(slots=True)
class _Circuit:
    """How one model fares: its last outcomes (True: failed), until when it is left alone, whether a probe is out."""

    failed: deque[bool]
    open_until: float | None = None
    is_probed: bool = False


@dataclass(slots=True, kw_only=True)
class CircuitBreaker:
    """When to stop asking a model: pass one to a service.

    It opens when, of the last `window` calls to a model, at least `least` have failed for a reason on the server's side
    and their share is at least `rate`; after `pause` seconds one call is let through. Raises InvalidSettingError.
    """

    rate: float = 0.5
    window: int = 20
    least: int = 5
    pause: float = 30.0
    _circuits: dict[str, _Circuit] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if not is_float(self.rate) or not 0 < self.rate <= 1:
            raise InvalidSettingError(f"the rate of a CircuitBreaker must be above 0 and up to 1; got {self.rate!r}")
        if not is_whole(self.window, 1) or not is_whole(self.least, 1) or self.least > self.window:
            raise InvalidSettingError(
                "least and window of a CircuitBreaker must be whole numbers, least from 1 to window; "
                f"got least={self.least!r} and window={self.window!r}"
            )
        if not is_float(self.pause) or self.pause <= 0:
            raise InvalidSettingError(f"the pause of a CircuitBreaker must be above 0 seconds; got {self.pause!r}")

    def bar(self, model: str, now: float) -> float | None:
        """Return for how many seconds the model should be left alone; None if it may be asked."""
        with self._lock:
            circuit = self._circuit(model)
            if circuit.open_until is None:
                return None
            if now < circuit.open_until:
                return circuit.open_until - now
            if circuit.is_probed:
                return self.pause
            circuit.is_probed = True
            return None

    def record(self, model: str, now: float, *, failed: bool) -> None:
        """Take note of how a call that was let through has ended."""
        with self._lock:
            circuit = self._circuit(model)
            if circuit.open_until is not None:
                self._settle_probe(circuit, now, failed=failed)
                return
            circuit.failed.append(failed)
            failures = sum(circuit.failed)
            if failures >= self.least and failures >= self.rate * len(circuit.failed):
                circuit.open_until = now + self.pause

    def forget(self, model: str) -> None:
        """Take note that a call that was let through has ended without telling anything of the model."""
        with self._lock:
            self._circuit(model).is_probed = False

    def _settle_probe(self, circuit: _Circuit, now: float, *, failed: bool) -> None:
        if not circuit.is_probed:  # a call from before it opened
            return
        circuit.is_probed = False
        circuit.open_until = now + self.pause if failed else None
        circuit.failed.clear()

    def _circuit(self, model: str) -> _Circuit:
        return self._circuits.setdefault(model, _Circuit(deque(maxlen=self.window)))
