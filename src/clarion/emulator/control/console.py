"""The console: a table of routes below `/_emulator/`, and everything else left to the emulator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from clarion.emulator.control import door, views
from clarion.emulator.control.feed import feed
from clarion.emulator.control.page import page, policy
from clarion.emulator.durations import seconds
from clarion.emulator.scenario import Scenario, ScenarioError
from clarion.emulator.wire import EVENT_STREAM, JSON, Refusal, Response, error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.emulator.app import Emulator
    from clarion.emulator.exchange import Exchange
    from clarion.emulator.state import State

__all__ = ["PREFIX", "ROUTES", "Console"]

PREFIX = "/_emulator"
MOST = 1000  # exchanges in a page of the list
SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff", "server": "clarion-emulator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a route is given: what its pattern caught, the query, the JSON body, and the emulator."""

    match: re.Match[str]
    query: dict[str, str]
    body: dict[str, Any]
    emulator: Emulator

    @property
    def state(self) -> State:
        """What the emulator remembers."""
        return self.emulator.state


class Console:
    """An emulator with its console, for a server.

    Args:
        emulator: What answers all other paths, and what the console shows.

    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one HTTP request; as `Emulator.respond` if the path is not the console's."""
        if not path.startswith(PREFIX):
            return self._emulator.respond(method, path, headers, body)
        place, _, query = path.partition("?")
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            door.check(method, lowered)
            route, match = _find(method, place)
            asked = {name: values[-1] for name, values in parse_qs(query).items()}
            response = route(Request(match=match, query=asked, body=_read(method, body), emulator=self._emulator))
        except Refusal as refusal:
            response = Response(refusal.status, {"content-type": JSON}, orjson.dumps(error(refusal, "")))
        response.headers.update(SAFE)
        return response


def show_page(request: Request) -> Response:
    """The live page."""
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy()}
    return Response(200, headers, page())


def list_requests(request: Request) -> Response:
    """The log, newest first: `limit`, `before` a number; `model`, `path`, `step` with `*`; `status`; `text`."""
    limit = _whole(request.query, "limit", 100)
    before = _whole(request.query, "before", request.state.log.opened + 1)
    found = [exchange for exchange in reversed(request.state.log) if exchange.number < before]
    page: list[dict[str, Any]] = []
    for exchange in found:
        if len(page) == min(limit, MOST):
            break
        if _fits(exchange, request.query):
            page.append(views.summary(exchange))
    return _answer({"data": page, "has_more": bool(page) and page[-1]["number"] > views.oldest(request.state)})


def show_request(request: Request) -> Response:
    """One exchange, whole."""
    number = int(request.match["number"])
    exchange = request.state.log.numbered(number)
    if exchange is None:
        raise Refusal(404, f"there is no request {number} in the log; it keeps the newest only")
    return _answer(views.detail(exchange))


def show_state(request: Request) -> Response:
    """The clock, the settings, what is kept, and how a script or scenario stands."""
    return _answer(views.state(request.state))


def show_verdict(request: Request) -> Response:
    """What clients did that the documentation asks them not to do, and what a scenario expects in vain."""
    findings = [views.finding(one) for one in request.emulator.verdict()]
    return _answer({"data": findings, "unmet": request.emulator.unmet()})


def watch(request: Request) -> Response:
    """What changes in the log, as server-sent events; `since` a revision."""
    return Response(200, {"content-type": EVENT_STREAM}, feed(request.state, _whole(request.query, "since", 0)))


def reset(request: Request) -> Response:
    """Forget the log, batches, files and cached prompts, put the clock right, begin the script or scenario anew."""
    request.emulator.reset()
    return show_state(request)


def move_clock(request: Request) -> Response:
    """Move the clock forward: `{"advance": "24h"}`."""
    try:
        request.state.clock.advance(seconds(request.body.get("advance")))
    except (ValueError, OverflowError) as problem:
        raise Refusal(400, f"advance: {problem}") from None
    return show_state(request)


def set_faults(request: Request) -> Response:
    """Turn the scenario off or on, or begin another: `{"on": false}`, `{"play": NAME}`, `{"scenario": DOCUMENT}`."""
    match request.body:
        case {"on": bool() as is_on}:
            request.state.script.is_on = is_on
        case {"play": str() as name} if name in Scenario.ready():
            request.emulator.play(name)
        case {"play": name}:
            raise Refusal(400, f"play: there is no ready scenario {name!r}: {', '.join(Scenario.ready())}")
        case {"scenario": str() | dict() as document}:
            request.emulator.play(_scenario(document))
        case _:
            raise Refusal(400, 'the body must be {"on": true or false}, {"play": NAME} or {"scenario": DOCUMENT}')
    return show_state(request)


def _scenario(document: str | dict[str, Any]) -> Scenario:
    text = document if isinstance(document, str) else orjson.dumps(document).decode()
    try:
        return Scenario.parse(text, "scenario")
    except ScenarioError as problem:
        raise Refusal(400, str(problem)) from None


ROUTES: tuple[tuple[str, str, Callable[[Request], Response]], ...] = (
    ("GET", r"/?", show_page),
    ("GET", r"/requests", list_requests),
    ("GET", r"/requests/(?P<number>\d{1,18})", show_request),
    ("GET", r"/state", show_state),
    ("GET", r"/verdict", show_verdict),
    ("GET", r"/events", watch),
    ("POST", r"/reset", reset),
    ("POST", r"/clock", move_clock),
    ("POST", r"/faults", set_faults),
)


def _find(method: str, place: str) -> tuple[Callable[[Request], Response], re.Match[str]]:
    found = [(verb, route, match) for verb, way, route in ROUTES if (match := re.fullmatch(PREFIX + way, place))]
    for verb, route, match in found:
        if verb == method:
            return route, match
    if found:
        raise Refusal(405, f"{method} is not allowed here, only {found[0][0]}")
    raise Refusal(404, f"there is nothing at {place}; the console is at {PREFIX}/")


def _read(method: str, body: bytes) -> dict[str, Any]:
    if method != "POST":
        return {}
    try:
        data = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as problem:
        raise Refusal(400, f"the body is not valid JSON: {problem}") from None
    if not isinstance(data, dict):
        raise Refusal(400, "the body must be a JSON object")
    return data


def _answer(data: dict[str, Any]) -> Response:
    return Response(200, {"content-type": JSON}, orjson.dumps(data))


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal(400, f"{name}: {text!r} is no whole number")
    return int(text)


def _fits(exchange: Exchange, query: Mapping[str, str]) -> bool:
    values = {"model": exchange.model, "path": exchange.path, "step": exchange.step, "status": exchange.response.status}
    for name, value in values.items():
        if name in query and not fnmatchcase(str(value or ""), query[name]):
            return False
    return query.get("text", "").lower() in exchange.text.lower()
