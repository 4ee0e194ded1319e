"""Requests that a program sends to the API without the SDK, by whatever takes a URL and a body."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.python.calls import Argument, Program

HOST, PATH = "api.anthropic.com", "/v1/messages"


def bodies(program: Program) -> Iterator[dict[str, Argument]]:
    """Yield the entries of every body in sight that is sent to the Messages API."""
    for call in program.module.every(ast.Call):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        body = given.get("json") or _dumped(given.get("data") or given.get("content"), program)
        if body is not None and any(_is_api(url, program) for url in _urls(call)):
            yield program.entries(body)


def _urls(call: ast.Call) -> list[ast.expr]:
    return [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg == "url")]


def _dumped(text: ast.expr | None, program: Program) -> ast.expr | None:
    """Return what a text was made of by `json.dumps`."""
    match program.origins.value(text):
        case ast.Call(func=func, args=[body, *_]) if program.origins.of(func) in ("json.dumps", "orjson.dumps"):
            return body
    return None


def _is_api(url: ast.expr, program: Program) -> bool:
    """Whether the strings that an address is made of, as far as they are in sight, are those of the Messages API."""
    strings = [*_strings(url, program)]
    return any(HOST in each for each in strings) and any(PATH in each for each in strings)


def _strings(node: ast.expr, program: Program) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Name() if (value := program.origins.value(each)) is not each and value is not None:
                yield from (
                    part.value
                    for part in ast.walk(value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )
