"""Expressions as plain data, as far as they are in sight."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from clarion.check.python.calls import Program


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


def data(node: ast.expr | None, program: Program) -> object:
    """Return a constant, or a dictionary or list of what is known; UNKNOWN for anything else."""
    value = program.origins.value(node)
    match value:
        case ast.Constant(value=constant):
            return constant
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [data(each, program) for each in elements]
        case ast.Dict() | ast.Call():
            entries = program.entries(node)
            return {name: data(each.value, program) for name, each in entries.items()} if entries else UNKNOWN
        case ast.BinOp(left=left, op=op, right=right):
            return _number(data(left, program), op, data(right, program))
    return UNKNOWN


def known(value: object) -> object:
    """Return what of plain data is known: a dictionary without the entries that are not; None if nothing is."""
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if is_known(each)}
    return value if is_known(value) else None


def is_known(value: object) -> bool:
    """Whether all of plain data is known."""
    match value:
        case dict():
            return all(map(is_known, value.values()))
        case list():
            return all(map(is_known, value))
    return value is not UNKNOWN


def _number(left: object, op: ast.operator, right: object) -> object:
    if not isinstance(left, int) or not isinstance(right, int):
        return UNKNOWN
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
    return UNKNOWN
