"""The last lines of the terminal, drawn again and again while an answer comes; what is above them stays as it is.

The terminal breaks no line while they are drawn, so that they are as many rows as there are lines, whatever it makes of
the width of a character. When it is resized it breaks them anew, so the rows to go up are counted by their widths.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

SYNC, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"  # shown in one piece, where the terminal knows how
UNBROKEN, BROKEN = "\x1b[?7l", "\x1b[?7h"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
CLEAR = "\x1b[J"  # from here to the end of the screen


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line as it is written, and how many cells it is wide."""

    text: str
    width: int


class LiveLines:
    """Lines at the end of what was written, and text that is put above them for good."""

    def __init__(self, write: Callable[[str], object], columns: Callable[[], int]) -> None:
        self._write = write
        self._columns = columns
        self._drawn: list[int] = []
        self._is_open = False

    def draw(self, above: str, lines: Sequence[Drawn]) -> None:
        """Put text above, which ends its lines, and replace the lines below it."""
        below = "\r\n".join(line.text for line in lines)
        cursor = "" if self._is_open else HIDE
        self._is_open = True
        self._write(f"{SYNC}{cursor}{self._back()}{CLEAR}{above}{UNBROKEN}{below}{BROKEN}{SYNC_END}")
        self._drawn = [line.width for line in lines]

    def end(self, above: str = "") -> None:
        """Put text in the place of the lines, and give the cursor back."""
        if self._is_open:
            self._write(f"{SYNC}{self._back()}{CLEAR}{above}{SHOW}{SYNC_END}")
        elif above:
            self._write(above)
        self._drawn, self._is_open = [], False

    def _back(self) -> str:
        """Return what moves the cursor to the beginning of the lines."""
        up = rows(self._drawn, self._columns()) - 1
        return f"\r\x1b[{up}A" if up > 0 else "\r"


def rows(widths: Sequence[int], columns: int) -> int:
    """Return how many rows lines of these widths take in a terminal of so many columns."""
    return sum(max(1, -(-width // max(1, columns))) for width in widths)
