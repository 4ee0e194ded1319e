"""A turn told to the SDK of OpenTelemetry, and sent by its exporter; without them, a turn that nobody is told of."""

import importlib.util
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from clarion import ClaudeService

received: list[bytes] = []


class Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        received.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def ask() -> None:
    with ClaudeService(emulate=True) as claude:
        claude.complete("Sail!")


if importlib.util.find_spec("opentelemetry.exporter") is None:
    ask()
    print("nobody is told")
else:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        Thread(target=collector.serve_forever, daemon=True).start()
        provider = TracerProvider()
        exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{collector.server_port}/v1/traces")
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        ask()
        provider.shutdown()
        collector.shutdown()
    assert any(b"invoke_agent" in body for body in received)
    print("a collector is told")
