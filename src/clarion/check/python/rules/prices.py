"""Prices in code: they change, and depend on the model, the length of the prompt, the cache, batches and speed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from clarion.check.finding import Finding
from clarion.check.wording import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.python.calls import Program

COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
PER_TOKEN = 0.001  # US dollars: no price of a token is above
MILLIONS = (1_000, 1_000_000)
ADVICE = "prices differ by prompt length, cache, batch and date: ask genai-prices, or Clarion's ledger"


def price_tables(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield dictionaries from models to numbers."""
    for node in program.module.every(ast.Dict):
        if node.keys and not _is_nested(node, program):
            priced = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and key.value in facts.catalog.models
                and _is_price(value)
            ]
            if priced and _is_of_money(node, program):
                start, end = program.module.span(node)
                yield Finding(code="CLA701", start=start, end=end, message=f"a table of prices in code; {ADVICE}")


def _is_nested(node: ast.AST, program: Program) -> bool:
    return isinstance(program.module.parents.get(node), ast.Dict)


def _is_price(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=int() | float() as number):
            return not isinstance(number, bool)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return bool(parts) and all(map(_is_price, parts))
        case ast.Dict(values=values):
            return bool(values) and all(map(_is_price, values))
        case ast.Call(args=[*args], keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            return bool(given) and all(map(_is_price, given))
        case ast.BinOp(left=left, right=right):
            return _is_price(left) and _is_price(right)
    return False


MONEY = {"price", "prices", "pricing", "cost", "costs", "usd", "dollar", "dollars", "mtok", "tariff"}
RATES = {"rate", "rates"}  # unless of limits


def _is_of_money(node: ast.AST, program: Program) -> bool:
    """Whether what a dictionary is given to, or its own keys, speak of money."""
    names: list[str] = []
    for outer in program.module.ancestors(node):
        match outer:
            case ast.Assign(targets=targets):
                names += [program.module.segment(target) for target in targets]
            case ast.AnnAssign(target=target):
                names.append(program.module.segment(target))
            case ast.keyword(arg=str(name)) | ast.FunctionDef(name=name):
                names.append(name)
        if isinstance(outer, ast.stmt):
            break
    names += [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    names += [each.arg for each in ast.walk(node) if isinstance(each, ast.keyword) and each.arg]
    words = [words_of(name) for name in names]
    return any(each & MONEY or (each & RATES and not each & {"limit", "limits"}) for each in words)


def price_formulas(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield counts of tokens that are multiplied by a price."""
    del facts
    if not program.imports_sdk:
        return
    for node in program.module.every(ast.BinOp):
        if not isinstance(program.module.parents.get(node), ast.BinOp) and _prices(node, program):
            start, end = program.module.span(node)
            yield Finding(code="CLA701", start=start, end=end, message=f"a price in code; {ADVICE}")


def _prices(node: ast.BinOp, program: Program) -> bool:
    """Whether an expression multiplies a count of tokens by a small number, or by one that it divides by a million."""
    numbers = [
        each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, int | float)
    ]
    counts = [each for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr in COUNTS]
    if not any(_is_usage(each) for each in counts):
        return False
    multiplied = any(isinstance(each, ast.BinOp) and isinstance(each.op, ast.Mult) for each in ast.walk(node))
    divided = any(
        isinstance(each, ast.BinOp) and isinstance(each.op, ast.Div) and _number(each.right) in MILLIONS
        for each in ast.walk(node)
    )
    return (multiplied and any(0 < number < PER_TOKEN for number in numbers)) or (
        multiplied and divided and len(numbers) > 1
    )


def _is_usage(count: ast.Attribute) -> bool:
    owner = count.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name == "usage"


def _number(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.BinOp(
            left=ast.Constant(value=int() | float() as left), op=ast.Pow(), right=ast.Constant(value=int() as right)
        ):
            return float(left) ** right
    return None
