"""The Messages API: an answer, whole or as a stream, and the count of a prompt's tokens.

body -> accept (rules) -> answer -> step of the script -> Response
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import sse, tokens
from clarion.emulator.answer import stood_in
from clarion.emulator.endpoints.request import json_answer
from clarion.emulator.understanding import understand
from clarion.emulator.wire import EVENT_STREAM, JSON, Chunk, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.cache.store import Reading
    from clarion.emulator.call import Call
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.message import Message
    from clarion.emulator.pace import Pace
    from clarion.emulator.script.step import Step
    from clarion.emulator.understanding import Understanding

__all__ = ["count_tokens", "create_message"]


def create_message(request: Request) -> Response:
    """Answer `POST /v1/messages`.

    What is refused takes no step of the script. Where a step stands in for the answer, nothing was generated: the
    request leaves nothing in the cache and gives back what it drew from the limits.
    """
    state = request.state
    state.script.check_model(request.body, request.now)
    understood = understand(request)
    reading = _read(request, understood)
    admission = state.limiter.admit(understood.call, reading.uncached_tokens, request.now)
    step = request.take("messages")
    if step.evicts:
        state.cache.clear()
        reading = _read(request, understood)
    message = _message(request, understood, reading, step)
    pace = step.pace or state.settings.pace
    duration = _duration(message, pace)
    if step.reply is None:
        if state.script.counts_tokens:
            state.script.settle(request.sight("messages"), message.usage.input_tokens + message.usage.output_tokens)
        starts_at = request.now + timedelta(seconds=step.wait or 0)
        begins_at = starts_at + timedelta(seconds=pace.first_token_delay)
        state.cache.keep(reading, request.now, begins_at)
        admission.settle(message, begins_at, starts_at + timedelta(seconds=duration))
    else:
        admission.give_back()
    return step.sent(_response(request.stamp.id("msg"), message, understood.call, pace, duration))


def count_tokens(request: Request) -> Response:
    """Answer `POST /v1/messages/count_tokens`."""
    request.state.script.check_model(request.body, request.now)
    understood = understand(request, counting=True)
    call = understood.call
    counted: dict[str, Any] = {"input_tokens": understood.input_tokens}
    if call.body.get("context_management") is not None:
        counted["context_management"] = {"original_input_tokens": tokens.count_prompt(call.original or call)}
    return json_answer(request, "count_tokens", counted)


def _read(request: Request, understood: Understanding) -> Reading:
    """Look up what of a prompt is in the cache: nothing of one that has no mark."""
    cache = request.state.cache
    return understood.reading or cache.read(understood.call, understood.input_tokens, request.scope, request.now)


def _message(request: Request, understood: Understanding, reading: Reading, step: Step) -> Message:
    """Return what is answered: by the step or as always, billed, by a model that stands in, and with its diagnosis."""
    call, state, stamp = understood.call, request.state, request.stamp
    message = step.said(call, understood.answer(stamp, state.settings.seed, request.now), stamp)
    if understood.reading is None:
        message = replace(message, usage=reading.billed(message.usage))
    if message.stop_reason == "refusal" and call.body.get("fallbacks"):
        message = stood_in(call, message, stamp, seed=state.settings.seed, now=request.now)
    if message.is_diagnosed:
        message = replace(message, diagnosis=state.diagnostics.diagnose(call, request.scope, stamp.id("msg")))
    return message


def _duration(message: Message, pace: Pace) -> float:
    return pace.duration(message.usage.generated_tokens, sse.length(message) if pace.event_delay else 0)


def _response(id: str, message: Message, call: Call, pace: Pace, duration: float) -> Response:
    if not call.body.get("stream"):
        return Response(200, {"content-type": JSON}, orjson.dumps({"id": id, **message.wire()}), duration)
    headers = {"content-type": EVENT_STREAM, "cache-control": "no-cache"}
    return Response(200, headers, _chunks(id, message, call.model.tokenizer, pace))


def _chunks(id: str, message: Message, tokenizer: str, pace: Pace) -> Iterator[Chunk]:
    count = (
        partial(tokens.count, tokenizer=tokenizer) if pace.tokens_per_second else len
    )  # what takes no time may be any
    delay = pace.first_token_delay
    for data, cost in sse.events(message, id, count):
        yield Chunk(delay + pace.delay(cost) + pace.event_delay, data)
        delay = 0.0
