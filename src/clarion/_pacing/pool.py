"""Whose limits a request uses: those of its model, or of the fast mode of its model, which has tokens of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FAST = ", fast"


def group_of(body: Mapping[str, Any]) -> str:
    """Return the name of the limits that a request uses."""
    model: str = body["model"]
    return model + FAST if body.get("speed") == "fast" else model


def is_fast(group: str) -> bool:
    """Whether limits are those of fast mode."""
    return group.endswith(FAST)
