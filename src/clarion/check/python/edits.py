"""Changes to a call or a dictionary that leave the rest of the text as it is: dropping an argument, adding one.

Where a comment stands in between, or anything else is not as usual, there is no edit.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from clarion.check.finding import Edit

if TYPE_CHECKING:
    from clarion.check.python.calls import Argument
    from clarion.check.python.module import Module

AFTER = re.compile(r"[ \t]*(?:,[ \t]*)?")
REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)")
OPEN = "([{"


def dropped(argument: Argument, module: Module) -> tuple[Edit, ...]:
    """Return the edit that drops an argument, with its comma and, where it has lines for itself, those lines."""
    if argument.holder is None:
        return ()
    text = module.text
    start = module.span(argument.giver)[0]
    end = module.span(argument.value)[1]
    comma = AFTER.match(text, end)
    has_comma = comma is not None and "," in comma[0]
    after = comma.end() if comma and has_comma else end
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip() and (rest := REST.match(text, after)):
        return (Edit(line, rest.end(), ""),)
    if has_comma:
        return (Edit(start, after, ""),)
    before = len(text[:start].rstrip())
    if _closes(text, end) and text[before - 1] == ",":
        return (Edit(before - 1, end, ""),)
    return (Edit(start, end, ""),) if _closes(text, end) and text[before - 1] in OPEN else ()


def _closes(text: str, end: int) -> bool:
    return text[end:].lstrip()[:1] in (")", "}")


def replaced(node: ast.AST, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that writes other code in the place of an expression."""
    return (Edit(*module.span(node), code),)


def added(argument: Argument, name: str, code: str, module: Module) -> tuple[Edit, ...]:
    """Return the edit that gives another argument right after one, as that is given: `name=...` or `"name": ...`."""
    if argument.holder is None:
        return ()
    line = module.text.rfind("\n", 0, module.span(argument.giver)[0]) + 1
    indent = module.text[line : module.span(argument.giver)[0]]
    gap = ", " if indent.strip() else f",{_newline(module.text)}{indent}"
    given = f'"{name}": {code}' if isinstance(argument.holder, ast.Dict) else f"{name}={code}"
    end = module.span(argument.value)[1]
    return (Edit(end, end, gap + given),)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def literal(value: object) -> str:
    """Return plain data as code, with double quotes."""
    match value:
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
