"""How much of a job is in memory at a time: so many rows, or fewer where they are long. Pure."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Fields = TypeVar("Fields", bound=tuple[Any, ...])

ROOM = 16_000_000  # characters


def page(rows: Iterator[Fields], most: int) -> list[Fields]:
    """Take the next rows: so many at most, and no more once the texts in them are as long as there is room for."""
    return list(islice(_filling(rows), most))


def _filling(rows: Iterable[Fields]) -> Iterator[Fields]:
    room = ROOM
    for row in rows:
        yield row
        room -= sum(len(field) for field in row if isinstance(field, str))
        if room <= 0:
            return
