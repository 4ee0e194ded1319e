"""The endpoints: each takes a request that has passed the gate and returns its answer.

An endpoint is a function of the request and the pace alone. `ROUTES` is the table the emulator dispatches
on; what comes later (batches, files) is rows here and a module of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import limits, models, sse
from clarion.emulator.answer import answer
from clarion.emulator.rules.check import accept
from clarion.emulator.wire import EVENT_STREAM, JSON, Chunk, Refusal, Response, Stamp, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from clarion.emulator.limits import Limits
    from clarion.emulator.message import Message
    from clarion.emulator.pace import Pace
    from clarion.emulator.script.step import RouteName, Script

__all__ = ["ROUTES", "Request", "Route", "find"]

LIFECYCLES = ("active", "deprecated", "retired")
PAGE_SIZE = 20
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request past the gate. `query` holds all values of a parameter, `match` what the pattern caught."""

    query: dict[str, list[str]]
    match: re.Match[str]
    body: Any
    version: str
    betas: frozenset[str]
    stamp: Stamp
    now: datetime
    pace: Pace
    script: Script


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table: a method, the pattern of a path, and the endpoint that answers."""

    method: str
    pattern: re.Pattern[str]
    endpoint: Callable[[Request], Response]


def create_message(request: Request) -> Response:
    """Answer `POST /v1/messages`, whole or as a stream. What is refused takes no step of the script."""
    call, input_tokens = accept(request.body, request.version, request.betas)
    step = request.script.take("messages", request.body)
    message = step.said(call, answer(call, input_tokens, request.stamp), request.stamp)
    pace = step.pace or request.pace
    headers = limits.headers(limits.limits_of(call.model.line), request.now)
    if request.body.get("stream"):
        extra = {"content-type": EVENT_STREAM, "cache-control": "no-cache"}
        return step.sent(Response(200, extra | headers, _chunks(message, call.model.tokenizer, pace)))
    events = sum(1 for _ in sse.events(message, call.model.tokenizer)) if pace.event_delay else 0
    delay = pace.duration(message.usage.output_tokens, events)
    return step.sent(Response(200, {"content-type": JSON} | headers, orjson.dumps(message.wire()), delay))


def count_tokens(request: Request) -> Response:
    """Answer `POST /v1/messages/count_tokens`."""
    _, input_tokens = accept(request.body, request.version, request.betas, counting=True)
    return _json("count_tokens", {"input_tokens": input_tokens}, limits.COUNT_TOKENS, request)


def list_models(request: Request) -> Response:
    """Answer `GET /v1/models`, a page at a time; retired models only when asked for."""
    wanted = request.query.get("lifecycle", []) + request.query.get("lifecycle[]", [])
    if unknown := [stage for stage in wanted if stage not in LIFECYCLES]:
        raise invalid("lifecycle", f"Input should be 'active', 'deprecated' or 'retired', not '{unknown[0]}'")
    stages = wanted or LIFECYCLES[:2]
    found = [model for model in models.catalogue() if model.lifecycle in stages]
    found.sort(key=lambda model: model.created, reverse=True)
    page, has_more = _page([model.id for model in found], request.query)
    by_id = {model.id: model for model in found}
    data = {
        "data": [models.info(by_id[one]) for one in page],
        "has_more": has_more,
        "first_id": page[0] if page else None,
        "last_id": page[-1] if page else None,
    }
    return _json("models", data, limits.DEFAULT, request)


def get_model(request: Request) -> Response:
    """Answer `GET /v1/models/{id}`; an alias gives the model it stands for."""
    name = request.match["id"]
    model = models.find(name)
    if model is None:
        raise Refusal(404, f"model: {name}")
    return _json("models", models.info(model), limits.DEFAULT, request)


ROUTES = (
    Route("POST", re.compile(r"/v1/messages"), create_message),
    Route("POST", re.compile(r"/v1/messages/count_tokens"), count_tokens),
    Route("GET", re.compile(r"/v1/models"), list_models),
    Route("GET", re.compile(r"/v1/models/(?P<id>[^/]+)"), get_model),
)


def find(method: str, path: str) -> tuple[Route, re.Match[str]]:
    """Return the route of a request, or refuse it with 404 or 405."""
    matches = [(route, match) for route in ROUTES if (match := route.pattern.fullmatch(path))]
    if not matches:
        raise Refusal(404, f"Not found: {path}")
    for route, match in matches:
        if route.method == method:
            return route, match
    allowed = ", ".join(route.method for route, _ in matches)
    raise Refusal(405, f"Method {method} is not allowed here", headers={"allow": allowed})


def _chunks(message: Message, tokenizer: str, pace: Pace) -> Iterator[Chunk]:
    delay = pace.first_token_delay
    for data, cost in sse.events(message, tokenizer):
        yield Chunk(delay + pace.delay(cost) + pace.event_delay, data)
        delay = 0.0


def _json(route: RouteName, data: dict[str, Any], limit: Limits, request: Request) -> Response:
    step = request.script.take(route, request.body or {})
    headers = {"content-type": JSON} | limits.headers(limit, request.now)
    return step.sent(Response(200, headers, orjson.dumps(data)))


def _page(ids: list[str], query: dict[str, list[str]]) -> tuple[list[str], bool]:
    """Return the page after or before a cursor, and whether more lies beyond it in that direction."""
    size = _page_size(query)
    after, before = (query.get(name, [None])[-1] for name in ("after_id", "before_id"))
    if after and before:
        raise invalid("", "only one of `before_id` and `after_id` may be given")
    for name, cursor in (("after_id", after), ("before_id", before)):
        if cursor and cursor not in ids:
            raise invalid(name, f"no model '{cursor}' in this list")
    if before:
        rest = ids[: ids.index(before)]
        return rest[-size:], len(rest) > size
    rest = ids[ids.index(after) + 1 :] if after else ids
    return rest[:size], len(rest) > size


def _page_size(query: dict[str, list[str]]) -> int:
    text = query.get("limit", [str(PAGE_SIZE)])[-1]
    if not text.isascii() or not text.isdigit():
        raise invalid("limit", "Input should be a valid integer")
    if not 1 <= int(text) <= MAX_PAGE_SIZE:
        raise invalid("limit", f"Input should be between 1 and {MAX_PAGE_SIZE}")
    return int(text)
