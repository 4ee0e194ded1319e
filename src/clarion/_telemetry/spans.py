"""The spans of a turn, by OpenTelemetry's conventions for generative AI.

    invoke_agent                     a turn: what all its attempts used and cost; retries as events
    ├── chat claude-opus-5-5         an attempt
    ├── execute_tool get_weather     a run of a tool
    └── chat claude-opus-5-5

Semantic conventions for generative AI spans, status Development, as of November 2026. The official SDK makes spans of
its own methods only, none of the bytes that Clarion has it post: so a call is never told twice. A turn is driven by
whoever reads it, maybe a generator in several contexts: spans get their parents by hand, and are current only while
one call, or one tool, is run.
"""

from __future__ import annotations

import functools
import logging
import time
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from opentelemetry import context as contexts
from opentelemetry.trace import NoOpTracer, SpanKind, Status, StatusCode, set_span_in_context

from clarion import __version__
from clarion._errors import ClarionError
from clarion._telemetry import attributes, content
from clarion._telemetry.meters import Meters
from clarion._telemetry.record import name_of
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, Tracer, TracerProvider
    from opentelemetry.util.types import AttributeValue

    from clarion._completion import Completion, ToolCall
    from clarion._telemetry.lines import Next
    from clarion._telemetry.options import Peer
    from clarion._telemetry.record import Call, Ended, Record

log = logging.getLogger(__name__)

NAME = "clarion"


class Scope:
    """What makes the spans and metrics of one service, as long as the same providers are there."""

    def __init__(
        self,
        traces: TracerProvider | None,
        meters: MeterProvider | None,
        peer: Peer,
        *,
        content: bool,
        divided_by: tuple[str, ...],
    ) -> None:
        self._providers = traces, meters
        self.tracer: Tracer = traces.get_tracer(NAME, __version__) if traces else NoOpTracer()
        self.meters = Meters(meters, NAME, __version__) if meters else None
        self.peer = peer
        self.content = content
        self.divided_by = divided_by

    def is_of(self, traces: TracerProvider | None, meters: MeterProvider | None) -> bool:
        """Whether it is made of these providers."""
        return self._providers[0] is traces and self._providers[1] is meters

    def turn(self, *, model: str, tags: Mapping[str, str], conversation: Callable[[], str | None]) -> TurnSpan:
        """Begin the span of a turn, in the context that is current."""
        return TurnSpan(self, model=model, tags=tags, conversation=conversation)


