"""The name of a worker in the journal, and whether one is known to be dead.

A process that was killed does not say so. On the machine where it ran its number tells: if no process has it any more,
its leases need not be waited for. A number may have been given to another process since, then its leases run out.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

LEASE = 60.0  # seconds that a worker is taken for alive after it was last heard of
BEAT = 10.0  # seconds between two signs of life


def here() -> str:
    """Return what names this machine, or this container: only here do process numbers mean anything."""
    namespace = Path("/proc/self/ns/pid")
    return f"{platform.node()}/{namespace.readlink() if namespace.is_symlink() else ''}"


def name() -> str:
    """Return the name of this process as a worker."""
    return f"{here()}/{os.getpid()}"


def is_dead(worker: str) -> bool:
    """Tell whether a worker ran on this machine and surely does not any more."""
    place, _, number = worker.rpartition("/")
    if place != here() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and somebody else's
        return False
    return False
