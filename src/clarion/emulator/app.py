r"""The emulator itself: one function from request to response, with no socket, loop or sleep in it.

    bytes in -> route -> gate (size, key, version, JSON) -> endpoint -> Response
                  \________________ Refusal ____________________/

Servers and transports live at the edge and only carry what `respond` returns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

import orjson

from clarion.emulator import clock as clocks
from clarion.emulator import gate, routes
from clarion.emulator.asked import Asked
from clarion.emulator.clock import ShiftedClock
from clarion.emulator.endpoints.request import Request
from clarion.emulator.limits import Limiter
from clarion.emulator.pace import Pace
from clarion.emulator.scenario.run import SCRIPT, Run
from clarion.emulator.scenario.scenario import Scenario
from clarion.emulator.state import Settings, State
from clarion.emulator.verdict import judge, shortcomings
from clarion.emulator.wire import (
    HOPELESS,
    JSON,
    ORGANIZATION_ID,
    WORKSPACE_ID,
    ConnectionLost,
    Refusal,
    Response,
    Stamp,
    error,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from clarion.emulator.asked import Answerer
    from clarion.emulator.clock import Clock
    from clarion.emulator.limits import Limits, Ramp, SpendLimits, TierName
    from clarion.emulator.log import Log
    from clarion.emulator.routes import Route
    from clarion.emulator.scenario.run import Account
    from clarion.emulator.script.step import Step
    from clarion.emulator.state import Profile
    from clarion.emulator.verdict import Finding

__all__ = ["Emulator"]

SERVER = {"server": "clarion-emulator"}
ACCOUNT = {"anthropic-organization-id": ORGANIZATION_ID, "anthropic-workspace-id": WORKSPACE_ID, **SERVER}
NO_LIMITS: Mapping[str, str] = {}


class Emulator:
    """An offline Messages API. The same requests in the same order get the same answers, ids and usage.

    One emulator may be shared by threads. Behaviour follows the Claude API documentation as of November
    2026, for API versions 2023-06-01 and 2026-10-21.

    Args:
        clock: Tells the time, as an aware datetime or seconds since the epoch.
        tokens_per_second: Pace of the answers; None answers at once.
        first_token_delay: Seconds before the first token.
        script: What the first calls get instead of a plain answer, a step a call: see `clarion.emulator.script`.
        scenario: What calls meet, by rules: a `Scenario`, the path of a file with one, or the name of a ready one.
        profile: `strict` refuses what production refuses; `contract` lets placeholder values pass.
        seed: Varies the answers that are made up.
        answerer: Who answers in the emulator's place: a `Player` or a `Recorder` of `clarion.emulator.recording`.
        batch_seconds: How long a batch takes, by the emulator's clock; beyond 24 h what is left of it expires.
        tier: Keep the rate limits and the monthly spend limit of a tier: `start`, `build` or `scale`. Without it, and
            without `limits`, nothing is refused, and the headers show Start.
        limits: Keep these limits for every group of models, over those of the tier.
        spend_limits: US dollars a month.
        ramp: How fast usage may grow.
        capacity: How many answers are under way at a time; more are answered with 529.

    Raises:
        ScenarioError: There is no such scenario, or something is wrong in its file.
        ValueError: A setting cannot be, or both a script and a scenario are given.

    """

    def __init__(
        self,
        *,
        clock: Clock = clocks.real,
        tokens_per_second: float | None = None,
        first_token_delay: float = 0.0,
        script: Iterable[Step] = (),
        scenario: Scenario | str | Path | None = None,
        profile: Profile = "strict",
        seed: int = 0,
        batch_seconds: float = 1.0,
        tier: TierName | None = None,
        limits: Limits | None = None,
        spend_limits: SpendLimits | None = None,
        ramp: Ramp | None = None,
        capacity: int | None = None,
        answerer: Answerer | None = None,
    ) -> None:
        self._answerer = answerer
        self._state = State(
            settings=Settings(
                profile=profile,
                seed=seed,
                pace=Pace(first_token_delay, tokens_per_second),
                batch_seconds=batch_seconds,
            ),
            clock=ShiftedClock(clock),
            script=_run(script, scenario),
            limiter=Limiter(tier=tier, limits=limits, spend_limits=spend_limits, ramp=ramp, capacity=capacity),
        )

    @property
    def state(self) -> State:
        """What this emulator is set to and remembers."""
        return self._state

    @property
    def is_slow(self) -> bool:
        """True when answers may come from elsewhere, so that an event loop should not wait for `respond`."""
        return self._answerer is not None and self._answerer.is_slow

    @property
    def clock(self) -> ShiftedClock:
        """The time in this emulator; `clock.advance(seconds)` moves it forward."""
        return self._state.clock

    @property
    def requests(self) -> Log:
        """The last requests with their answers, oldest first: `emulator.requests[0].json["model"]`."""
        return self._state.log

    @property
    def unused(self) -> tuple[Step, ...]:
        """The steps of the script or scenario that no call has taken yet, in order."""
        return self._state.script.unused

    @property
    def accounts(self) -> tuple[Account, ...]:
        """How often calls have taken each step of the script or scenario, in all and lane by lane."""
        return self._state.script.accounts

    def add(self, *steps: Step) -> None:
        """Put steps at the end of the script or scenario."""
        self._state.script.add(*steps)

    def play(self, scenario: Scenario | str | Path) -> None:
        """Begin a scenario in place of what was played before.

        Raises:
            ScenarioError: There is no such scenario, or something is wrong in its file.

        """
        self._state.script.play(scenario if isinstance(scenario, Scenario) else Scenario.load(scenario))

    def reset(self) -> None:
        """Forget all requests, batches, files and cached prompts, put the clock right, and begin the script anew."""
        self._state.reset()
        if self._answerer is not None:
            self._answerer.restart()

    def assert_all_consumed(self) -> None:
        """Check that every step has been taken, and that no lane has stopped half-way.

        Raises:
            AssertionError: One has not; the message names the steps and the lanes.

        """
        self._state.script.assert_all_consumed()

    def assert_expected(self) -> None:
        """Check what the scenario expects, as its `expect` says.

        Raises:
            AssertionError: Something of it does not hold; the message says what, and which calls show it.

        """
        if unmet := self.unmet():
            name = self._state.script.scenario.name
            raise AssertionError(f"{name} did not go as expected:\n  " + "\n  ".join(unmet))

    def unmet(self) -> tuple[str, ...]:
        """What the scenario expects and does not hold so far, a sentence each."""
        scenario = self._state.script.scenario
        left = self._state.script.leftovers() if scenario.expect.all_consumed else ()
        return (*left, *shortcomings(self.requests, scenario.expect, speed=scenario.speed))

    def verdict(self) -> tuple[Finding, ...]:
        """What the clients did that the API's documentation asks them not to do, judged by `requests`."""
        return judge(self.requests, speed=self._state.script.scenario.speed)

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
        asked = self._asked(method, path, headers, body)
        try:
            if self._answerer is None:
                response = self._emulate(asked)
            else:
                response = self._answerer.answer(asked, lambda: self._emulate(asked))
        except ConnectionLost as lost:
            self._state.log.lose(asked.exchange, lost)
            raise
        return self._state.log.answer(asked.exchange, response)

    def refuse(self, method: str, path: str, headers: Mapping[str, str], refusal: Refusal) -> Response:
        """Answer a request that whoever carries it has refused before it was whole: too large, or too slow."""
        asked = self._asked(method, path, headers, b"")
        return self._state.log.answer(asked.exchange, _identified(_refused(refusal, asked), asked))

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Asked:
        now = self._state.clock()
        return Asked(
            method=method,
            target=path,
            headers=headers,
            body=body,
            stamp=Stamp.of(next(self._state.ordinals), path, body),
            now=now,
            exchange=self._state.log.open(method, path, headers, body, now),
        )

    def _emulate(self, asked: Asked) -> Response:
        try:
            return self._serve(asked)
        except Refusal as refusal:
            return _identified(_refused(refusal, asked), asked)

    def _serve(self, asked: Asked) -> Response:
        place, _, query = asked.target.partition("?")
        place = unquote(place)
        gate.check_size(asked.body, routes.max_body_of(place))
        route, match = routes.find(asked.method, place)
        lowered = {name.lower(): value for name, value in asked.headers.items()}
        gate.check_credentials(lowered)
        limiter = self._state.limiter
        data: object = None
        try:
            version = gate.check_version(lowered)
            data = _read(route, lowered, asked.body)
            limiter.enter(route.pool, asked.now)
            response = route.endpoint(
                Request(
                    query=parse_qs(query) if query else {},
                    match=match,
                    headers=lowered,
                    version=version,
                    betas=gate.betas(lowered),
                    body=data,
                    stamp=asked.stamp,
                    now=asked.now,
                    state=self._state,
                    exchange=asked.exchange,
                )
            )
        except Refusal as refusal:
            response = _refused(refusal, asked)
        if "via" in response.headers:  # a proxy's own answer: the API has not seen the request
            return Response(response.status, response.headers | SERVER, response.body, response.delay)
        return _identified(response, asked, limiter.headers(route.pool, data, asked.now))


