"""What is typed, or pasted, before there is a line to write in: it waits, unseen and whole, for the first one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

MARK_PASTES = "\x1b[?2004h"


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Keep what is typed from being echoed, and from being cut into lines. Ctrl-C still interrupts."""
    if sys.platform == "win32":
        yield
        return
    import termios

    before = termios.tcgetattr(sys.stdin)
    changed = [*before]
    changed[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin, termios.TCSANOW, changed)
    sys.stdout.write(MARK_PASTES)
    sys.stdout.flush()
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
