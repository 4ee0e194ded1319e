"""Telling the user of adjustments, as warnings: each kind once, and at the line of the user's own code."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import TYPE_CHECKING

from clarion._errors import AdjustmentWarning

if TYPE_CHECKING:
    from clarion._fit import Adjustment


class Notices:
    """What has been told already. Safe to share between threads."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def tell(self, adjustments: tuple[Adjustment, ...]) -> None:
        """Warn of what was changed, or must be soon, unless that kind has been told."""
        for adjustment in adjustments:
            if adjustment.kind != "noted" and self._is_new(adjustment.rule):
                warnings.warn(str(adjustment), AdjustmentWarning, stacklevel=_depth())

    def _is_new(self, rule: str) -> bool:
        with self._lock:
            is_new = rule not in self._told
            self._told.add(rule)
        return is_new


def _depth() -> int:
    """Return how many frames up the first one is that is not Clarion's."""
    depth = 1
    frame = sys._getframe(1)  # noqa: SLF001 -- the documented way to the caller, as `warnings` itself goes
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("clarion."):
        frame = frame.f_back
        depth += 1
    return depth
