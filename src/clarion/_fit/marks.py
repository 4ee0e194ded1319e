"""Rules of cache marks: at most four, and the longer-lived before the shorter-lived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.draft import marked

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._fit.draft import Draft

MOST = 4
Mark = dict[str, Any]


def _count(draft: Draft) -> int:
    body, system = draft.body, draft.body.get("system")
    count = draft.survey.marks + ("cache_control" in body)
    for place in (body.get("tools"), system if isinstance(system, list) else None):
        count += sum("cache_control" in item for item in place or ())
    return count


def are_too_many(draft: Draft) -> bool:
    return _count(draft) > MOST


def keep_first_and_last(draft: Draft) -> str:
    total = sum(1 for _ in marked(draft.body))
    _rewrite(draft, lambda index, mark: mark if index == 0 or index > total - MOST else None)
    return f"there are {total} cache marks and {MOST} are allowed: the first and the last {MOST - 1} stay"


def are_out_of_order(draft: Draft) -> bool:
    if not _count(draft):
        return False
    spans = [item["cache_control"].get("ttl", "5m") for item in marked(draft.body)]
    return "1h" in spans and "1h" in spans[spans.index("5m") :] if "5m" in spans else False


def shorten_later(draft: Draft) -> str:
    spans = [item["cache_control"].get("ttl", "5m") for item in marked(draft.body)]
    first_short = spans.index("5m")
    _rewrite(draft, lambda index, mark: {**mark, "ttl": "5m"} if index > first_short else mark)
    return "a cache mark of one hour cannot follow one of five minutes: the later ones became five minutes"


def _rewrite(draft: Draft, change: Callable[[int, Mark], Mark | None]) -> None:
    """Replace every mark, in the order of the prompt, by what `change` makes of its index and itself."""
    index = -1

    def rewritten(item: dict[str, Any]) -> dict[str, Any]:
        nonlocal index
        if not item.get("cache_control"):
            return item
        index += 1
        mark = change(index, item["cache_control"])
        rest = {name: value for name, value in item.items() if name != "cache_control"}
        return rest if mark is None else {**rest, "cache_control": mark}

    body = draft.body
    if body.get("tools"):
        body["tools"] = list(map(rewritten, body["tools"]))
    if isinstance(body.get("system"), list):
        body["system"] = list(map(rewritten, body["system"]))
    draft.replace_messages(
        message
        if isinstance(message["content"], str)
        else {**message, "content": list(map(rewritten, message["content"]))}
        for message in draft.messages
    )
    draft.body = rewritten(body)
