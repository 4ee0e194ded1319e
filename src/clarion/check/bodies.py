"""Requests that are written as values, in a script or in data: what their models refuse of them, and the edits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clarion._fit.sampling import SAMPLING
from clarion._model_names import named
from clarion.check.finding import Edit, Finding
from clarion.check.refusals import refusals
from clarion.check.splices import added, dropped
from clarion.check.values import UNKNOWN, Items, Table, Text, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarion._model_names import Named
    from clarion.check.facts import Facts
    from clarion.check.refusals import Refusal
    from clarion.check.values import Entry, Value

SIGNS = ("messages", "max_tokens")  # of a request, beside a model
NOTHING: Mapping[str, Value] = {}


def refused(
    request: Table, text: str, facts: Facts, names: Mapping[str, Value] = NOTHING, *, has_braces: bool = True
) -> Iterator[Finding]:
    """Yield what the model of a request refuses of it; with edits where it is written in braces."""
    found = model_of(request, facts, names)
    if found is None:
        return
    entries = request.by_key
    for refusal in refusals(found, _in_sight(entries, names), facts):
        if (about := entries.get(refusal.about)) is not None:
            start, end = _about(refusal, about)
            edits = _edits(refusal, request, text) if has_braces else ()
            yield Finding(code=refusal.code, start=start, end=end, message=refusal.message, edits=edits)


def unsampled(request: Table, text: str, facts: Facts, *, has_braces: bool = True) -> Iterator[Finding]:
    """Yield the sampling parameters beside a model that takes none under any version of the API."""
    found = model_of(request, facts)
    model = facts.catalog.serving(found.model.id) if found and found.platform == "Claude API" else None
    if model is None or model.sampling:
        return
    for name in SAMPLING:
        if (entry := request.by_key.get(name)) is not None and plain(entry.value, NOTHING) is not None:
            edits = dropped(text, entry.start, entry.value.end) if has_braces else ()
            message = f"{model.id} takes no {name}: 400"
            yield Finding(code="CLA202", start=entry.start, end=entry.value.end, message=message, edits=edits)


def model_of(request: Table, facts: Facts, names: Mapping[str, Value] = NOTHING) -> Named | None:
    """Return the model that a request names in sight."""
    entry = request.by_key.get("model")
    model = plain(entry.value, names) if entry else UNKNOWN
    return named(model, facts.catalog) if isinstance(model, str) else None


def is_request(table: Table) -> bool:
    """Whether a table is the body of a request, by its keys."""
    return "model" in table.by_key and any(sign in table.by_key for sign in SIGNS)


def _in_sight(entries: Mapping[str, Entry], names: Mapping[str, Value]) -> dict[str, Any]:
    values = {name: plain(entry.value, names) for name, entry in entries.items() if name != "messages"}
    known = {name: value for name, value in values.items() if value is not UNKNOWN}
    if (last := _last(entries.get("messages"))) is not None:
        known["prefill"] = _prefill(last)
    return known


def _last(messages: Entry | None) -> Table | None:
    match messages.value if messages else None:
        case Items(items=[*_, Table() as last], is_open=False):
            return last
    return None


def _prefill(message: Table) -> str | None:
    match plain(message, NOTHING):
        case {"role": "assistant", "content": str(text)}:
            return text
        case {"role": "assistant", "content": [{"type": "text", "text": str(text)}]}:
            return text
    return None


def _about(refusal: Refusal, entry: Entry) -> tuple[int, int]:
    if refusal.about == "messages" and (last := _last(entry)) is not None:
        return last.start, last.end
    return entry.start, entry.value.end


def _edits(refusal: Refusal, request: Table, text: str) -> tuple[Edit, ...]:
    """Return the edits by which a request becomes what is taken; none if a part of it is not in sight."""
    entries, instead = request.by_key, refusal.instead
    if not all(_is_whole(entries[name].value) for name in instead if name in entries):
        return ()
    new = [name for name in instead if name not in entries]
    edits = list[Edit]()
    for name, value in instead.items():
        if (entry := entries.get(name)) is None:
            continue
        first = text[entry.start]
        if value is not None:
            edits.append(Edit(entry.value.start, entry.value.end, _written(value, first)))
        elif new:
            edits.append(Edit(entry.start, entry.value.end, _given(other := new.pop(), instead[other], first)))
        else:
            edits += dropped(text, entry.start, entry.value.end)
    for name in new:
        after = entries[refusal.about]
        edits += added(text, after.start, after.value.end, _given(name, instead[name], text[after.start]))
    return tuple(edits)


def _is_whole(value: Value) -> bool:
    """Whether all of a value is written out where it stands."""
    match value:
        case Table(entries=entries, is_open=False):
            return all(_is_whole(entry.value) for entry in entries)
        case Items(items=items, is_open=False):
            return all(map(_is_whole, items))
        case Table() | Items():
            return False
    return isinstance(value, Text) or plain(value, NOTHING) is not UNKNOWN


def _given(name: str, value: object, first: str) -> str:
    return f"{_quoted(name, first)}: {_written(value, first)}"


def _written(value: object, first: str) -> str:
    """Return plain data as a script or as JSON, by how the key before it begins."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_quoted(key, first)}: {_written(each, first)}" for key, each in value.items())
        return f"{{{inner}}}" if first == '"' else f"{{ {inner} }}"
    return json.dumps(value, ensure_ascii=False)


def _quoted(key: str, first: str) -> str:
    return f"{first}{key}{first}" if first in "\"'" else key
