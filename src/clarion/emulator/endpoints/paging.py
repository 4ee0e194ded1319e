"""Lists a page at a time: models and batches by the id before or after it, files and limits by a cursor."""

from __future__ import annotations

from typing import Any

from clarion.emulator.wire import invalid

__all__ = ["PAGE", "cursor_page", "page"]

SIZE = 20
MAX_SIZE = 1000
PAGE = "page_"  # begins a cursor


def page(items: dict[str, dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    """Return the page of a list that a query asks for, as the API wraps it. `items` are by id, in order."""
    ids, has_more = _ids(list(items), query)
    return {
        "data": [items[one] for one in ids],
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def cursor_page(ids: list[str], query: dict[str, list[str]], size: int = SIZE) -> tuple[set[str], str | None]:
    """Return the ids of the page that is asked for, of so many unless a limit is, and the cursor of the next."""
    text = query.get("limit", [str(size)])[-1]
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_SIZE:
        raise invalid("limit", f"Input should be between 1 and {MAX_SIZE}")
    cursor = query.get("page", [""])[-1]
    last = cursor.removeprefix(PAGE)
    if cursor and last not in ids:
        raise invalid("page", f"not a cursor of this list: '{cursor}'")
    start = ids.index(last) + 1 if cursor else 0
    end = start + int(text)
    return set(ids[start:end]), f"{PAGE}{ids[end - 1]}" if end < len(ids) else None


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
