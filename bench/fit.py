"""What fitting costs, in microseconds a request, beside encoding the same request as JSON."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
from figures import Figure, tell

from clarion._catalog import Catalog
from clarion._fit import fit

CATALOG, TODAY = Catalog.load(), date(2026, 11, 23)
TALK = [
    {"role": "assistant" if turn % 2 else "user", "content": [{"type": "text", "text": "Some words of a turn. " * 10}]}
    for turn in range(19)
]
REQUESTS: dict[str, dict[str, Any]] = {
    "fits as it is": {"model": "claude-opus-5-5", "max_tokens": 1000, "system": "Be brief.", "messages": TALK},
    "was written in 2024": {
        "model": "claude-3-5-sonnet-20241022",
        "max_tokens": 16_000,
        "temperature": 0.2,
        "thinking": {"type": "enabled", "budget_tokens": 10_000},
        "messages": TALK,
    },
}


def median_us(work: Callable[[], object], rounds: int = 5000) -> float:
    """Return the median time of one call, in microseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


for name, body in REQUESTS.items():
    fitting = median_us(lambda body=body: fit(body, CATALOG, TODAY))  # type: ignore[misc]  # bound at once
    encoding = median_us(lambda body=body: orjson.dumps(body))  # type: ignore[misc]  # bound at once
    reference = "encoding it by orjson"
    tell(Figure(what=f"fitting what {name}", value=fitting, unit="us", reference=reference, beside=encoding))
