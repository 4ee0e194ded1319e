"""The verbs of a scenario's document: the words of `clarion.emulator.script`, and what their values may be."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator.scenario.kinds import (
    Kind,
    flag,
    integer,
    items,
    mapping,
    mappings,
    path,
    per_second,
    seconds,
    text,
    texts,
)
from clarion.emulator.script import vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.emulator.scenario.document import Item
    from clarion.emulator.script.step import Step

__all__ = ["VERBS", "Verb"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what makes its step, and the kinds of its values; one value alone is the first.

    `has_data` is true when a mapping is such a value alone, and not the values by name.
    """

    make: Callable[..., Step]
    kinds: Mapping[str, Kind]
    has_data: bool = False

    @property
    def needed(self) -> tuple[str, ...]:
        """The values that must be given."""
        parameters = inspect.signature(self.make).parameters.values()
        return tuple(each.name for each in parameters if each.default is inspect.Parameter.empty)


def _uses(item: Item) -> list[tuple[str, dict[str, Any] | None]]:
    """Read tool calls: `[{name: add, input: {a: 1}}]`."""
    found: list[tuple[str, dict[str, Any] | None]] = []
    for each in items(item):
        mapping(each)
        if "name" not in each.value or each.value.keys() > {"name", "input"}:
            raise each.problem("a tool call has a name and an input")
        arguments = each.value.get("input")
        found.append((text(each.value["name"]), None if arguments is None else mapping(arguments)))
    return found


def _bytes(item: Item) -> bytes:
    return text(item).encode()


AFTER = {"after": integer}

VERBS: dict[str, Verb] = {
    "ok": Verb(words.ok, {}),
    "error": Verb(
        words.error,
        {
            "status": integer,
            "type": text,
            "message": text,
            "code": text,
            "retry_after": seconds,
            "headers": texts,
        },
    ),
    "html": Verb(words.html, {"status": integer}),
    "body": Verb(words.body, {"data": _bytes, "status": integer}),
    "reset": Verb(words.reset, {}),
    "hangup": Verb(words.hangup, {}),
    "hang": Verb(words.hang, {"seconds": seconds}),
    "slow": Verb(words.slow, {"first_token": seconds, "per_event": seconds, "tokens_per_second": per_second}),
    "cut": Verb(words.cut, AFTER),
    "drop": Verb(words.drop, {**AFTER, "reset": flag}),
    "truncated": Verb(words.truncated, {}),
    "stall": Verb(words.stall, {"seconds": seconds, **AFTER, "pings": seconds}),
    "error_event": Verb(words.error_event, {**AFTER, "type": text, "message": text, "code": text}),
    "garbage": Verb(words.garbage, AFTER),
    "say": Verb(words.say, {"text": text, "stop_reason": text}),
    "stop": Verb(words.stop, {"reason": text, **AFTER}),
    "empty": Verb(words.empty, {}),
    "refusal": Verb(words.refusal, {"category": text, **AFTER, "explanation": text}),
    "pause": Verb(words.pause, {}),
    "call": Verb(words.call, {"name": text, "input": mapping, "cut": integer}),
    "calls": Verb(words.calls, {"uses": _uses}),
    "blocks": Verb(words.blocks, {"content": mappings, "stop_reason": text}),
    "replay": Verb(words.replay, {"path": path, "timed": flag}),
    "usage": Verb(words.usage, {"counts": mapping}, has_data=True),
    "evict": Verb(words.evict, {}),
    "duplicate": Verb(words.duplicate, {"event": text}),
    "unknown_event": Verb(words.unknown_event, {"name": text}),
    "unknown_delta": Verb(words.unknown_delta, {"type": text}),
    "unknown_block": Verb(words.unknown_block, {"type": text, "first": flag}),
    "index_gap": Verb(words.index_gap, {"by": integer}),
    "out_of_order": Verb(words.out_of_order, {}),
    "bad_tool_json": Verb(words.bad_tool_json, {"name": text, "json": text}),
}
