"""The ways of pacing that are in use elsewhere, each by its published rules, to compare with."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from limiter.scenario import INPUT, LIMITS, OUTPUT, REQUESTS, Reading, Row, Scenario
from limiter.server import Refusal, Server

LOOK = 0.02  # seconds after which an oracle looks again


@dataclass(slots=True)
class Policy:
    """Sends everything at once, as far as there are sockets.

    `holds_place`: a refused row keeps its place among those in flight while it waits.
    """

    scenario: Scenario
    in_flight: int = 0
    holds_place: bool = True
    server: Server | None = None  # which only an oracle looks at

    def wait(self, row: Row, now: float) -> float:
        """Return how long to wait before sending a row; infinity means until something ends."""
        return 0.0 if self.in_flight < self.scenario.sockets else math.inf

    def wait_again(self, row: Row, now: float) -> float:
        """Return how long to wait before sending a refused row again whose time has come."""
        return 0.0

    def sent(self, row: Row, now: float) -> None:
        """Take note of a row that was sent."""

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        """Take note of an answer."""

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        """Take note of a refusal, and return after how long the row may be tried again."""
        return refusal.retry_after


@dataclass(slots=True)
class Semaphore(Policy):
    """So many at once; each call obeys its own retry-after, as the SDK does, without end."""

    limit: float = 100

    def wait(self, row: Row, now: float) -> float:
        return 0.0 if self.in_flight < int(self.limit) else math.inf


@dataclass(slots=True)
class Aimd(Semaphore):
    """Concurrency by additive increase, multiplicative decrease (Netflix concurrency-limits, AIMDLimit)."""

    limit: float = 20.0

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        if self.in_flight * 2 >= self.limit:
            self.limit = min(self.scenario.sockets, self.limit + 1)

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        self.limit = max(1.0, self.limit * 0.9)
        return refusal.retry_after


@dataclass(slots=True)
class WindowedAimd(Semaphore):
    """The same per round trip: one more for each full round, half at most once a retry-after."""

    limit: float = 20.0
    cut: float = -math.inf

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        if self.in_flight * 2 >= self.limit:
            self.limit = min(self.scenario.sockets, self.limit + 1 / self.limit)

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        if now - self.cut > refusal.retry_after:
            self.limit, self.cut = max(1.0, self.limit / 2), now
        return refusal.retry_after


@dataclass(slots=True)
class Gradient(Semaphore):
    """Concurrency that follows long over short latency (Netflix concurrency-limits, Gradient2Limit)."""

    limit: float = 20.0
    usual: float = 0.0

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        latency = now - row.sent
        self.usual = self.usual + (latency - self.usual) * 2 / 601 if self.usual else latency
        if self.in_flight > self.limit / 2:
            gradient = max(0.5, min(1.0, 1.5 * self.usual / latency))
            self.limit = min(self.scenario.sockets, 0.8 * self.limit + 0.2 * (self.limit * gradient + 4))


@dataclass(slots=True)
class AwsAdaptive(Policy):
    """The "adaptive" retry mode of the AWS SDKs: a cubic rate of sending, switched on by the first refusal."""

    rng: random.Random = field(default_factory=lambda: random.Random(0))
    limits: bool = False
    rate: float = 0.5
    tokens: float = 0.0
    most: float = 1.0
    filled: float = 0.0
    measured: float = 0.0
    bin: float = 0.0
    count: int = 0
    rate_before: float = 0.0
    cut: float = 0.0

    def wait(self, row: Row, now: float) -> float:
        if self.in_flight >= self.scenario.sockets:
            return math.inf
        if not self.limits:
            return 0.0
        self.tokens, self.filled = min(self.most, self.tokens + (now - self.filled) * self.rate), now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate + 1e-4

    def wait_again(self, row: Row, now: float) -> float:
        return self.wait(row, now)

    def sent(self, row: Row, now: float) -> None:
        if self.limits:
            self.tokens -= 1

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        self._measure(now)
        if self.limits:
            shift: float = (self.rate_before * 0.3 / 0.4) ** (1 / 3)
            self._pace(min(0.4 * (now - self.cut - shift) ** 3 + self.rate_before, 2 * self.measured), now)

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        self._measure(now)
        self.rate_before = min(self.measured, self.rate) if self.limits else self.measured
        self.cut, self.limits = now, True
        self._pace(self.rate_before * 0.7, now)
        return min(20.0, self.rng.random() * 4)

    def _measure(self, now: float) -> None:
        half = math.floor(now * 2) / 2
        self.count += 1
        if half > self.bin:
            self.measured = 0.8 * self.count / (half - self.bin) + 0.2 * self.measured
            self.count, self.bin = 0, half

    def _pace(self, rate: float, now: float) -> None:
        self.tokens, self.filled = min(self.most, self.tokens + (now - self.filled) * self.rate), now
        self.rate = max(0.5, rate)
        self.most = max(1.0, rate)
        self.tokens = min(self.tokens, self.most)


@dataclass(slots=True)
class Tank:
    """A token bucket of a client that was told its limit a minute."""

    limit: float
    level: float
    at: float = 0.0

    def wait(self, need: float, now: float) -> float:
        """Return in how many seconds there is so much."""
        self.level, self.at = min(self.limit, self.level + self.limit / 60 * (now - self.at)), now
        short = min(need, self.limit) - self.level
        return 0.0 if short <= 1e-9 else short / self.limit * 60 + 1e-4


@dataclass(slots=True)
class Cookbook(Policy):
    """The script of the OpenAI cookbook: one bucket of tokens, in and max_tokens, no refund, 15 s off after a 429."""

    holds_place: bool = False
    requests: Tank = field(init=False)
    tokens: Tank = field(init=False)
    pause: float = 0.0

    def __post_init__(self) -> None:
        requests, input_tokens, output_tokens = (self.scenario.told * self.scenario.limit(limit) for limit in LIMITS)
        self.requests = Tank(requests, requests)
        self.tokens = Tank(input_tokens + output_tokens, input_tokens + output_tokens)

    def wait(self, row: Row, now: float) -> float:
        if self.in_flight >= 100:  # what aiohttp's connector allows
            return math.inf
        cost = row.guess + self.scenario.max_tokens
        return max(0.0, self.pause - now, self.requests.wait(1, now), self.tokens.wait(cost, now))

    def sent(self, row: Row, now: float) -> None:
        self.requests.level -= 1
        self.tokens.level -= row.guess + self.scenario.max_tokens

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        self.pause = now + 15
        return 0.0


@dataclass(slots=True)
class Mirror(Policy):
    """Three buckets by limits that were told; output charged at its mean and settled; no look at the headers."""

    holds_place: bool = False
    start: float = 1.0
    gives_back: bool = True
    pauses: float = 0.0
    tanks: dict[str, Tank] = field(init=False)
    mean: float | None = None
    answers: int = 0
    pause: float = 0.0

    def __post_init__(self) -> None:
        told = {limit: self.scenario.told * self.scenario.limit(limit) for limit in LIMITS}
        self.tanks = {limit: Tank(most, most * self.start) for limit, most in told.items()}
        self.tanks[REQUESTS].level = max(1.0, self.tanks[REQUESTS].level)

    def wait(self, row: Row, now: float) -> float:
        if self.in_flight >= self.scenario.sockets:
            return math.inf
        row.charged = self.scenario.max_tokens / 4 if self.mean is None else self.mean
        need = {REQUESTS: 1.0, INPUT: row.guess, OUTPUT: row.charged}
        return max(0.0, self.pause - now, *(tank.wait(need[limit], now) for limit, tank in self.tanks.items()))

    def sent(self, row: Row, now: float) -> None:
        self._give(-1, -row.guess, -row.charged)

    def answered(self, row: Row, headers: dict[str, Reading], now: float) -> None:
        self.answers += 1
        weight = max(0.02, 1 / self.answers)
        self.mean = row.output_tokens if self.mean is None else self.mean + weight * (row.output_tokens - self.mean)
        self._give(0, row.guess - row.input_tokens, row.charged - row.output_tokens)

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        if self.gives_back:
            self._give(0, row.guess, row.charged)
        self.pause = now + self.pauses
        return 0.0 if self.pauses else refusal.retry_after

    def _give(self, requests: float, input_tokens: float, output_tokens: float) -> None:
        for limit, amount in zip(LIMITS, (requests, input_tokens, output_tokens), strict=True):
            self.tanks[limit].level += amount


@dataclass(slots=True)
class Oracle(Policy):
    """Sees the server's levels, and knows how fast it lets usage grow: what can be reached by rows in their order."""

    holds_place: bool = False
    on_the_way: deque[tuple[float, int]] = field(default_factory=deque)

    def wait(self, row: Row, now: float) -> float:
        server = self.server
        if self.in_flight >= self.scenario.sockets or server is None:
            return math.inf
        server.advance(now)
        while self.on_the_way and self.on_the_way[0][0] <= now:
            self.on_the_way.popleft()
        need = {
            REQUESTS: 1.0 + len(self.on_the_way),
            INPUT: min(row.input_tokens, server.capacity[INPUT]) + sum(tokens for _, tokens in self.on_the_way),
            OUTPUT: 1.0,
        }
        if self.scenario.growth and server.grows_too_fast(now, besides=len(self.on_the_way)):
            return LOOK
        wait = max((need[limit] - server.level[limit]) / server.rate[limit] for limit in LIMITS)
        return wait + 1e-4 if wait > 0 else 0.0

    def sent(self, row: Row, now: float) -> None:
        self.on_the_way.append((now + self.scenario.round_trip / 2, row.input_tokens))

    def refused(self, row: Row, refusal: Refusal, headers: dict[str, Reading], now: float) -> float:
        return 0.0


def curator(scenario: Scenario) -> Policy:
    """Bespoke Curator: buckets that start empty, 10 s off after a 429, nothing given back."""
    return Mirror(scenario, start=0.0, gives_back=False, pauses=10.0)


POLICIES: dict[str, Callable[[Scenario], Policy]] = {
    "all at once": Policy,
    "semaphore 100": Semaphore,
    "semaphore 300": lambda scenario: Semaphore(scenario, limit=300),
    "cookbook": Cookbook,
    "Curator": curator,
    "AIMD": Aimd,
    "windowed AIMD": WindowedAimd,
    "gradient": Gradient,
    "AWS adaptive": AwsAdaptive,
    "told buckets": Mirror,
    "oracle": Oracle,
}
