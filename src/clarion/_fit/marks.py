"""Rules of cache marks: at most four, and the longer-lived before the shorter-lived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.draft import is_marked, marked, parts_of, with_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._fit.draft import Draft

MOST = 4
Mark = dict[str, Any]


def _count(draft: Draft) -> int:
    body, system = draft.body, draft.body.get("system")
    count = draft.survey.marks + is_marked(body)
    for place in (body.get("tools"), system if isinstance(system, list) else None):
        count += sum(map(is_marked, place or ()))
    return count


def are_too_many(draft: Draft) -> bool:
    return _count(draft) > MOST


def keep_first_and_last(draft: Draft) -> str:
    marks = _marks(draft)
    _rewrite(draft, fewer(marks))
    return f"there are {len(marks)} cache marks and {MOST} are allowed: the first and the last {MOST - 1} stay"


def are_out_of_order(draft: Draft) -> bool:
    marks = _marks(draft) if _count(draft) else []
    return ordered(marks) != marks


def shorten_later(draft: Draft) -> str:
    _rewrite(draft, ordered(_marks(draft)))
    return "a cache mark of one hour cannot follow one of five minutes: the later ones became five minutes"


def fewer(marks: Sequence[Mark]) -> list[Mark | None]:
    """Return what becomes of marks, in the order of the prompt, where there are too many: None for one that goes."""
    excess = len(marks) - MOST
    return [None if 0 < index <= excess else mark for index, mark in enumerate(marks)]


def ordered(marks: Sequence[Mark]) -> list[Mark]:
    """Return what becomes of marks, in the order of the prompt, of which some may live too long for their place."""
    short = next((index for index, mark in enumerate(marks) if mark.get("ttl", "5m") == "5m"), len(marks))
    return [
        {**mark, "ttl": "5m"} if index > short and mark.get("ttl") == "1h" else mark for index, mark in enumerate(marks)
    ]


def _marks(draft: Draft) -> list[Mark]:
    return [item["cache_control"] for item in marked(draft.body)]


def _rewrite(draft: Draft, made: Sequence[Mark | None]) -> None:
    """Put others in place of all marks, in the order of the prompt."""
    left = iter(made)

    def rewritten(item: dict[str, Any]) -> dict[str, Any]:
        if is_marked(item):
            mark = next(left)
            rest = {name: value for name, value in item.items() if name != "cache_control"}
            item = rest if mark is None else {**rest, "cache_control": mark}
        parts = parts_of(item)
        return with_parts(item, list(map(rewritten, parts))) if parts else item

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
