r"""The emulator itself: one function from request to response, with no socket, loop or sleep in it.

    bytes in -> route -> gate (size, key, version, JSON) -> endpoint -> Response
                  \________________ Refusal ____________________/

Servers and transports live at the edge and only carry what `respond` returns.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from clarion.emulator import clock as clocks
from clarion.emulator import gate, limits, routes
from clarion.emulator.pace import Pace
from clarion.emulator.script.step import Script, Step
from clarion.emulator.wire import (
    HOPELESS,
    JSON,
    ORGANIZATION_ID,
    WORKSPACE_ID,
    Refusal,
    Response,
    Stamp,
    error_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from clarion.emulator.clock import Clock

__all__ = ["Emulator"]


class Emulator:
    """An offline Messages API. The same requests in the same order get the same answers, ids and usage.

    One emulator may be shared by threads. Behaviour follows the Claude API documentation as of November
    2026, for API versions 2023-06-01 and 2026-10-21.

    Args:
        clock: Tells the time, as an aware datetime or seconds since the epoch.
        tokens_per_second: Pace of the answers; None answers at once.
        first_token_delay: Seconds before the first token.
        script: What the first calls get instead of a plain answer, a step a call: see `clarion.emulator.script`.

    """

    def __init__(
        self,
        *,
        clock: Clock = clocks.real,
        tokens_per_second: float | None = None,
        first_token_delay: float = 0.0,
        script: Iterable[Step] = (),
    ) -> None:
        if tokens_per_second is not None and tokens_per_second <= 0:
            raise ValueError(f"tokens_per_second must be positive or None, not {tokens_per_second}")
        if first_token_delay < 0:
            raise ValueError(f"first_token_delay must not be negative, it is {first_token_delay}")
        self._clock = clock
        self._pace = Pace(first_token_delay, tokens_per_second)
        self._script = Script(script)
        self._ordinals = itertools.count(1)  # next() on it is one step, so threads never share an ordinal

    @property
    def unused(self) -> tuple[Step, ...]:
        """The steps of the script that no call has taken yet, in order."""
        return self._script.unused

    def add(self, *steps: Step) -> None:
        """Put steps at the end of the script."""
        self._script.add(*steps)

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one HTTP request. What the API would refuse is answered with its error, never raised.

        Nothing is waited for here: whoever sends the answer keeps to its delays.

        Args:
            method: The HTTP method, in capitals.
            path: The path with its query string, such as `/v1/messages?beta=true`.
            headers: The request's headers; names in any case.
            body: The raw body, empty if there is none.

        Raises:
            ConnectionLost: The script has the connection break before an answer.

        """
        stamp = Stamp.of(next(self._ordinals), path, body)
        now = clocks.instant(self._clock)
        try:
            response = self._serve(method, path, headers, body, stamp, now)
        except Refusal as refusal:
            response = _refused(refusal, stamp.id("req"), now)
        return replace(response, headers=response.headers | _identity(stamp, response))

    def _serve(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, stamp: Stamp, now: datetime
    ) -> Response:
        place, _, query = path.partition("?")
        gate.check_size(body)
        route, match = routes.find(method, unquote(place))
        lowered = {name.lower(): value for name, value in headers.items()}
        gate.check_credentials(lowered)
        version = gate.check_version(lowered)
        request = routes.Request(
            query=parse_qs(query),
            match=match,
            body=gate.parse(body) if method == "POST" else None,
            version=version,
            betas=gate.betas(lowered),
            stamp=stamp,
            now=now,
            pace=self._pace,
            script=self._script,
        )
        return route.endpoint(request)


def _refused(refusal: Refusal, request_id: str, now: datetime) -> Response:
    headers = {"content-type": JSON, **limits.headers(limits.DEFAULT, now)}
    if refusal.status in HOPELESS:
        headers["x-should-retry"] = "false"
    headers |= refusal.headers
    return Response(refusal.status, headers, error_body(refusal, request_id), refusal.delay)


def _identity(stamp: Stamp, response: Response) -> dict[str, str]:
    if "via" in response.headers:  # a proxy's own answer: the API has not seen the request
        return {"server": "clarion-emulator"}
    return {
        "request-id": stamp.id("req"),
        "anthropic-organization-id": ORGANIZATION_ID,
        "anthropic-workspace-id": WORKSPACE_ID,
        "server": "clarion-emulator",
    }
