"""What a request asks of its model that the model, or the SDK, refuses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from clarion._model_names import named
from clarion._request import LONGEST_UNSTREAMED
from clarion.check.finding import Finding
from clarion.check.python import http
from clarion.check.python.edits import added, dropped, exchanged, literal, replaced, whole
from clarion.check.python.literals import data, is_known, known
from clarion.check.python.rules.sampling import batch_bodies
from clarion.check.refusals import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Edit
    from clarion.check.python.calls import Argument, Program
    from clarion.check.refusals import Refusal


def unfit_requests(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield what the model of a request refuses of it."""
    for call in program.calls:
        for arguments in batch_bodies(call, program) if call.method == "batches.create" else (call.arguments,):
            yield from _unfit(arguments, program, facts)
    for body in http.bodies(program):
        yield from _unfit(body, program, facts)


def _unfit(arguments: dict[str, Argument], program: Program, facts: Facts) -> Iterator[Finding]:
    values = {name: known(data(argument.value, program)) for name, argument in arguments.items()}
    model = values.get("model")
    found = named(model, facts.catalog) if isinstance(model, str) else None
    if found is None:
        return
    if "messages" in arguments:
        values["prefill"] = _prefill(arguments["messages"].value, program)
    for refusal in refusals(found, values, facts):
        if (about := arguments.get(refusal.about)) is not None:
            start, end = _about(refusal, about, program)
            edits = _edits(refusal, arguments, program)
            yield Finding(code=refusal.code, start=start, end=end, message=refusal.message, edits=edits)


def _last(messages: ast.expr, program: Program) -> ast.expr | None:
    """Return the last of messages in sight; None where they may be longer than they look."""
    value = program.origins.value(messages)
    if value is not messages and isinstance(messages, ast.Name):
        uses = program.uses.get(messages.id, ())
        if any(isinstance(program.module.parents.get(use), ast.Attribute | ast.Subscript) for use in uses):
            return None
    match value:
        case ast.List(elts=[*_, last]) if not isinstance(last, ast.Starred):
            return last
        case ast.BinOp(op=ast.Add(), right=ast.List(elts=[*_, last])) if not isinstance(last, ast.Starred):
            return last
    return None


def _prefill(messages: ast.expr, program: Program) -> str | None:
    """Return the text with which an answer is to begin; None if the last message is not surely the model's own."""
    last = program.entries(_last(messages, program))
    if "role" not in last or "content" not in last or data(last["role"].value, program) != "assistant":
        return None
    match data(last["content"].value, program):
        case str(text) if text.strip():
            return text
        case [{"type": "text", "text": str(text)}] if text.strip():
            return text
    return "?" if isinstance(last["content"].value, ast.JoinedStr) else None


def _about(refusal: Refusal, argument: Argument, program: Program) -> tuple[int, int]:
    if refusal.about == "messages" and (last := _last(argument.value, program)) is not None:
        return program.module.span(last)
    return whole(argument, program.module)


def _edits(refusal: Refusal, arguments: dict[str, Argument], program: Program) -> tuple[Edit, ...]:
    """Return the edits by which a request becomes what is taken; none if a part of it is not in sight."""
    module, instead = program.module, refusal.instead
    if not all(_is_whole(arguments[name], program) for name in (refusal.about, *instead) if name in arguments):
        return ()
    new = [name for name in instead if name not in arguments]
    parts: list[tuple[Edit, ...]] = []
    for name, value in instead.items():
        if name not in arguments:
            continue
        if value is not None:
            parts.append(replaced(arguments[name].value, literal(value), module))
        elif new:
            other = new.pop()
            parts.append(exchanged(arguments[name], other, literal(instead[other]), module))
        else:
            parts.append(dropped(arguments[name], module))
    parts += [added(arguments[refusal.about], name, literal(instead[name]), module) for name in new]
    return tuple(edit for part in parts for edit in part) if all(parts) else ()


def _is_whole(argument: Argument, program: Program) -> bool:
    """Whether all of an argument is known, and stands where it is given."""
    if argument.holder is None or isinstance(argument.value, ast.Name | ast.Attribute):
        return False
    return program.is_used_once(argument.holder) and is_known(data(argument.value, program))


def unstreamed(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield calls that the SDK refuses to wait for: their answers may be too long to come unstreamed."""
    del facts
    for call in program.calls:
        longest = call.arguments.get("max_tokens")
        options = program.client_options(call.node)
        if call.method not in ("create", "parse") or longest is None or options is None:
            continue
        if "timeout" in options or {"stream", "timeout"} & call.arguments.keys():
            continue
        tokens = data(longest.value, program)
        if isinstance(tokens, int) and tokens > LONGEST_UNSTREAMED:
            start, end = whole(longest, program.module)
            message = f"max_tokens={tokens:,} is more than the SDK waits for without streaming: ValueError; stream it"
            yield Finding(code="CLA224", start=start, end=end, message=message)
