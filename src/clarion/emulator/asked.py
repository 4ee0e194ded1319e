"""A request as it came, and those who may answer it in the emulator's place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.emulator.exchange import Exchange
    from clarion.emulator.wire import Response, Stamp

__all__ = ["Answerer", "Asked", "Emulate"]

Emulate = Callable[[], "Response"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as bytes; `target` is the path with its query, `exchange` its place in the log."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    stamp: Stamp
    now: datetime
    exchange: Exchange


class Answerer(Protocol):
    """Somebody who answers in the emulator's place, such as a recording."""

    @property
    def is_slow(self) -> bool:
        """True when answers may have to be waited for, so that an event loop should not be the one who waits."""
        ...

    def restart(self) -> None:
        """Begin anew, as if nothing had been asked."""
        ...

    def answer(self, asked: Asked, emulate: Emulate) -> Response:
        """Answer, or leave it to the emulator: `emulate()` is what it would say.

        Raises:
            ConnectionLost: There is no answer.

        """
        ...
