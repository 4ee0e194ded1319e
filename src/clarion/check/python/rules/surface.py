"""What the SDK had once, and has no more."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.finding import Edit, Finding
from clarion.check.python.edits import literal, replaced
from clarion.check.python.origins import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.python.calls import Program


class Removed(NamedTuple):
    """An attribute that is gone: its code, what to do, and what may be written for it, if that is all."""

    code: str
    advice: str
    instead: str | None = None


OF_CLIENT = {
    ".count_tokens": Removed("CLA301", "client.messages.count_tokens(model=..., messages=...).input_tokens counts"),
    ".get_tokenizer": Removed("CLA301", "client.messages.count_tokens(model=..., messages=...) counts"),
    ".completions": Removed("CLA302", "use client.messages"),
    ".completion": Removed("CLA302", "use client.messages"),
    ".beta.tools": Removed("CLA303", "tools are part of client.messages", ""),
    ".beta.prompt_caching": Removed("CLA303", "caching is part of client.messages", ""),
}
OF_PACKAGE = {
    f"anthropic.{name}": Removed("CLA302", "use client.messages, whose turns have roles")
    for name in ("HUMAN_PROMPT", "AI_PROMPT")
}
UNIONS = re.compile(r"anthropic\.types\.(?:message_param\.)?MessageParam")


def removed_attributes(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield uses of what clients, or the package, no longer have."""
    del facts
    for node in program.module.every(ast.Attribute, ast.ImportFrom):
        match node:
            case ast.Attribute(value=value, attr=attribute):
                path = f"{program.origins.of(value)}.{attribute}"
                client = CLIENT.match(path)
                removed = OF_CLIENT.get(path[client.end() :]) if client else OF_PACKAGE.get(path)
                if removed is not None:
                    yield _attribute(node, attribute, removed, program)
            case ast.ImportFrom(module="anthropic", names=names, level=0):
                for alias in names:
                    if removed := OF_PACKAGE.get(f"anthropic.{alias.name}"):
                        start, end = program.module.span(alias)
                        message = f"the SDK has no {alias.name} any more: ImportError; {removed.advice}"
                        yield Finding(code=removed.code, start=start, end=end, message=message)


def _attribute(node: ast.Attribute, name: str, removed: Removed, program: Program) -> Finding:
    end = program.module.span(node)[1]
    edits = _edits(node, removed, program)
    message = f"the SDK has no {program.module.segment(node)} any more: AttributeError; {removed.advice}"
    return Finding(code=removed.code, start=end - len(name), end=end, message=message, edits=edits)


def _edits(node: ast.Attribute, removed: Removed, program: Program) -> tuple[Edit, ...]:
    if removed.instead is not None and isinstance(node.value, ast.Attribute):
        return (Edit(program.module.span(node.value.value)[1], program.module.span(node)[1], removed.instead),)
    call = program.module.parents.get(node)
    if node.attr == "count_tokens" and isinstance(call, ast.Call) and call.func is node:
        return _counting(call, node, program)
    return ()


def _counting(call: ast.Call, method: ast.Attribute, program: Program) -> tuple[Edit, ...]:
    """Return the edit to the counting of today, where one text is counted and the module asks one model."""
    model = _only_model(call, program)
    if model is None or len(call.args) + len(call.keywords) != 1:
        return ()
    text = call.args[0] if call.args else call.keywords[0].value
    if isinstance(text, ast.Starred) or (call.keywords and call.keywords[0].arg != "text"):
        return ()
    messages = f'[{{"role": "user", "content": {program.module.segment(text)}}}]'
    client = program.module.segment(method.value)
    counted = f"{client}.messages.count_tokens(model={model}, messages={messages})"
    waiting = program.module.parents.get(call)
    if isinstance(waiting, ast.Await):
        return replaced(waiting, f"(await {counted}).input_tokens", program.module)
    return replaced(call, f"{counted}.input_tokens", program.module)


def _only_model(call: ast.Call, program: Program) -> str | None:
    """Return the code of the one model that the module asks, if it can stand at a call, too."""
    found = {}
    for each in program.calls:
        model = each.value("model")
        match model:
            case ast.Constant(value=str(name)):
                found[literal(name)] = True
            case ast.Name(id=name) if _is_global(model, call, program):
                found[name] = True
            case _:
                return None
    return next(iter(found)) if len(found) == 1 else None


def _is_global(name: ast.Name, at: ast.Call, program: Program) -> bool:
    """Whether a name is the module's own, there and at a call."""
    root, scopes = program.module.root, program.module.scopes
    return all((found := scopes[each].lookup(name.id)) is not None and found[0] is root for each in (name, at))


def called_unions(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield calls of types that are unions now, and cannot be called."""
    del facts
    for node in program.module.every(ast.Call):
        if UNIONS.fullmatch(program.origins.of(node.func)):
            start, end = program.module.span(node.func)
            name = program.module.text[start:end]
            message = f"{name} is a union of types in SDK 2.x and cannot be called: TypeError; write a dict"
            yield Finding(
                code="CLA304", start=start, end=end, message=message, edits=replaced(node.func, "dict", program.module)
            )
