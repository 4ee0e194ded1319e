"""Lists a page at a time, by the id before or after it: models and batches are listed so."""

from __future__ import annotations

from typing import Any

from clarion.emulator.wire import invalid

__all__ = ["page"]

SIZE = 20
MAX_SIZE = 1000


def page(items: dict[str, dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    """Return the page of a list that a query asks for, as the API wraps it. `items` are by id, in order."""
    ids, has_more = _ids(list(items), query)
    return {
        "data": [items[one] for one in ids],
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def _ids(ids: list[str], query: dict[str, list[str]]) -> tuple[list[str], bool]:
    """Return the ids after or before a cursor, and whether more lie beyond them in that direction."""
    size = _size(query)
    after, before = (query.get(name, [None])[-1] for name in ("after_id", "before_id"))
    if after and before:
        raise invalid("", "only one of `before_id` and `after_id` may be given")
    for name, cursor in (("after_id", after), ("before_id", before)):
        if cursor and cursor not in ids:
            raise invalid(name, f"there is no '{cursor}' in this list")
    if before:
        rest = ids[: ids.index(before)]
        return rest[-size:], len(rest) > size
    rest = ids[ids.index(after) + 1 :] if after else ids
    return rest[:size], len(rest) > size


def _size(query: dict[str, list[str]]) -> int:
    text = query.get("limit", [str(SIZE)])[-1]
    if not text.isascii() or not text.isdigit():
        raise invalid("limit", "Input should be a valid integer")
    if not 1 <= int(text) <= MAX_SIZE:
        raise invalid("limit", f"Input should be between 1 and {MAX_SIZE}")
    return int(text)
