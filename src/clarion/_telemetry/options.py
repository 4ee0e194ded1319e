"""What a service tells OpenTelemetry, through whom, and of whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._errors import InvalidSettingError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """What a service tells OpenTelemetry: pass one to a service where the defaults will not do.

    `tracer_provider` makes its spans; by default the one of its SDK client (`open_telemetry=`), else the one that is
    registered. `meter_provider` takes its metrics; by default the one that is registered. Where there is none, nothing
    is told. `content` puts prompts, answers, and what tools take and give into spans; by default the SDK client's
    `content_mode` and OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT decide. `tags` are the names of tags that
    metrics are divided by; each of their values makes series of its own. Raises InvalidSettingError.
    """

    tracer_provider: TracerProvider | None = None
    meter_provider: MeterProvider | None = None
    content: bool | None = None
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tags: object = self.tags
        if isinstance(tags, str):
            raise InvalidSettingError(f"tags of a Telemetry must be names of tags in a tuple; got {tags!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Whom a service calls, and what its SDK client says of OpenTelemetry (`open_telemetry=`).

    `provider` is the provider's name in the conventions; `traces`, `content` and `propagates` say whether the client
    wants spans, content in them, and their context in the headers of requests.
    """

    provider: str
    address: str
    port: int
    tracer_provider: TracerProvider | None
    traces: bool
    content: bool
    propagates: bool
