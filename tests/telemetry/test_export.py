"""What leaves the process: OTLP over HTTP, as a collector takes it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from clarion import Telemetry
from colours import Make


class Collector:
    """The receiving end of OTLP: what was posted, by its path."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []

    def spans(self) -> list[Any]:
        bodies = [body for path, body in self.received if path == "/v1/traces"]
        requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
        scopes = [scope for each in requests for of in each.resource_spans for scope in of.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def metrics(self) -> list[Any]:
        bodies = [body for path, body in self.received if path == "/v1/metrics"]
        requests = [ExportMetricsServiceRequest.FromString(body) for body in bodies]
        scopes = [scope for each in requests for of in each.resource_metrics for scope in of.scope_metrics]
        return [metric for scope in scopes for metric in scope.metrics]


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    taken = Collector()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield taken, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_collector_receives_spans_and_metrics(make_claude: Make, collector: tuple[Collector, str]) -> None:
    taken, url = collector
    traces = TracerProvider(shutdown_on_exit=False)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces")))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{url}/v1/metrics"))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    claude = make_claude(emulate=True, telemetry=Telemetry(tracer_provider=traces, meter_provider=meters))

    completion = claude.complete("Hi")
    traces.shutdown()
    meters.shutdown()

    attempt, turn = taken.spans()
    told = {each.key: each.value for each in attempt.attributes}
    assert (attempt.name, turn.name) == ("chat claude-opus-5-5", "invoke_agent")
    assert attempt.parent_span_id == turn.span_id
    assert told["gen_ai.usage.output_tokens"].int_value == completion.usage.output_tokens
    assert told["clarion.cost.usd"].double_value == float(completion.cost.total)
    units = {metric.name: metric.unit for metric in taken.metrics()}
    assert units["gen_ai.client.token.usage"] == "{token}"
    assert units["gen_ai.client.operation.duration"] == "s"
    assert "clarion.cost" in units
