"""Several processes that do the same at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROCESSES = 8


def together(*command: str, path: Path, calls: int) -> None:
    """Run Python this often at once, with the path of a file, the number of the process, and how often to do it."""
    running = [
        subprocess.Popen([sys.executable, *command, str(path), str(number), str(calls)]) for number in range(PROCESSES)
    ]
    assert [process.wait(60) for process in running] == [0] * PROCESSES
