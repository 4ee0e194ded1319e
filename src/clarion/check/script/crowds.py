"""Many calls at once, with nothing that bounds how many: `Promise.all(prompts.map(ask))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.script.calls import Script
    from clarion.check.script.syntax import Syntax

SENDS = ("create", "stream", "parse")
GATHERS = ("all", "allSettled")
TYPE_MARKS = (":", "<", ">", ".", "|", "[", "]")
MESSAGE = "calls of the API go out all at once, however many there are: bound them, or send them as a batch"


def unbounded(script: Script, facts: Facts) -> Iterator[Finding]:
    """Yield calls of the API that go out for all items of a list at once, themselves or through a function."""
    del facts
    syntax, tokens = script.syntax, script.syntax.tokens
    calls = [_root(syntax, call.index) for call in script.calls if call.method in SENDS]
    senders = {name for call in calls if (name := _function_around(syntax, call))}
    uses = [index for index, token in enumerate(tokens) if token.kind == "name" and token.text in senders]
    for start, end in {found for index in (*calls, *uses) if (found := _gathered(syntax, index)) is not None}:
        yield Finding(code="CLA501", start=tokens[start].start, end=tokens[end].end, message=MESSAGE)


def _root(syntax: Syntax, index: int) -> int:
    """Return where the path begins whose last name a token is."""
    while syntax.is_mark(index - 1, ".", "?.") and syntax.is_name(index - 2):
        index -= 2
    return index


def _gathered(syntax: Syntax, index: int) -> tuple[int, int] | None:
    """Return the `Promise.all` that a token is mapped within, with no other call in between that might bound it."""
    callers = [opener - 1 for opener in _openers(syntax, index) if syntax.is_name(opener - 1)]
    if len(callers) < 2 or not syntax.is_name(callers[0], "map") or not syntax.is_name(callers[1], *GATHERS):
        return None
    is_promise, is_literal = syntax.is_name(callers[1] - 2, "Promise"), syntax.is_mark(callers[0] - 2, "]", ")")
    return (callers[1] - 2, callers[1]) if is_promise and not is_literal else None


def _openers(syntax: Syntax, index: int) -> Iterator[int]:
    """Yield the parentheses that a token is within, from the inside out."""
    while (index := syntax.within[index]) >= 0:
        if syntax.is_mark(index, "("):
            yield index


def _function_around(syntax: Syntax, index: int) -> str | None:
    """Return the name of the function that a token is in, or is all of."""
    if name := _function_before(syntax, index - syntax.is_name(index - 1, "await", "return")):
        return name
    while (index := syntax.within[index]) >= 0:
        if syntax.is_mark(index, "{") and (name := _function_before(syntax, index)):
            return name
    return None


def _function_before(syntax: Syntax, body: int) -> str | None:
    """Return the name of the function whose body begins with a token: `function NAME(...)` or `NAME = (...) =>`."""
    is_arrow = syntax.is_mark(body - 1, "=>")
    end = body - 1 - is_arrow
    while end > 0 and not syntax.is_mark(end, ")") and (syntax.is_name(end) or syntax.is_mark(end, *TYPE_MARKS)):
        end -= 1
    if not syntax.is_mark(end, ")") or end not in syntax.partner:
        return None
    before = syntax.partner[end] - 1
    if is_arrow:
        before -= syntax.is_name(before, "async")
        if not syntax.is_mark(before, "="):
            return None
        before -= 1
    elif not syntax.is_name(before - 1, "function"):
        return None
    return syntax.tokens[before].text if syntax.is_name(before) else None
