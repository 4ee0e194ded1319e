"""The SDK's HTTP is httpx2's: objects of httpx are refused, and what patches httpx sees nothing of it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from clarion.check.finding import Finding
from clarion.check.python.origins import CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.python.calls import Program

HTTPX = re.compile(r"httpx\.\w+(?:\(\))?")
API = "api.anthropic.com"
RESPX = re.compile(r"respx\.(?:\w+\.?)+(?:\(\))?(?:\.\w+)*")
ROUTES = ("get", "post", "put", "patch", "delete", "head", "options", "request", "route", "mock")
FIXTURES = {"respx_mock": ROUTES, "httpx_mock": ("add_response", "add_callback", "add_exception")}
ALIASED = "httpx2.alias_httpx"


def foreign_http(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield objects of httpx that are given to the SDK."""
    del facts
    if _is_aliased(program):
        return
    calls = {call.node for call in program.calls}
    for node in program.module.every(ast.Call):
        if node in calls or CLIENT.fullmatch(f"{program.origins.of(node.func)}()"):
            for keyword in node.keywords:
                if keyword.arg in ("http_client", "timeout") and HTTPX.fullmatch(program.origins.of(keyword.value)):
                    start, end = program.module.span(keyword.value)
                    message = f"{keyword.arg} is of httpx, and SDK 2.x uses httpx2: TypeError; make it of httpx2"
                    yield Finding(code="CLA601", start=start, end=end, message=message)


def deaf_mocks(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield mocks of httpx that are to answer for the API."""
    del facts
    if _is_aliased(program):
        return
    for node in program.module.every(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr=method) as func) if _names_api(node) and _mocks(
                func, method, program
            ):
                start, end = program.module.span(func)
                message = (
                    f"{program.module.segment(func)} patches httpx, and SDK 2.x uses httpx2: nothing is mocked; "
                    "use httpx2.MockTransport, or the fixture claude_emulator"
                )
                yield Finding(code="CLA602", start=start, end=end, message=message)


def _is_aliased(program: Program) -> bool:
    return any(program.origins.of(node.func) == ALIASED for node in program.module.every(ast.Call))


def _names_api(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) and API in each.value
        for value in given
        for each in ast.walk(value)
    )


def _mocks(func: ast.Attribute, method: str, program: Program) -> bool:
    if isinstance(func.value, ast.Name) and func.value.id in FIXTURES:
        return method in FIXTURES[func.value.id]
    return method in ROUTES and RESPX.fullmatch(program.origins.of(func)) is not None
