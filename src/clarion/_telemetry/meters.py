"""The metrics of a service, by the names and units of OpenTelemetry's conventions for generative AI.

Semantic conventions for generative AI metrics, status Development, as of November 2026. What these have no name for
begins with `clarion.`: money, and what was tried again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.util.types import AttributeValue

    from clarion._telemetry.lines import Next
    from clarion._telemetry.record import Record

TOKENS = [4**n for n in range(14)]  # bounds of the buckets, as the conventions advise them
SECONDS = [0.01 * 2**n for n in range(14)]
TURN_SECONDS = [0.1 * 2**n for n in range(13)]


class Meters:
    """The instruments of one meter provider."""

    def __init__(self, provider: MeterProvider, scope: str, version: str) -> None:
        meter = provider.get_meter(scope, version)

        def histogram(name: str, unit: str, description: str, bounds: list[Any]) -> Any:
            return meter.create_histogram(name, unit, description, explicit_bucket_boundaries_advisory=bounds)

        self._tokens = histogram("gen_ai.client.token.usage", "{token}", "Tokens used by a call.", TOKENS)
        self._call = histogram("gen_ai.client.operation.duration", "s", "Duration of a call.", SECONDS)
        self._first = histogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first piece of a streamed answer.", SECONDS
        )
        self._turn = histogram("gen_ai.invoke_agent.duration", "s", "Duration of a turn.", TURN_SECONDS)
        self._tool = histogram("gen_ai.execute_tool.duration", "s", "Duration of a tool's run.", SECONDS)
        self._cost = meter.create_counter("clarion.cost", "{USD}", "What calls have cost, in US dollars.")
        self._retries = meter.create_counter("clarion.retries", "{attempt}", "Attempts that were followed by another.")

    def took(self, record: Record, attributes: Mapping[str, AttributeValue]) -> None:
        """Take how long an attempt took."""
        self._call.record(record.latency, {**attributes, "error.type": record.error} if record.error else attributes)
        if record.first_token is not None:
            self._first.record(record.first_token, attributes)

    def used(self, record: Record, attributes: Mapping[str, AttributeValue]) -> None:
        """Take what an attempt used and cost, as far as it is known."""
        usage = record.usage
        if usage.total_input_tokens or usage.output_tokens:
            self._tokens.record(usage.total_input_tokens, {**attributes, "gen_ai.token.type": "input"})
            self._tokens.record(usage.output_tokens, {**attributes, "gen_ai.token.type": "output"})
        if record.cost is not None and record.cost.total:
            self._cost.add(float(record.cost.total), attributes)

    def again(self, after: Next, attributes: Mapping[str, AttributeValue]) -> None:
        """Take an attempt that failed and is followed by another."""
        self._retries.add(1, {**attributes, "clarion.next": after.what})

    def turn(self, seconds: float, attributes: Mapping[str, AttributeValue]) -> None:
        """Take a turn."""
        self._turn.record(seconds, attributes)

    def tool(self, seconds: float, attributes: Mapping[str, AttributeValue]) -> None:
        """Take a run of a tool."""
        self._tool.record(seconds, attributes)
