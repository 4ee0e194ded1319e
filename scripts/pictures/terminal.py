"""A terminal that is typed into, watched, and drawn: a session of tmux."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 30.0  # seconds


class Terminal:
    """A shell in a terminal of its own, in a folder; ended on leaving."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, columns: int, rows: int) -> None:
        self.columns = columns
        self._session = f"clarion-pictures-{os.getpid()}"
        settings = [f"{name}={value}" for name, value in {**environment, "PS1": "$ "}.items()]
        shell = shlex.join(["env", *settings, "bash", "--norc", "--noprofile", "-i"])
        size = ["-x", str(columns), "-y", str(rows)]
        _tmux("new-session", "-d", "-s", self._session, "-c", str(folder), *size, shell)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        _tmux("kill-session", "-t", self._session)

    def type(self, line: str) -> None:
        """Type a line, and Enter."""
        _tmux("send-keys", "-t", self._session, "-l", line)
        _tmux("send-keys", "-t", self._session, "Enter")

    def wait_for(self, pattern: str) -> None:
        """Wait until a pattern is on the screen. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self._screen().rstrip("\n")):
            if time.monotonic() > end:
                raise TimeoutError(f"no {pattern!r} on the screen:\n{self._screen()}")
            time.sleep(0.1)

    def draw(self, file: Path, title: str) -> None:
        """Draw what is on the screen as SVG, with no font from elsewhere."""
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            console = Console(record=True, width=self.columns, file=nowhere)
            console.print(Text.from_ansi(self._screen("-e").rstrip()), soft_wrap=True)
            svg = console.export_svg(title=title, unique_id=file.stem)
        file.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), "utf-8")

    def _screen(self, *options: str) -> str:
        return _tmux("capture-pane", "-p", *options, "-t", self._session)


def _tmux(*words: str) -> str:
    return subprocess.run(["tmux", *words], check=True, capture_output=True, text=True).stdout  # noqa: S603, S607 -- ours
