"""What is simulated: rows, the limits they meet, and who else draws on them. They are the table at the end."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from clarion.bulk.lease import Lease
from clarion.bulk.mixture import Mixture

REQUESTS, INPUT, OUTPUT = LIMITS = ("requests", "input tokens", "output tokens")


@dataclass(slots=True)
class Row:
    """One request: its true tokens, the caller's guess of the input, and how it fared."""

    input_tokens: int
    output_tokens: int
    guess: float
    sent: float = 0.0
    done: float = math.inf
    charged: float = 0.0
    headers: dict[str, Reading] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the headers of an answer say of one limit; `reset` is the moment when its bucket will be full."""

    limit: float
    remaining: float
    reset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Limits a minute, the shape of the rows, and what is awkward about them.

    `burst` is how many seconds of a limit its bucket holds. `others` are stretches (start, end, share) in which
    somebody else takes a share of every limit. With `growth`, requests are refused that are more than 1 + growth times
    those of the ten seconds before, from a floor of a hundred on. `told` is what a configured client believes of the
    limits, as a multiple of the truth. `blocks` alternates so many rows heavy in input and heavy in output; `shuffled`
    mixes the order within so many rows, `ahead` as a job does, which begins a row at most so many later. `snapshot`
    says when the levels of the headers are taken. `capacity` is how many requests are served at a time; of all, a share
    of `strays` is refused as an overload, for no reason.
    """

    name: str
    rows: int = 12_000
    requests: float = 5_000
    input_tokens: float = 5e6
    output_tokens: float = 1e6
    burst: float = 60.0
    full: float = 1.0
    input_median: float = 700
    output_median: float = 200
    max_tokens: int = 4096
    first_token: float = 0.4
    speed: float = 120.0
    round_trip: float = 0.05
    others: tuple[tuple[float, float, float], ...] = ()
    growth: float = 0.0
    capacity: int | None = None
    strays: float = 0.0
    giants: float = 0.0
    giant: int = 100_000
    swell: float = 1.0
    processes: int = 1
    apart: float = 0.0
    told: float = 1.0
    sockets: int = 1000
    snapshot: str = "end"
    shuffled: int = 0
    ahead: int = 0
    blocks: int = 0

    def limit(self, name: str) -> float:
        """Return one of the limits, a minute."""
        return {REQUESTS: self.requests, INPUT: self.input_tokens, OUTPUT: self.output_tokens}[name]

    def taken(self, now: float) -> float:
        """Return the share of every limit that somebody else takes."""
        return sum(share for start, end, share in self.others if start <= now < end)

    def draw(self, seed: int) -> list[Row]:
        """Return the rows, in the order in which they are sent."""
        rng = random.Random(seed)
        rows = [self._row(index, rng) for index in range(self.rows)]
        for start in range(0, len(rows) if self.shuffled else 0, self.shuffled or 1):
            window = rows[start : start + self.shuffled]
            rng.shuffle(window)
            rows[start : start + self.shuffled] = window
        return self._as_leased(rows, rng) if self.ahead else rows

    def _as_leased(self, rows: list[Row], rng: random.Random) -> list[Row]:
        """Return rows as a worker on a job takes them out of those that it has leased."""
        mixture = Mixture(self.ahead, rng)
        mixture.add(Lease(place, 1, 0) for place in range(len(rows)))
        return [rows[lease.seq] for lease in iter(mixture.next, None)]

    def _row(self, index: int, rng: random.Random) -> Row:
        median = self.output_median * (self.swell if index >= self.rows / 2 else 1)
        tokens_in = int(max(20, rng.lognormvariate(math.log(self.input_median), 0.5)))
        if self.giants and rng.random() < self.giants:
            tokens_in = self.giant
        tokens_out = int(min(self.max_tokens, max(3, rng.lognormvariate(math.log(median), 0.7))))
        if self.blocks and index // self.blocks % 2 == 0:
            tokens_in, tokens_out = tokens_in * 4, max(3, tokens_out // 10)
        elif self.blocks:
            tokens_in, tokens_out = max(20, tokens_in // 10), tokens_out * 2
        return Row(tokens_in, tokens_out, tokens_in * rng.lognormvariate(0, 0.1))


OTHERS = ((20.0, 100.0, 0.5),)
SCENARIOS = {
    "A": Scenario(name="bound by output, full buckets of 60 s"),
    "A0": Scenario(name="buckets empty at the start", rows=8000, full=0.0),
    "A1": Scenario(name="as A0, headers as of admission", rows=8000, full=0.0, snapshot="admission"),
    "B": Scenario(name="buckets of 5 s", rows=8000, burst=5),
    "B1": Scenario(name="buckets of 1 s", rows=8000, burst=1),
    "C": Scenario(name="max_tokens of 32,000", max_tokens=32_000),
    "D": Scenario(name="others take half, 20 s to 100 s", rows=10_000, others=OTHERS),
    "D1": Scenario(name="as D, headers as of admission", rows=10_000, others=OTHERS, snapshot="admission"),
    "E": Scenario(name="told twice the limits", told=2.0),
    "E2": Scenario(name="told half the limits", told=0.5),
    "F": Scenario(name="bound by requests", rows=15_000, output_median=10, input_median=200),
    "G": Scenario(name="1 % of 100,000 input tokens", giants=0.01, output_tokens=1.2e6),
    "G2": Scenario(name="blocks of input, of output; 5 s", rows=8000, blocks=500, burst=5, input_tokens=6e6),
    "G3": Scenario(name="as G2, shuffled in 2,000", rows=8000, blocks=500, burst=5, input_tokens=6e6, shuffled=2000),
    "G4": Scenario(name="as G2, as a job takes them", rows=8000, blocks=500, burst=5, input_tokens=6e6, ahead=2000),
    "H": Scenario(name="growth limited to 50 % in 10 s", growth=0.5),
    "I": Scenario(name="120 are served at a time", rows=8000, capacity=120, first_token=1.0),
    "I2": Scenario(name="2 % overloads, for no reason", strays=0.02),
    "I3": Scenario(name="both", rows=8000, capacity=120, first_token=1.0, strays=0.02),
    "J": Scenario(name="answers grow eightfold half-way", rows=6000, swell=8, output_median=100),
    "K": Scenario(name="four processes", processes=4),
    "KB1": Scenario(name="four processes, buckets of 1 s", rows=8000, burst=1, processes=4),
    "KG": Scenario(name="four processes, 1 % of 100,000", giants=0.01, output_tokens=1.2e6, processes=4),
    "KH": Scenario(name="four processes, growth limited", growth=0.5, processes=4),
    "KHN": Scenario(name="as KH, 15 s apart", growth=0.5, processes=4, apart=15),
    "KI": Scenario(name="four, 120 are served at a time", rows=8000, capacity=120, first_token=1.0, processes=4),
    "KI2": Scenario(name="four, 2 % overloads", strays=0.02, processes=4),
    "KN": Scenario(name="four processes, 15 s apart", processes=4, apart=15),
}
