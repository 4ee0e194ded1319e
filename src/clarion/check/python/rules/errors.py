"""How errors are caught, raised and retried."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from typing import TYPE_CHECKING

from clarion.check.finding import Edit, Finding
from clarion.check.python.edits import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.python.calls import Program
    from clarion.check.python.scopes import Function

ERROR = re.compile(r"anthropic\.(?:_exceptions\.)?(\w+)")
OVERLOAD = (
    "an overload within a stream is an APIStatusError of status 200, which this does not catch: "
    "catch APIStatusError and look at its type"
)
OVERLOADED = {"OverloadedError"}
WIDER = {"APIStatusError", "APIError", "AnthropicError"}
BUILTIN_WIDER = {"builtins.Exception", "builtins.BaseException"}
WITH_RESPONSE = {
    *("APIStatusError", "BadRequestError", "AuthenticationError", "PermissionDeniedError", "NotFoundError"),
    *("ConflictError", "UnprocessableEntityError", "RateLimitError", "InternalServerError", "OverloadedError"),
    *("RequestTooLargeError", "ServiceUnavailableError", "DeadlineExceededError"),
}
NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

TENACITY = ("tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying")
# What tenacity gives a `retry` of one's own: a RetryCallState (its documentation), not the error.
OF_STATE = {
    *(
        "outcome",
        "attempt_number",
        "fn",
        "args",
        "kwargs",
        "retry_object",
        "start_time",
        "outcome_timestamp",
        "idle_for",
    ),
    *(
        "next_action",
        "upcoming_sleep",
        "seconds_since_start",
        "set_exception",
        "set_result",
        "prepare_for_next_attempt",
    ),
}


def overloads_around_streams(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield `except OverloadedError` around a stream, which may be overloaded after status 200, by another error."""
    del facts
    tries: list[ast.Try | ast.TryStar] = [*program.module.every(ast.Try), *program.module.every(ast.TryStar)]
    for node in tries:
        caught = [_names(handler, program) for handler in node.handlers]
        if not any(names and names & OVERLOADED for names in caught) or not _streams(node, program):
            continue
        if any(names is None or names & WIDER for names in caught):
            continue
        for handler, names in zip(node.handlers, caught, strict=True):
            if names and names & OVERLOADED and handler.type is not None:
                start, end = program.module.span(handler.type)
                yield Finding(code="CLA502", start=start, end=end, message=OVERLOAD)


def _streams(node: ast.Try | ast.TryStar, program: Program) -> bool:
    stack: list[ast.AST] = list(node.body)
    while stack:
        each = stack.pop()
        if isinstance(each, NESTED):
            continue
        if isinstance(each, ast.Call) and (method := program.method(each)):
            streamed = next((keyword.value for keyword in each.keywords if keyword.arg == "stream"), None)
            if method == "stream" or (isinstance(streamed, ast.Constant) and streamed.value is True):
                return True
        stack.extend(ast.iter_child_nodes(each))
    return False


def _names(handler: ast.ExceptHandler, program: Program) -> set[str] | None:
    """Return the SDK's errors that a handler catches; None if it catches everything, or what is not known."""
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = set()
    for each in types:
        path = program.origins.of(each)
        if found := ERROR.fullmatch(path):
            names.add(found[1])
        elif each is None or path in BUILTIN_WIDER or not _is_known(path):
            return None
    return names


def _is_known(path: str) -> bool:
    """Whether an error is surely none of the SDK's: it is of Python itself, or of a library below the SDK."""
    root, _, name = path.partition(".")
    return hasattr(builtins, name) if root == "builtins" else root in (*sys.stdlib_module_names, "httpx", "httpx2")


def retries_by_lambda(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield `retry=` of tenacity with a function of the error, which is given a RetryCallState and never true."""
    del facts
    if not program.imports_sdk:
        return
    for node in program.module.every(ast.Call):
        if program.origins.of(node.func) in TENACITY:
            retry = next((keyword.value for keyword in node.keywords if keyword.arg == "retry"), None)
            if retry is not None and _takes_error(retry, program):
                start, end = program.module.span(retry)
                message = (
                    "tenacity gives `retry` its RetryCallState, not the error, so this never retries: "
                    "wrap it in retry_if_exception"
                )
                yield Finding(code="CLA503", start=start, end=end, message=message, edits=_wrapped(retry, program))


def _takes_error(retry: ast.expr, program: Program) -> bool:
    function: ast.Lambda | Function | None = (
        retry
        if isinstance(retry, ast.Lambda)
        else program.origins.function(retry)
        if isinstance(retry, ast.Name)
        else None
    )
    if function is None:
        return False
    parameters = [*function.args.posonlyargs, *function.args.args]
    return len(parameters) == 1 and _is_used_as_error(parameters[0].arg, function)


def _is_used_as_error(name: str, function: ast.AST) -> bool:
    asked = False
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if owner == name and attribute in OF_STATE:
                return False
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=first), _]) if first == name:
                asked = True
            case ast.Attribute(value=ast.Name(id=owner), attr="status_code" | "response" | "type") if owner == name:
                asked = True
    return asked


def _wrapped(retry: ast.expr, program: Program) -> tuple[Edit, ...]:
    """Return the edits to `retry_if_exception(...)`, imported where `retry` is."""
    code = program.module.segment(retry)
    for node in program.module.every(ast.ImportFrom, ast.Import):
        match node:
            case ast.ImportFrom(module="tenacity", names=names, level=0) if (
                program.module.scopes[node] is program.module.root
            ):
                known = next((alias for alias in names if alias.name == "retry_if_exception"), None)
                wrapper = (known.asname or known.name) if known else "retry_if_exception"
                end = program.module.span(names[-1])[1]
                imported = () if known else (Edit(end, end, ", retry_if_exception"),)
                if names[-1].name == "*":
                    return ()
                return (*imported, *replaced(retry, f"{wrapper}({code})", program.module))
            case ast.Import(names=[ast.alias(name="tenacity", asname=alias)]):
                return replaced(retry, f"{alias or 'tenacity'}.retry_if_exception({code})", program.module)
    return ()


def bare_errors(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield errors of the SDK that are made without what they need."""
    del facts
    for node in program.module.every(ast.Call):
        if found := ERROR.fullmatch(program.origins.of(node.func)):
            needed = _missing(found[1], node)
            if needed:
                start, end = program.module.span(node)
                message = f"{found[1]} cannot be made without {needed}: TypeError; raise an error of your own"
                yield Finding(code="CLA504", start=start, end=end, message=message)


def _missing(name: str, call: ast.Call) -> str:
    given = {keyword.arg for keyword in call.keywords}
    if None in given or any(isinstance(each, ast.Starred) for each in call.args):
        return ""
    if name == "APIConnectionError" and (call.args or "request" not in given):
        return "request= (and message=, by name)"
    if name in WITH_RESPONSE and not {"response", "body"} <= given:
        return "response= and body="
    return ""
