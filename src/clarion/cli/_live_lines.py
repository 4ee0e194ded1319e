"""The last lines of the terminal, drawn again and again; what is above them stays as it is.

The terminal breaks no line while they are drawn, so that they are as many rows as there are lines, whatever it makes of
the width of a character. In between the cursor waits where they begin: a terminal that is resized keeps it there,
however it breaks the lines anew, and where it loses rows, it drops those below the cursor first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

SYNC, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"  # shown in one piece, where the terminal knows how
UNBROKEN, BROKEN = "\x1b[?7l", "\x1b[?7h"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
CLEAR = "\r\x1b[K\x1b[C\x1b[J\r"  # this line and all below, and not from the first cell: then tmux keeps them


class LiveLines:
    """Lines at the end of what was written, and text that is put above them for good."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._is_open = False

    def draw(self, above: str, lines: Sequence[str]) -> None:
        """Put text above, which ends its lines, and replace the lines below it; they must not be more than rows."""
        cursor = "" if self._is_open else HIDE
        back = f"\r\x1b[{len(lines) - 1}A" if len(lines) > 1 else "\r"
        below = "\r\n".join(lines)
        self._is_open = True
        self._write(f"{SYNC}{cursor}{CLEAR}{above}{UNBROKEN}{below}{BROKEN}{back}{SYNC_END}")

    def end(self, above: str = "") -> None:
        """Put text in the place of the lines, and give the cursor back."""
        if self._is_open:
            self._write(f"{SYNC}{CLEAR}{above}{SHOW}{SYNC_END}")
        elif above:
            self._write(above)
        self._is_open = False
