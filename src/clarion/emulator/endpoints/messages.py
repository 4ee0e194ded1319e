"""The Messages API: an answer, whole or as a stream, and the count of a prompt's tokens.

body -> accept (rules) -> answer -> step of the script -> Response
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from clarion.emulator import limits, sse
from clarion.emulator.endpoints.request import json_answer
from clarion.emulator.understanding import understand
from clarion.emulator.wire import EVENT_STREAM, JSON, Chunk, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.call import Call
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.message import Message
    from clarion.emulator.pace import Pace

__all__ = ["count_tokens", "create_message"]


def create_message(request: Request) -> Response:
    """Answer `POST /v1/messages`. What is refused takes no step of the script, and what fails writes no cache."""
    state = request.state
    understood = understand(request)
    call, input_tokens = understood.call, understood.input_tokens
    reading = state.cache.read(call, input_tokens, request.scope, request.now)
    step = request.take("messages")
    message = step.said(call, understood.answer(request.stamp), request.stamp)
    if reading.marks or reading.hit:
        message = replace(message, usage=reading.billed(message.usage))
    if message.is_diagnosed:
        message = replace(message, diagnosis=state.diagnostics.diagnose(call, request.scope, message.id))
    pace = step.pace or state.settings.pace
    sent = step.sent(_response(request, call, message, pace))
    if step.reply is None:
        state.script.settle(request.sight("messages"), message.usage.input_tokens + message.usage.output_tokens)
        begins_at = request.now + timedelta(seconds=(step.wait or 0) + pace.first_token_delay)
        state.cache.keep(reading, request.now, begins_at)
    return sent


def count_tokens(request: Request) -> Response:
    """Answer `POST /v1/messages/count_tokens`."""
    counted = {"input_tokens": understand(request, counting=True).input_tokens}
    return json_answer(request, "count_tokens", counted, limits.COUNT_TOKENS)


def _response(request: Request, call: Call, message: Message, pace: Pace) -> Response:
    headers = limits.headers(limits.limits_of(call.model.line), request.now)
    if call.body.get("stream"):
        extra = {"content-type": EVENT_STREAM, "cache-control": "no-cache"}
        return Response(200, extra | headers, _chunks(message, call.model.tokenizer, pace))
    events = sum(1 for _ in sse.events(message, call.model.tokenizer)) if pace.event_delay else 0
    delay = pace.duration(message.usage.output_tokens, events)
    return Response(200, {"content-type": JSON} | headers, orjson.dumps(message.wire()), delay)


def _chunks(message: Message, tokenizer: str, pace: Pace) -> Iterator[Chunk]:
    delay = pace.first_token_delay
    for data, cost in sse.events(message, tokenizer):
        yield Chunk(delay + pace.delay(cost) + pace.event_delay, data)
        delay = 0.0
