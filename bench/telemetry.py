"""The CPU that it costs to be looked on, in microseconds a call: by nobody, by the log, by OpenTelemetry.

`python bench/telemetry.py`. Rounds of all ways alternate; of each, the least counts.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from figures import Figure, tell
from instant import sdk
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider

from clarion import ClaudeService, Telemetry

CALLS, ROUNDS = 100, 15
ALONE = "telemetry=False"
log = logging.getLogger("clarion.attempts")


class Nowhere(logging.Handler):
    """Formats records as a handler does, and drops them."""

    def emit(self, record: logging.LogRecord) -> None:
        self.format(record)


def main() -> None:
    seen = Telemetry(tracer_provider=TracerProvider(), meter_provider=MeterProvider([InMemoryMetricReader()]))
    ways: dict[str, tuple[Any, int]] = {
        ALONE: (False, logging.WARNING),
        "nobody": (True, logging.WARNING),
        "the log": (True, logging.INFO),
        "OpenTelemetry": (seen, logging.WARNING),
    }
    log.addHandler(Nowhere())
    log.propagate = False
    services = {name: ClaudeService(sdk=sdk(), telemetry=telemetry) for name, (telemetry, _) in ways.items()}
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, claude in services.items():
            log.setLevel(ways[name][1])
            start = time.process_time()
            for _ in range(CALLS):
                claude.complete("Hi")
            least[name] = min(least[name], (time.process_time() - start) / CALLS * 1e6)
    beside = least.pop(ALONE)
    for name, micros in least.items():
        tell(Figure(what=f"a call, seen by {name}", value=micros, unit="us", reference=ALONE, beside=beside))


main()
