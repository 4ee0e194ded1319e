"""The rules for scripts. Each takes a script and the facts, and yields findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import VERSION
from clarion._fit.sampling import SAMPLING
from clarion._request import LONGEST_UNSTREAMED
from clarion.check.bodies import refused
from clarion.check.finding import Finding
from clarion.check.script.crowds import unbounded
from clarion.check.script.names import retiring_models
from clarion.check.splices import dropped
from clarion.check.values import Scalar, Table, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion.check.facts import Facts
    from clarion.check.script.calls import Script
    from clarion.check.values import Value

OF_CLIENT = {
    ("completions",): ("CLA302", "use client.messages"),
    ("countTokens",): ("CLA301", "client.messages.countTokens({ model, messages }) counts"),
    ("beta", "tools"): ("CLA303", "tools are part of client.messages"),
    ("beta", "promptCaching"): ("CLA303", "caching is part of client.messages"),
}
MONEY = ("price", "pricing", "cost", "rate", "usd", "dollar", "permtok", "permillion", "pertoken", "tariff")


def models(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield the names of models that are retired, or soon will be."""
    return retiring_models(script.syntax, facts)


def unfit_requests(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield what the model of a request refuses of it, and what the API refuses of any."""
    text = script.syntax.text
    for call in script.calls:
        for request in call.requests:
            yield from refused(request, text, facts, script.constants)
            for name in SAMPLING:
                if (entry := request.by_key.get(name)) is not None:
                    message = f"the API refuses {name} on every model under version {VERSION}, which SDK 1.x sends: 400"
                    edits = dropped(text, entry.start, entry.value.end)
                    yield Finding(code="CLA202", start=entry.start, end=entry.value.end, message=message, edits=edits)


def unstreamed(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield calls that the SDK refuses to wait for: their answers may be too long to come unstreamed."""
    del facts
    if any(token.kind == "name" and token.text == "timeout" for token in script.syntax.tokens):
        return
    for call in script.calls:
        for request in call.requests:
            entry = request.by_key.get("max_tokens")
            if call.method not in ("create", "parse") or entry is None or request.is_open or "stream" in request.by_key:
                continue
            tokens = plain(entry.value, script.constants)
            if isinstance(tokens, int) and tokens > LONGEST_UNSTREAMED:
                message = (
                    f"max_tokens: {tokens:,} is more than the SDK waits for without streaming: it throws; stream it"
                )
                yield Finding(code="CLA224", start=entry.start, end=entry.value.end, message=message)


def removed(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield what a client of the SDK had once, and has no more."""
    del facts
    tokens = script.syntax.tokens
    for index, token in enumerate(tokens):
        if token.kind == "name" and token.text in script.clients:
            path = _members(script, index, 2)
            for gone, (code, advice) in OF_CLIENT.items():
                if path[: len(gone)] == gone:
                    end = tokens[index + 2 * len(gone)].end
                    message = f"{token.text}.{'.'.join(gone)} is gone: {advice}"
                    yield Finding(code=code, start=token.start, end=end, message=message)


def _members(script: Script, index: int, most: int) -> tuple[str, ...]:
    """Return the names that follow a name by dots, so many at most."""
    syntax, found = script.syntax, list[str]()
    while len(found) < most and syntax.is_mark(index + 1, ".", "?.") and syntax.is_name(index + 2):
        index += 2
        found.append(syntax.tokens[index].text)
    return tuple(found)


def first_blocks(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield places where the first block of an answer is taken for its text."""
    del facts
    answers = set(_answers(script))
    looked_at = {name for name, of, _, _ in _first_blocks(script) if of == "type"}
    for name, of, start, end in _first_blocks(script):
        if of == "text" and name in answers and name not in looked_at:
            message = (
                f"{name}.content[0] may be thinking or a tool call, or not be there: "
                "join the text of the blocks whose type is text"
            )
            yield Finding(code="CLA401", start=start, end=end, message=message)


def _answers(script: Script) -> Iterator[str]:
    """Yield the names that are given an answer."""
    syntax = script.syntax
    for call in script.calls:
        if call.method not in ("create", "parse"):
            continue
        index = call.index
        while syntax.is_name(index - 2) and syntax.is_mark(index - 1, ".", "?."):
            index -= 2
        if syntax.is_name(index - 1, "await") and syntax.is_mark(index - 2, "=") and syntax.is_name(index - 3):
            yield syntax.tokens[index - 3].text


def _first_blocks(script: Script) -> Iterator[tuple[str, str, int, int]]:
    """Yield each `name.content[0].of`: the two names, and where it begins and ends."""
    tokens, syntax = script.syntax.tokens, script.syntax
    for index, token in enumerate(tokens[:-6]):
        if token.kind == "name" and syntax.is_mark(index + 1, ".", "?.") and syntax.is_name(index + 2, "content"):
            at = index + 3 + syntax.is_mark(index + 3, "?.")
            if not syntax.is_mark(at, "[") or tokens[at + 1].text != "0" or not syntax.is_mark(at + 2, "]"):
                continue
            if syntax.is_mark(at + 3, ".", "?.") and syntax.is_name(at + 4):
                yield token.text, tokens[at + 4].text, token.start, tokens[at + 4].end


def price_tables(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield tables from models to numbers."""
    for name, value in script.constants.items():
        if isinstance(value, Table):
            priced = [entry for entry in value.entries if entry.key in facts.catalog.models and _is_price(entry.value)]
            words = [name, *(inner.key for entry in priced for inner in getattr(entry.value, "entries", ()))]
            if priced and any(word in each.lower().replace("_", "") for each in words for word in MONEY):
                message = (
                    "a table of prices in code; prices differ by prompt length, cache, batch and date: "
                    "take them from a library that keeps them"
                )
                yield Finding(code="CLA701", start=value.start, end=value.end, message=message)


def _is_price(value: Value) -> bool:
    match value:
        case Scalar(value=int() | float() as number):
            return not isinstance(number, bool)
        case Table(entries=entries):
            return bool(entries) and all(_is_price(entry.value) for entry in entries)
    return False


RULES: tuple[Callable[[Script, Facts], Iterator[Finding]], ...] = (
    models,
    unfit_requests,
    unstreamed,
    removed,
    first_blocks,
    unbounded,
    price_tables,
)
