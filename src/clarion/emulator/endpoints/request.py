"""What an endpoint is given, and what it answers with when the answer is JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.endpoints.paging import PAGE
from clarion.emulator.gate import key
from clarion.emulator.script.condition import Sight
from clarion.emulator.script.step import PLAIN
from clarion.emulator.wire import JSON, Response

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from clarion.emulator.exchange import Exchange
    from clarion.emulator.script.condition import RouteName
    from clarion.emulator.script.step import Step
    from clarion.emulator.state import State
    from clarion.emulator.wire import Stamp

__all__ = ["Request", "base_url", "json_answer"]

CURSORS = ("after_id", "before_id", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request past the gate.

    `query` holds all values of a parameter, `match` what the pattern of the route caught, `headers` have names in
    lower case, `body` is JSON data, or the raw bytes where the route takes another type, or None without a body.
    """

    query: dict[str, list[str]]
    match: re.Match[str]
    headers: Mapping[str, str]
    body: Any
    version: str
    betas: frozenset[str]
    stamp: Stamp
    now: datetime
    state: State
    exchange: Exchange

    def take(self, route: RouteName) -> Step:
        """Take the step of the script that this call meets, and put it down in the log."""
        if self.state.script.is_idle:
            return PLAIN
        step = self.state.script.take(self.sight(route), self.now)
        if step is not PLAIN:
            self.exchange.step = step.name
        return step

    def sight(self, route: RouteName) -> Sight:
        """Return what the conditions of a script see of this call."""
        return Sight(route=route, body=self.body if isinstance(self.body, dict) else {}, headers=self.headers)

    @property
    def takes_placeholders(self) -> bool:
        """True when any id stands for something."""
        return self.state.settings.takes_placeholders

    def query_within(self, ids: Collection[str]) -> dict[str, list[str]]:
        """Return the query for a list; where placeholders are taken, without cursors that are not among its ids."""
        if not self.takes_placeholders:
            return self.query
        return {
            name: values
            for name, values in self.query.items()
            if name not in CURSORS or values[-1].removeprefix(PAGE) in ids
        }

    @property
    def scope(self) -> str:
        """Whose prompt cache this is: each key is taken for that of a workspace of its own, unless one is named."""
        return self.headers.get("anthropic-workspace-id") or key(self.headers)


def json_answer(request: Request, route: RouteName, data: dict[str, Any]) -> Response:
    """Return data as the answer of a route, or what a step of the script has in its place."""
    return request.take(route).sent(Response(200, {"content-type": JSON}, orjson.dumps(data)))


def base_url(request: Request) -> str:
    """Return where the client thinks it is talking to, for URLs in answers."""
    host = request.headers.get("host", "api.anthropic.com")
    name = host.rpartition(":")[0] if ":" in host else host
    is_plain = name != host or name in {"localhost", "127.0.0.1"}
    scheme = request.headers.get("x-forwarded-proto", "http" if is_plain else "https")
    return f"{scheme}://{host}"
