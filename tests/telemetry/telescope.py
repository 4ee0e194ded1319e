"""What OpenTelemetry was told, kept in memory by the SDK's own exporters."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from clarion import Telemetry


class Telescope:
    """A tracer provider and a meter provider, and what has come to their exporters."""

    def __init__(self) -> None:
        self._spans, self._metrics = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meter_provider = MeterProvider([self._metrics], shutdown_on_exit=False)

    def telemetry(self, **options: Any) -> Telemetry:
        return Telemetry(tracer_provider=self.tracer_provider, meter_provider=self.meter_provider, **options)

    def spans(self, name: str = "") -> list[Any]:
        """The spans that have ended, in that order; those whose names begin with one."""
        return [span for span in self._spans.get_finished_spans() if span.name.startswith(name)]

    def one(self, name: str) -> Any:
        (span,) = self.spans(name)
        return span

    def metrics(self) -> dict[str, Any]:
        """The metrics by name."""
        data = self._metrics.get_metrics_data()
        if data is None:
            return {}
        found = [metric for of in data.resource_metrics for scope in of.scope_metrics for metric in scope.metrics]
        return {metric.name: metric for metric in found}

    def points(self, name: str) -> list[Any]:
        return list(self.metrics()[name].data.data_points)

    def everything(self) -> str:
        """All that was told, as one text."""
        spans = [span.to_json() for span in self.spans()]
        return "\n".join([*spans, *(metric.to_json() for metric in self.metrics().values())])
