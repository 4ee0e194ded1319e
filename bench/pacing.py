"""What ways of pacing get out of the rate limits, simulated in virtual time, and what a decision of the pacer costs.

Of every scenario: the share of the scarcest limit that was used, from the first second and after the ramp (20 s), and
refusals per 1,000 rows. `python bench/pacing.py [scenario ...] [--seeds 3]`; all take some minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import timeit
from collections import deque
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the simulation also serves the tests

from figures import Figure, tell

from clarion._pacing import Pacer, Signal
from clarion._usage import Usage
from limiter.ours import Paced, shared
from limiter.policies import POLICIES, Policy
from limiter.run import Run
from limiter.scenario import SCENARIOS, Scenario

BODY = {
    "content": [{"type": "text", "text": "Some words of an answer, and some more. " * 20}],
    "usage": {"input_tokens": 700, "output_tokens": 200, "cache_read_input_tokens": 0},
}
LEVELS = {"requests": 9_000, "input-tokens": 9_000_000, "output-tokens": 1_900_000}
HEADERS = {
    "date": "Wed, 25 Nov 2026 09:50:00 GMT",
    **{f"anthropic-ratelimit-{name}-limit": str(level + 1_000) for name, level in LEVELS.items()},
    **{f"anthropic-ratelimit-{name}-remaining": str(level) for name, level in LEVELS.items()},
    **{f"anthropic-ratelimit-{name}-reset": "2026-11-25T09:50:06Z" for name in LEVELS},
}


def line(name: str, scenario: Scenario, policy: Callable[[Scenario], Policy], seeds: int) -> str:
    """Return the figures of a policy, the mean of some seeds."""
    outcomes = [Run(scenario, policy, seed=seed).outcome() for seed in range(seeds)]
    share, settled, refused = (
        statistics.fmean(getattr(outcome, figure) for outcome in outcomes) for figure in ("share", "settled", "refused")
    )
    left = max(outcome.left for outcome in outcomes)
    failed = f"   {left:,} rows are not done after an hour" if left else ""
    return f"  {name:14} {share:6.3f} {settled:7.3f} {refused:10.1f}{failed}"


def cost(rows: int = 20_000, in_flight: int = 100, *, parsed: bool) -> float:
    """Return the microseconds of CPU that a row costs: reserve, observe and settle, with its headers parsed or not."""
    pacer, usage = Pacer(), Usage(input_tokens=700, output_tokens=200)
    signal, flying = Signal.of(200, HEADERS), deque([pacer.reserve(0.0, input_tokens=700)])
    start = time.process_time()
    for row in range(rows):
        now = row / 100
        flying.append(pacer.reserve(now, input_tokens=700))
        if len(flying) > in_flight:
            booked = flying.popleft()
            pacer.observe(now, booked, Signal.of(200, HEADERS) if parsed else signal)
            pacer.settle(now, booked, usage)
    return (time.process_time() - start) / rows * 1e6


def main() -> None:
    """Print a table a scenario, and the cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[*SCENARIOS, []], default=[])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cost", action="store_true", help="only what a decision costs")
    asked = parser.parse_args()
    for key in () if asked.cost else asked.scenario or SCENARIOS:
        scenario = SCENARIOS[key]
        print(f"{key}: {scenario.name}\n  {'':14} {'share':>6} {'settled':>7} {'429/1,000':>10}")
        policies = {"Clarion": Paced, **POLICIES}
        if scenario.processes > 1:
            policies = {"Clarion": shared(), "  not shared": Paced, **POLICIES}
        for name, policy in policies.items():
            print(line(name, scenario, policy, asked.seeds), flush=True)
    plain, parsed = (min(cost(parsed=parsed) for _ in range(9)) for parsed in (False, True))
    body = json.dumps(BODY)
    reference = min(timeit.repeat(lambda: json.loads(body), number=2_000, repeat=9)) / 2_000 * 1e6
    what = f"json.loads of its answer of {len(body)} bytes"
    tell(Figure(what="a row paced: reserve, observe, settle", value=plain, unit="us", reference=what, beside=reference))
    tell(Figure(what="the same, with headers parsed", value=parsed, unit="us", reference=what, beside=reference))


if __name__ == "__main__":
    main()