def _run(script: Iterable[Step], scenario: Scenario | str | Path | None) -> Run:
    steps = tuple(script)
    if scenario is None:
        return Run(replace(SCRIPT, rules=steps))
    if steps:
        raise ValueError("an emulator plays a script or a scenario, not both; steps can be rules of a scenario")
    return Run(scenario if isinstance(scenario, Scenario) else Scenario.load(scenario))


def _read(route: Route, headers: Mapping[str, str], body: bytes) -> object:
    match route.takes:
        case "nothing":
            return None
        case "json":
            return gate.parse(headers, gate.decode(headers, body, route.max_body))
        case "bytes":
            return body


def _refused(refusal: Refusal, asked: Asked) -> Response:
    headers = {"content-type": JSON}
    if refusal.status in HOPELESS:
        headers["x-should-retry"] = "false"
    headers |= refusal.headers
    return Response(refusal.status, headers, orjson.dumps(error(refusal, asked.stamp.id("req"))), refusal.delay)


def _identified(response: Response, asked: Asked, limits: Mapping[str, str] = NO_LIMITS) -> Response:
    """Return a response with the headers of limits, and with those that say who answers what for whom."""
    headers = {**limits, **response.headers, **ACCOUNT, "request-id": asked.stamp.id("req")}
    return Response(response.status, headers, response.body, response.delay)
