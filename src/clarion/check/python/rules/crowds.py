"""Many calls at once, with nothing that bounds how many."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.finding import Finding
from clarion.check.python.scopes import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.python.calls import Program
    from clarion.check.python.scopes import Function

GATHERS = (
    "asyncio.gather",
    "asyncio.as_completed",
    "asyncio.wait",
    "tqdm.asyncio.tqdm.gather",
    "tqdm.asyncio.tqdm_asyncio.gather",
)
LISTS = (ast.ListComp, ast.GeneratorExp, ast.SetComp)
MESSAGE = (
    "calls of the API go out all at once, however many there are: bound them by a semaphore or a limiter, "
    "or send them as a batch for half the price"
)
SENDS = ("create", "parse", "stream")
DEPTH = 5


def unbounded(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield calls of the API sent at once, one for each item of something that may be long, and no limit in sight."""
    del facts
    for node in program.module.every(ast.Call):
        sent = _gathered(node, program) or _started(node, program)
        if sent is not None and _is_open(sent.items, program) and sends(sent.task, program):
            start, end = program.module.span(node.func)
            yield Finding(code="CLA501", start=start, end=end, message=MESSAGE)


class Crowd(NamedTuple):
    """A task, and the items for each of which it is started."""

    task: ast.expr
    items: ast.expr


def _gathered(call: ast.Call, program: Program) -> Crowd | None:
    """Return the crowd of `gather(*[task(item) for item in items])` and its like."""
    if program.origins.of(call.func) in GATHERS:
        for argument in call.args[:1]:
            made = program.origins.value(argument.value if isinstance(argument, ast.Starred) else argument)
            if isinstance(made, LISTS):
                return Crowd(made.elt, made.generators[0].iter)
    return None


def _started(call: ast.Call, program: Program) -> Crowd | None:
    """Return the crowd of `group.create_task(task(item))`, or that of asyncio, in a loop over items."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "create_task" and len(call.args) == 1):
        return None
    owner = program.origins.of(call.func.value)
    if owner != "asyncio" and not owner.startswith("asyncio.TaskGroup()"):
        return None
    for outer in program.module.ancestors(call):
        match outer:
            case ast.For(iter=items):
                return Crowd(call.args[0], items)
            case ast.ListComp(generators=[first, *_]) | ast.SetComp(generators=[first, *_]):
                return Crowd(call.args[0], first.iter)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return None
    return None


def _is_open(items: ast.expr, program: Program) -> bool:
    """Whether there may be any number of items: not a literal, a slice, a small range, or a part taken from a loop."""
    iterable = program.origins.value(items)
    match iterable:
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Subscript(slice=ast.Slice()):
            return False
        case ast.Call(func=func, args=[*_, ast.Constant()]) if program.origins.of(func) == "builtins.range":
            return False
        case ast.Call(func=func, args=[first, *_]) if program.origins.of(func) in (
            "builtins.enumerate",
            "builtins.zip",
        ):
            return not isinstance(program.origins.value(first), ast.List | ast.Tuple) and not _is_part(first, program)
    return not _is_part(iterable, program)


def _is_part(iterable: ast.expr | None, program: Program) -> bool:
    """Whether an iterable is what a loop, or a generator of parts, gave."""
    if isinstance(iterable, ast.Name) and (found := program.module.scopes[iterable].lookup(iterable.id)):
        return any(binding.kind == "element" for binding in found[1]) or bool(
            {"chunk", "batch", "group", "part"} & set(iterable.id.lower().split("_"))
        )
    return False


def sends(node: ast.AST, program: Program, depth: int = 0) -> bool:
    """Whether an expression or a function calls the API, itself or through others, with no lock around."""
    if depth > DEPTH:
        return False
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    if any(isinstance(call.func, ast.Attribute) and call.func.attr == "acquire" for call in calls):
        return False
    for call in calls:
        if _is_bounded(call, node, program):
            continue
        if program.method(call) in SENDS:
            return True
        function = program.origins.function(call.func)
        if function is not None and not _is_locked(function, program) and sends(function, program, depth + 1):
            return True
    return False


def _is_bounded(call: ast.Call, within: ast.AST, program: Program) -> bool:
    """Whether a call stands in an `async with` of something other than a client or its stream."""
    for outer in program.module.ancestors(call) if call is not within else ():
        if isinstance(outer, ast.AsyncWith) and any(_is_lock(item.context_expr, program) for item in outer.items):
            return True
        if outer is within:
            return False
    return False


def _is_lock(manager: ast.expr, program: Program) -> bool:
    return not program.origins.of(manager).startswith(
        ("anthropic.", "httpx", "aiohttp.", "asyncio.timeout", "asyncio.TaskGroup")
    )


def _is_locked(function: Function, program: Program) -> bool:
    """Whether a decorator may bound how many calls of a function run at once."""
    quiet = ("builtins.", "tenacity.", "backoff.", "functools.")
    return any(not program.origins.of(each).startswith(quiet) for each in function.decorator_list) and isinstance(
        function, FUNCTIONS
    )
