"""Whether a blocking call would stop an event loop."""

from __future__ import annotations

import asyncio
import sys


def is_blocked_here() -> bool:
    """Whether this thread runs an event loop that a blocking call would stop. A notebook's does not count."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return not _is_notebook()


def _is_notebook() -> bool:
    """Whether this is an IPython kernel, whose loop every cell blocks anyway."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