class AttemptSpan:
    """The span of an attempt, and the context that it makes."""

    __slots__ = ("context", "span")

    def __init__(self, span: Span, context: Context) -> None:
        self.span = span
        self.context = context

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make the span the current one, for a piece of work that is done in one go."""
        token = contexts.attach(self.context)
        try:
            yield
        finally:
            contexts.detach(token)


class TurnSpan:
    """The span of a turn, and what its attempts add up to."""

    def __init__(
        self, scope: Scope, *, model: str, tags: Mapping[str, str], conversation: Callable[[], str | None]
    ) -> None:
        self._scope = scope
        self._conversation = conversation
        self._started = time.monotonic()
        self._usage = Usage()
        self._cost: Decimal | None = Decimal(0)
        self._error: tuple[Exception, str] | None = None  # of the last attempt, and what it is called
        self._common: dict[str, AttributeValue] = {"gen_ai.provider.name": scope.peer.provider}
        self._tags = attributes.of_tags(tags)
        self._divided = attributes.of_tags({name: tags[name] for name in scope.divided_by if name in tags})
        self._model = model
        above = contexts.get_current()
        self._span = scope.tracer.start_span(
            "invoke_agent",
            context=above,
            kind=SpanKind.INTERNAL,
            attributes={**self._begun(), **self._tags},
        )
        self._context = set_span_in_context(self._span, above)

    def begin(self, call: Call) -> Call:
        """Begin the span of an attempt; return the call with it, and with its context in the headers."""
        send, peer = call.send, self._scope.peer
        span = self._scope.tracer.start_span(
            f"chat {send.body['model']}",
            context=self._context,
            kind=SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": "chat",
                **self._common,
                **self._server(),
                **attributes.of_request(send.body),
                **({"gen_ai.request.stream": True} if send.stream else {}),
                **self._tags,
            },
        )
        context = set_span_in_context(span, self._context)
        headers = _carried(context) if peer.propagates else {}
        send = replace(send, headers={**send.headers, **headers}) if headers else send
        return replace(call, send=send, span=AttemptSpan(span, context))

    def end(self, ended: Ended) -> None:
        """End the span of an attempt."""
        failure, made = ended.failure, ended.call.span
        self._error = None if failure is None else (failure.error, name_of(failure))
        if self._is_seen:
            self._add(ended.record, made_here=made is not None)
        if made is None:  # it was not let go, or made in a batch
            return
        if made.span.is_recording():
            made.span.set_attributes(attributes.of_outcome(ended))
            if self._scope.content:
                message = ended.reply.message if ended.reply else None
                made.span.set_attributes(content.of_call(ended.call.send.body, message))
        if failure is not None:
            _fail(made.span, name_of(failure))
        made.span.end()

    def then(self, ended: Ended, after: Next) -> None:
        """Tell what comes after an attempt that failed."""
        if after.what not in ("retry", "fallback"):
            return
        if self._scope.meters is not None:
            error = {"error.type": ended.error} if ended.error else {}
            self._scope.meters.again(after, {**self._measured(ended.record), **error})
        told = attributes.known(
            {"error.type": ended.error, "clarion.wait": after.wait, "gen_ai.request.model": after.model}
        )
        self._span.add_event(f"clarion.{after.what}", told)

    @contextmanager
    def tool(self, call: ToolCall) -> Iterator[Callable[[dict[str, Any]], None]]:
        """Run a tool in a span of its own. What is yielded is told the block of the result."""
        told: dict[str, AttributeValue] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.name,
            "gen_ai.tool.type": "function",
        }
        span = self._scope.tracer.start_span(
            f"execute_tool {call.name}",
            context=self._context,
            kind=SpanKind.INTERNAL,
            attributes={**told, "gen_ai.tool.call.id": call.id},
        )
        failed: str | None = None

        def seen(block: dict[str, Any]) -> None:
            nonlocal failed
            failed = "tool_error" if block.get("is_error") else None
            if self._scope.content and span.is_recording():
                span.set_attributes(content.of_tool(call.input, block))

        started = time.monotonic()
        try:
            with AttemptSpan(span, set_span_in_context(span, self._context)).current():
                yield seen
        except Exception as error:
            failed = type(error).__name__
            raise
        finally:
            if failed:
                told["error.type"] = failed
                _fail(span, failed)
            span.end()
            if self._scope.meters is not None:
                self._scope.meters.tool(time.monotonic() - started, told)

    def close(self, completion: Completion | None, error: BaseException | None) -> None:
        """End the span of the turn."""
        name = self._name_of(error) if isinstance(error, Exception) else None
        if name is not None:
            _fail(self._span, name)
        elif error is not None:
            self._span.set_attribute("clarion.abandoned", True)
        if self._span.is_recording():
            told: dict[str, AttributeValue | None] = {"gen_ai.conversation.id": self._conversation()}
            if completion is not None:
                reasons = [completion.stop_reason] if completion.stop_reason else None
                told |= {"gen_ai.response.model": completion.model, "gen_ai.response.finish_reasons": reasons}
            self._span.set_attributes(attributes.known(told) | attributes.of_usage(self._usage, self._cost))
        self._span.end()
        if self._scope.meters is not None:
            divided = {**self._begun(), **self._divided, **({"error.type": name} if name else {})}
            self._scope.meters.turn(time.monotonic() - self._started, divided)

    @property
    def _is_seen(self) -> bool:
        return self._scope.meters is not None or self._span.is_recording()

    def _add(self, record: Record, *, made_here: bool) -> None:
        """Add an attempt up; how long it took is known of those that were made here, and not in a batch."""
        self._usage += record.usage
        self._cost = None if self._cost is None or record.cost is None else self._cost + record.cost.total
        if self._scope.meters is None:
            return
        measured = self._measured(record)
        self._scope.meters.used(record, measured)
        if made_here:
            self._scope.meters.took(record, measured)

    def _begun(self) -> dict[str, AttributeValue]:
        return {"gen_ai.operation.name": "invoke_agent", **self._common, "gen_ai.request.model": self._model}

    def _server(self) -> dict[str, AttributeValue]:
        return {"server.address": self._scope.peer.address, "server.port": self._scope.peer.port}

    def _measured(self, record: Record) -> dict[str, AttributeValue]:
        """Return the attributes by which the metrics of an attempt are divided."""
        return {
            "gen_ai.operation.name": "chat",
            **self._common,
            **self._server(),
            "gen_ai.request.model": record.asked,
            "gen_ai.response.model": record.model,
            **({"clarion.emulated": True} if record.emulated else {}),
            **self._divided,
        }

    def _name_of(self, error: Exception) -> str:
        """Return what an error is called: as that of the last attempt if it is the same, else by its class."""
        last, name = self._error or (None, "")
        is_postponed = error.__cause__ is last and not isinstance(error, ClarionError)  # a row of a job
        return name if last is not None and (error is last or is_postponed) else type(error).__name__


def _fail(span: Span, name: str) -> None:
    """Mark a span as failed. The text of the error may be a stranger's, so it is not told."""
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute("error.type", name)


def _carried(context: Context) -> dict[str, str]:
    """Return a context as headers, by the propagator that is registered."""
    headers: dict[str, str] = {}
    if (inject := _injector()) is not None:
        inject(headers, context)
    return headers


@functools.cache
def _injector() -> Callable[[dict[str, str], Context], None] | None:
    """Return what writes a context into headers; None if the environment names a propagator that is not installed."""
    try:
        from opentelemetry.propagate import inject
    except Exception as error:  # noqa: BLE001 -- of whatever package the environment names
        log.warning("OpenTelemetry finds no propagator, so requests do not carry their context: %s", error)
        return None
    return inject
