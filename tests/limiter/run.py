"""One run of a scenario under a policy, event by event, in virtual time."""

from __future__ import annotations

import heapq
import itertools
import math
import statistics
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from limiter.policies import Policy
from limiter.scenario import INPUT, LIMITS, OUTPUT, REQUESTS, Reading, Row, Scenario
from limiter.server import Refusal, Server

SERVED = 0.99  # of the rows: the last few long answers are nobody's fault
HORIZON = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it.

    `share` is the least possible time over the time taken. `settled` is what was drawn of the scarcest limit, as a
    share of what there was to draw, between `Run.settles`, when every ramp is over, and the last row's departure.
    `refused` counts refusals per 1,000 rows, `by` the refusals by limit.
    """

    share: float
    settled: float
    refused: float
    seconds: float
    most_in_flight: int
    left: int
    by: Counter[str]


@dataclass(slots=True)
class Worker:
    """A process: its policy, its rows, and the timer that is due next."""

    policy: Policy
    rows: deque[Row]
    due: float = math.inf


@dataclass(frozen=True, slots=True)
class Totals:
    """The server's levels and sums at a moment."""

    level: dict[str, float]
    drawn: dict[str, float]
    offered: dict[str, float]

    @classmethod
    def of(cls, server: Server, now: float) -> Totals:
        server.advance(now)
        return cls(dict(server.level), dict(server.drawn), dict(server.offered))

    def share_until(self, end: Totals) -> float:
        """Return what was drawn of the scarcest limit, as a share of what there was."""
        return max(
            (end.drawn[limit] - self.drawn[limit]) / (self.level[limit] + end.offered[limit] - self.offered[limit])
            for limit in LIMITS
        )


@dataclass(slots=True)
class Run:
    """A simulation under way."""

    scenario: Scenario
    policy: Callable[[Scenario], Policy]
    seed: int = 0
    settles: float = 20.0
    now: float = 0.0
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    order: itertools.count[int] = field(default_factory=itertools.count)
    refusals: Counter[str] = field(default_factory=Counter)
    most: int = 0
    settled: Totals | None = None
    departed: Totals | None = None

    def outcome(self) -> Outcome:
        """Run to the end, and return what came of it."""
        scenario, server = self.scenario, Server(self.scenario)
        rows = scenario.draw(self.seed)
        workers = [
            Worker(self.policy(scenario), deque(rows[index :: scenario.processes]))
            for index in range(scenario.processes)
        ]
        everyone = _Everyone(self, server, workers)
        for index, worker in enumerate(workers):
            worker.policy.server = server
            self.at(scenario.apart * index, partial(everyone.pump, worker))
        self.at(self.settles, everyone.settle)
        while self.events and self.now < HORIZON:
            self.now, _, event = heapq.heappop(self.events)
            event()
        return self._outcome(server, rows)

    def at(self, moment: float, event: Callable[[], None]) -> None:
        """Let something happen."""
        heapq.heappush(self.events, (moment, next(self.order), event))

    def _outcome(self, server: Server, rows: list[Row]) -> Outcome:
        served = sorted((row for row in rows if row.done < math.inf), key=lambda row: row.done)
        served = served[: math.ceil(SERVED * len(rows))]
        if not served:
            return Outcome(share=0, settled=0, refused=0, seconds=0, most_in_flight=0, left=len(rows), by=self.refusals)
        end = served[-1].done
        start = {limit: capacity * self.scenario.full for limit, capacity in server.capacity.items()}
        latency = statistics.fmean(row.done - row.sent for row in served)
        least = least_time(self.scenario, served, start) + latency
        settled = math.nan
        if self.settled and self.departed and self.now > self.settles:
            settled = self.settled.share_until(self.departed)
        return Outcome(
            share=least / end,
            settled=settled,
            refused=self.refusals.total() / len(rows) * 1000,
            seconds=end,
            most_in_flight=self.most,
            left=sum(row.done == math.inf for row in rows),
            by=self.refusals,
        )


