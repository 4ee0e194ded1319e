"""temperature, top_p and top_k: SDK 2.x no longer takes them, and the API version it sends refuses them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from clarion._fit.draft import VERSION
from clarion._fit.sampling import SAMPLING
from clarion.check.finding import Finding
from clarion.check.python.edits import dropped, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Edit
    from clarion.check.python.calls import ApiCall, Argument, Program


def removed_arguments(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield what a call is given that its method has no parameter for."""
    del facts
    for call in program.calls:
        for name in SAMPLING:
            if call.method != "batches.create" and (argument := call.arguments.get(name)):
                start, end = whole(argument, program.module)
                message = f"messages.{call.method}() of SDK 2.x takes no {name}: TypeError"
                yield Finding(code="CLA201", start=start, end=end, message=message, edits=_dropped(argument, program))


def removed_fields(program: Program, facts: Facts) -> Iterator[Finding]:
    """Yield what is put into the body of a request past the method's parameters, and refused by the API."""
    del facts
    for call in program.calls:
        bodies = batch_bodies(call, program) if call.method == "batches.create" else _extra_bodies(call, program)
        for body in bodies:
            for name in SAMPLING:
                if argument := body.get(name):
                    start, end = whole(argument, program.module)
                    message = f"the API refuses {name} on every model under version {VERSION}, which SDK 2.x sends: 400"
                    yield Finding(
                        code="CLA202", start=start, end=end, message=message, edits=_dropped(argument, program)
                    )


def batch_bodies(call: ApiCall, program: Program) -> Iterator[dict[str, Argument]]:
    """Yield the bodies in sight of the requests of a batch."""
    requests = program.origins.value(call.value("requests"))
    items: list[ast.expr] = []
    match requests:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            items = elements
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
            items = [element]
    for item in items:
        if params := program.entries(item).get("params"):
            yield program.entries(params.value)


def _extra_bodies(call: ApiCall, program: Program) -> Iterator[dict[str, Argument]]:
    if (extra := call.value("extra_body")) and not _may_send_another_version(call, program):
        yield program.entries(extra)


def _may_send_another_version(call: ApiCall, program: Program) -> bool:
    """Whether headers of the call or of its client, which is then not in sight, may name another version of the API."""
    options = program.client_options(call.node)
    return "extra_headers" in call.arguments or options is None or bool(options & {"default_headers", "http_client"})


def _dropped(argument: Argument, program: Program) -> tuple[Edit, ...]:
    if argument.holder is None or not program.is_used_once(argument.holder):
        return ()
    return dropped(argument, program.module)
