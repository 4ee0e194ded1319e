"""Rules of the small fields: geography, speed, metadata, stop sequences and cache marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.call import Call, blocks_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_geography", "check_marks", "check_metadata", "check_speed", "check_stop_sequences"]

FAST_BETA = "fast-mode-2026-02-01"
MAX_USER_ID = 256  # characters
MAX_MARKS = 4


def check_geography(call: Call) -> None:
    """Refuse `inference_geo` on models that run where they run."""
    if call.body.get("inference_geo") and not call.model.geo:
        raise invalid("inference_geo", "not supported for this model")


def check_speed(call: Call) -> None:
    """Refuse speed `fast` where the model has none, or where it takes a beta header that is missing."""
    is_open = call.model.fast in {"yes", "ignored"} or (call.model.fast == "beta" and FAST_BETA in call.betas)
    if call.body.get("speed") == "fast" and not is_open:
        raise invalid("speed", "'fast' is not supported for this model")


def check_metadata(call: Call) -> None:
    """Refuse a user id that is too long."""
    user_id = (call.body.get("metadata") or {}).get("user_id") or ""
    if len(user_id) > MAX_USER_ID:
        raise invalid("metadata.user_id", f"String should have at most {MAX_USER_ID} characters")


def check_stop_sequences(call: Call) -> None:
    """Refuse stop sequences that are blank."""
    for sequence in call.body.get("stop_sequences") or ():
        if not sequence.strip():
            raise invalid("stop_sequences", "each stop sequence must contain non-whitespace")


def check_marks(call: Call) -> None:
    """Refuse too many cache marks, and a long one after a short one."""
    marks = list(_marks(call))
    if len(marks) > MAX_MARKS:
        raise invalid("", f"A maximum of {MAX_MARKS} blocks with cache_control may be provided. Found {len(marks)}.")
    spans = [mark.get("ttl", "5m") for mark in marks]
    if spans != sorted(spans):  # "1h" sorts before "5m"
        raise invalid("", "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")


def _marks(call: Call) -> Iterator[dict[str, Any]]:
    """Yield the marks in the order of the prompt: tools, system, messages, the automatic one last."""
    system = blocks_of(call.body.get("system") or [])
    places = [*call.tools, *system, *(block for _, block in call.blocks()), call.body]
    for place in places:
        if mark := place.get("cache_control"):
            yield mark