@dataclass(slots=True)
class _Everyone:
    """Server and workers, and what passes between them."""

    run: Run
    server: Server
    workers: list[Worker]

    def pump(self, worker: Worker) -> None:
        """Send rows, in order, as long as the policy lets them go."""
        run, policy = self.run, worker.policy
        while worker.rows:
            wait = policy.wait(worker.rows[0], run.now)
            if wait > 1e-9:
                if wait < math.inf and abs(run.now + wait - worker.due) > 1e-3:
                    worker.due = due = run.now + wait
                    run.at(due, partial(self._wake, worker, due))
                return
            self.send(worker, worker.rows.popleft())
            if not any(other.rows for other in self.workers):
                run.departed = Totals.of(self.server, run.now)

    def send(self, worker: Worker, row: Row) -> None:
        run = self.run
        row.sent = run.now
        worker.policy.in_flight += 1
        run.most = max(run.most, sum(other.policy.in_flight for other in self.workers))
        worker.policy.sent(row, run.now)
        run.at(run.now + run.scenario.round_trip / 2, partial(self._arrive, worker, row))

    def settle(self) -> None:
        self.run.settled = Totals.of(self.server, self.run.now)

    def _wake(self, worker: Worker, due: float) -> None:
        if due == worker.due:  # the newest timer is the valid one
            worker.due = math.inf
            self.pump(worker)

    def _arrive(self, worker: Worker, row: Row) -> None:
        run, scenario = self.run, self.run.scenario
        refusal = self.server.arrive(row, run.now)
        back = scenario.round_trip / 2
        headers = self.server.headers(run.now)
        if refusal:
            run.refusals[refusal.limit] += 1
            run.at(run.now + back, partial(self._refuse, worker, row, refusal, headers))
            return
        row.headers = headers
        run.at(run.now + scenario.first_token, self._generate)
        finished = run.now + scenario.first_token + row.output_tokens / scenario.speed
        run.at(finished, partial(self._finish, worker, row))

    def _generate(self) -> None:
        self.server.advance(self.run.now)
        self.server.generating += 1

    def _finish(self, worker: Worker, row: Row) -> None:
        self.server.advance(self.run.now)
        self.server.generating -= 1
        self.server.serving -= 1
        if self.run.scenario.snapshot == "end":
            row.headers = self.server.headers(self.run.now)
        self.run.at(self.run.now + self.run.scenario.round_trip / 2, partial(self._answer, worker, row))

    def _answer(self, worker: Worker, row: Row) -> None:
        worker.policy.in_flight -= 1
        row.done = self.run.now
        worker.policy.answered(row, row.headers or {}, self.run.now)
        self.pump(worker)

    def _refuse(self, worker: Worker, row: Row, refusal: Refusal, headers: dict[str, Reading]) -> None:
        run, policy = self.run, worker.policy
        wait = policy.refused(row, refusal, headers, run.now)
        if policy.holds_place:
            run.at(run.now + wait, partial(self._again, worker, row))
            return
        policy.in_flight -= 1
        if wait > 0:
            run.at(run.now + wait, partial(self._put_back, worker, row))
        else:
            worker.rows.appendleft(row)
        self.pump(worker)

    def _again(self, worker: Worker, row: Row) -> None:
        worker.policy.in_flight -= 1
        wait = worker.policy.wait_again(row, self.run.now)
        if wait > 0:
            worker.policy.in_flight += 1
            self.run.at(self.run.now + wait, partial(self._again, worker, row))
            return
        self.send(worker, row)

    def _put_back(self, worker: Worker, row: Row) -> None:
        worker.rows.appendleft(row)
        self.pump(worker)


def least_time(scenario: Scenario, rows: list[Row], levels: dict[str, float]) -> float:
    """Return in how many seconds the limits give what the rows need."""
    need = {
        REQUESTS: len(rows),
        INPUT: sum(row.input_tokens for row in rows),
        OUTPUT: sum(row.output_tokens for row in rows),
    }
    return max(_refill(scenario, limit, need[limit] - levels[limit]) for limit in LIMITS)


def _refill(scenario: Scenario, limit: str, need: float) -> float:
    now, rate = 0.0, scenario.limit(limit) / 60
    for edge in sorted(edge for start, end, _ in scenario.others for edge in (start, end)):
        got = rate * (1 - scenario.taken(now)) * (edge - now)
        if got >= need:
            break
        need, now = need - got, edge
    return now + max(0.0, need) / (rate * (1 - scenario.taken(now)))
