"""Changes to a call or a dictionary: dropping an argument, adding one, writing another value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from clarion.check import splices
from clarion.check.finding import Edit

if TYPE_CHECKING:
    from clarion.check.python.calls import Argument
    from clarion.check.python.module import Module


def dropped(argument: Argument, module: Module) -> tuple[Edit, ...]:
    """Return the edit that drops an argument, with its comma and, where it has lines for itself, those lines."""
    if argument.holder is None:
        return ()
    return splices.dropped(module.text, module.span(argument.giver)[0], module.span(argument.value)[1])


def replaced(node: ast.AST, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that writes other code in the place of an expression."""
    return (Edit(*module.span(node), code),)


def added(argument: Argument, name: str, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that gives another argument right after one, as that is given: `name=...` or `"name": ...`."""
    if argument.holder is None:
        return ()
    given = f'"{name}": {code}' if isinstance(argument.holder, ast.Dict) else f"{name}={code}"
    return splices.added(module.text, module.span(argument.giver)[0], module.span(argument.value)[1], given)


def literal(value: object) -> str:
    """Return plain data as code, with double quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
