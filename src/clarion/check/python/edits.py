"""Changes to a call or a dictionary: dropping an argument, adding one, writing another value."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

from clarion.check import splices
from clarion.check.finding import Edit, applied

if TYPE_CHECKING:
    from clarion.check.python.calls import Argument
    from clarion.check.python.module import Module


def whole(argument: Argument, module: Module) -> tuple[int, int]:
    """Return where an argument begins and ends, with its name or key."""
    start, end = module.span(argument.giver)
    return start, end if isinstance(argument.giver, ast.keyword) else module.span(argument.value)[1]


def dropped(argument: Argument, module: Module) -> tuple[Edit, ...]:
    """Return the edit that drops an argument, with its comma and, where it has lines for itself, those lines."""
    if argument.holder is None:
        return ()
    return splices.dropped(module.text, *whole(argument, module), _closing(argument))


def _closing(argument: Argument) -> str:
    return "}" if isinstance(argument.holder, ast.Dict) else ")"


def replaced(node: ast.AST, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that writes other code in the place of an expression; none if it is not where the tree says.

    Before Python 3.12, places within f-strings are not always right.
    """
    is_within_string = any(isinstance(each, ast.JoinedStr) for each in module.ancestors(node))
    if is_within_string and not _is(node, module.segment(node)):
        return ()
    return (Edit(*module.span(node), code),)


def _is(node: ast.AST, code: str) -> bool:
    try:
        return ast.dump(ast.parse(code.strip(), mode="eval").body) == ast.dump(node)
    except (SyntaxError, ValueError):
        return False


def fit(edits: tuple[Edit, ...], module: Module) -> bool:
    """Whether edits leave the f-strings that they are in whole: new code may have quotes that end one."""
    for start, end in module.f_strings if edits else ():
        within = [
            Edit(edit.start - start, edit.end - start, edit.text)
            for edit in edits
            if start <= edit.start and edit.end <= end
        ]
        if within and not _is_expression(f"({applied(module.text[start:end], within)})"):
            return False
    return True


def _is_expression(code: str) -> bool:
    try:
        ast.parse(code, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def added(argument: Argument, name: str, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that gives another argument right after one, as that is given: `name=...` or `"name": ...`."""
    start, end = whole(argument, module)
    if argument.holder is None or not splices.is_followed(module.text, end, _closing(argument)):
        return ()
    return splices.added(module.text, start, end, _given(argument, name, code))


def exchanged(argument: Argument, name: str, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that gives another argument in the place of one."""
    return () if argument.holder is None else (Edit(*whole(argument, module), _given(argument, name, code)),)


def _given(argument: Argument, name: str, code: str) -> str:
    return f'"{name}": {code}' if isinstance(argument.holder, ast.Dict) else f"{name}={code}"


def literal(value: object) -> str:
    """Return plain data as code, with double quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case str():
            return json.dumps(value, ensure_ascii=False)  # whose escapes are Python's, too
    return repr(value)
