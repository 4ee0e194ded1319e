"""Durations as people write them: `90s`, `1.5h`, `2d 12h`, `250ms`, or a number of seconds."""

from __future__ import annotations

import math
import re

__all__ = ["seconds"]

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|[smhd])")
NUMBER = re.compile(r"\d+(\.\d+)?")


def seconds(duration: object) -> float:
    """Return a duration in seconds.

    Raises:
        ValueError: It is none.

    """
    if isinstance(duration, int | float) and not isinstance(duration, bool) and 0 <= duration < math.inf:
        return float(duration)
    text = duration.strip() if isinstance(duration, str) else ""
    if NUMBER.fullmatch(text):
        return float(text)
    parts = list(PART.finditer(text))
    if not parts or "".join(part.group() for part in parts) != text:
        raise ValueError(f"{duration!r} is no duration: write 90s, 1.5h, 2d 12h, 250ms, or a number of seconds")
    return sum(float(part[1]) * UNITS[part[2]] for part in parts)
