"""What the other processes do that share the limits of a group, and whose turn it is to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Work(NamedTuple):
    """What one process does: how many requests draw, and the guess of the one that waits first, since it `came`.

    `came` is None while nothing waits.
    """

    in_flight: int
    came: float | None
    guess: float


class Elsewhere:
    """What all others do together."""

    def __init__(self, others: list[Work]) -> None:
        self.in_flight = sum(work.in_flight for work in others)
        self._heads = [(work.came, work.guess) for work in others if work.came is not None]

    def before(self, came: float) -> float:
        """Return the input tokens, as guessed, of what waits first in other processes and came earlier.

        So much is left to them, so that a big request here or there is not overtaken for ever.
        """
        return sum([guess for since, guess in self._heads if since < came]) if self._heads else 0.0


ALONE = Elsewhere([])


@dataclass(slots=True)
class Turn:
    """Whether it is for this process to decide: always, as long as it is alone. All groups of a pacer look here."""

    is_ours: bool = True
