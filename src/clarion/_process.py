"""The name of a process among those that share a file, and whether one is known to be dead.

A process that was killed does not say so. On the machine where it ran its number tells: if no process has it any more,
it need not be waited for. A number may have been given to another process since; that is for time to tell.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path


def here() -> str:
    """Return what names this machine, or this container: only here do process numbers mean anything."""
    namespace = Path("/proc/self/ns/pid")
    return f"{platform.node()}/{namespace.readlink() if namespace.is_symlink() else ''}"


def name() -> str:
    """Return the name of this process."""
    return f"{here()}/{os.getpid()}"


def is_dead(process: str) -> bool:
    """Tell whether a process ran on this machine and surely does not any more."""
    place, _, number = process.rpartition("/")
    if place != here() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and somebody else's
        return False
    return False
