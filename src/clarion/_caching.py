"""Prompt caching by one switch: marks at the ends of what stays the same from call to call.

The prompt is cached as tools, system, messages, up to a mark (Messages API documentation, "Prompt caching", November
2026). At most four marks are allowed; these are placed, as far as the request has them and the prefix is long enough to
be cached at all: after the tools, after the system prompt, after the documents and images of the first message that has
any, and, by the API's automatic mark, at the end of the conversation so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.draft import marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion._catalog import Model

Body = dict[str, Any]
LONG = ("document", "image", "search_result")


def with_marks(
    body: Body, span: bool | str, model: Model | None, tokens_of: Callable[[Mapping[str, Any]], int]
) -> Body:
    """Return the body with cache marks; as it is, if it has marks of the caller's own.

    `span` is True or "5m" for five minutes, "1h" for an hour. `tokens_of` tells how many tokens a body has.
    """
    if not span or any(True for _ in marked(body)):
        return body
    mark: dict[str, Any] = {"type": "ephemeral", **({"ttl": "1h"} if span == "1h" else {})}
    least = (model.min_cacheable if model else None) or 0
    changed = dict(body)
    prefix: Body = {"messages": []}
    if body.get("tools"):
        prefix["tools"] = body["tools"]
        if tokens_of(prefix) >= least:
            changed["tools"] = _marked_last(body["tools"], mark)
    if body.get("system"):
        prefix["system"] = body["system"]
        if tokens_of(prefix) >= least:
            changed["system"] = _marked_last(_as_blocks(body["system"]), mark)
    if (index := _first_long(body["messages"])) is not None:
        prefix["messages"] = body["messages"][: index + 1]
        if tokens_of(prefix) >= least:
            changed["messages"] = _with_marked_message(body["messages"], index, mark)
    if tokens_of(body) >= least:
        changed["cache_control"] = mark
    return changed


def _as_blocks(system: Any) -> list[Body]:
    return [{"type": "text", "text": system}] if isinstance(system, str) else system


def _marked_last(items: list[Body], mark: Body) -> list[Body]:
    *before, last = items
    return [*before, {**last, "cache_control": mark}]


def _is_long(block: Body) -> bool:
    return block["type"] in LONG


def _first_long(messages: list[Body]) -> int | None:
    """Return the index of the first message of the user that holds documents or images."""
    for index, message in enumerate(messages):
        if (
            message["role"] == "user"
            and not isinstance(message["content"], str)
            and any(map(_is_long, message["content"]))
        ):
            return index
    return None


def _with_marked_message(messages: list[Body], index: int, mark: Body) -> list[Body]:
    content = messages[index]["content"]
    last = max(place for place, block in enumerate(content) if _is_long(block))
    marked_content = [*_marked_last(content[: last + 1], mark), *content[last + 1 :]]
    return [*messages[:index], {**messages[index], "content": marked_content}, *messages[index + 1 :]]
