"""temperature, top_p and top_k: SDK 2.x no longer takes them, and the API version it sends refuses them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from clarion._fit.draft import VERSION
from clarion._fit.sampling import SAMPLING
from clarion._model_names import named
from clarion.check.finding import Finding
from clarion.check.python import http
from clarion.check.python.edits import dropped, whole
from clarion.check.python.literals import data

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
    for call in program.calls:
        bodies = batch_bodies(call, program) if call.method == "batches.create" else _extra_bodies(call, program)
        for body in bodies:
            yield from _fields(body, f"is refused on every model under version {VERSION}, which SDK 2.x sends", program)
    for body in http.bodies(program):  # whose version of the API is theirs to choose
        if (model := _unsampled(body, program, facts)) is not None:
            yield from _fields(body, f"is refused by {model}", program)


def _fields(body: dict[str, Argument], why: str, program: Program) -> Iterator[Finding]:
    for name in SAMPLING:
        if argument := body.get(name):
            start, end = whole(argument, program.module)
            edits = _dropped(argument, program)
            yield Finding(code="CLA202", start=start, end=end, message=f"{name} {why}: 400", edits=edits)


def _unsampled(body: dict[str, Argument], program: Program, facts: Facts) -> str | None:
    """Return the model of a body, if it takes no sampling parameters under any version of the API."""
    name = data(body["model"].value, program) if "model" in body else None
    found = named(name, facts.catalog) if isinstance(name, str) else None
    model = facts.catalog.serving(found.model.id) if found else None
    return model.id if model is not None and not model.sampling else None


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
