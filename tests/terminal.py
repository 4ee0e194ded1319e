"""A real pseudo-terminal with a program in it, whose screen can be read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import pyte

PATIENCE = 30.0  # seconds that a busy machine is waited for


class _Screen(pyte.HistoryScreen):
    """A screen that says where the cursor is, when it is asked."""

    answer: Callable[[str], object]

    def write_process_input(self, data: str) -> None:
        self.answer(data)


class Terminal:
    """Runs `python -m clarion` in a terminal of so many columns and rows, and answers what it asks of the terminal."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], *, columns: int, rows: int) -> None:
        self._screen = _Screen(columns, rows, history=10_000)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        self._screen.answer = lambda answer: os.write(self._master, answer.encode())
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "clarion", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        """Press these keys."""
        data = text.encode()
        while data:
            self._read(0)
            if select.select([], [self._master], [], PATIENCE)[1]:
                data = data[os.write(self._master, data[:512]) :]

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal as wide and as high."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)

    def until(self, is_seen: str | Callable[[list[str]], bool]) -> list[str]:
        """Wait until something is seen, and return all lines, those that have gone out of sight too."""
        claim = (lambda lines: any(is_seen in line for line in lines)) if isinstance(is_seen, str) else is_seen
        end = time.monotonic() + PATIENCE
        while not claim(self.lines) and time.monotonic() < end and self._read(0.2):
            continue
        assert claim(self.lines), "\n".join([f"not seen: {is_seen!r}", *self.lines])
        return self.lines

    def clear(self) -> None:
        """Forget what was written, and have the program clear the screen."""
        self._screen.history.top.clear()
        self._screen.erase_in_display(2)
        self.type("\x0c")

    def ended(self) -> int:
        """Wait for the end of the program, and return its exit code."""
        while self._read(PATIENCE):
            continue
        return self.process.wait(PATIENCE)

    @property
    def lines(self) -> list[str]:
        """All lines, those that have gone out of sight too, without blanks at their ends."""
        above = ["".join(line[x].data for x in range(self._screen.columns)) for line in self._screen.history.top]
        return [line.rstrip() for line in [*above, *self._screen.display]]

    def _read(self, seconds: float) -> bool:
        """Take in what was written; return whether the program still has the terminal open."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # how Linux says that nobody has it open any more
            return False
        self._stream.feed(data)
        return bool(data)
