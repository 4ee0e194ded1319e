"""How a digest goes, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from clarion._digest.forecast import DigestEstimate

Phase = Literal["reading", "noting", "merging", "answering", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestProgress:
    """Where a digest stands.

    `phase` is what is being done: documents are read and cut, notes are taken, notes are put together, the answer is
    made. Of `pieces`, `done` are read, `failed` could not be, and `reused` were read by an earlier run; of `calls` that
    the phase has, `calls_done` are made and `under_way` not answered yet. `cost` is in US dollars (None: not known);
    `errors` are the last. `stop` begins nothing more; what is under way is seen through.
    """

    phase: Phase
    pieces: int
    done: int
    failed: int
    reused: int
    calls: int
    calls_done: int
    under_way: int
    cost: Decimal | None
    errors: tuple[str, ...]
    stop: Callable[[], None] = field(repr=False)
    forecast: Callable[[], DigestEstimate | None] = field(repr=False)

    @classmethod
    def reading(cls, pieces: int, *, stop: Callable[[], None]) -> DigestProgress:
        """Return where a digest stands that has found so many pieces in its documents until now."""
        return cls(
            phase="reading",
            pieces=pieces,
            done=0,
            failed=0,
            reused=0,
            calls=0,
            calls_done=0,
            under_way=0,
            cost=None,
            errors=(),
            stop=stop,
            forecast=lambda: None,
        )

    @property
    def estimate(self) -> DigestEstimate | None:
        """What is known now of what all will cost; None while documents are read."""
        return self.forecast()
