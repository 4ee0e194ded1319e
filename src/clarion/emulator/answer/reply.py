"""The answer to a call, as a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clarion.emulator.answer.plan import Plan, plan
from clarion.emulator.answer.question import Question
from clarion.emulator.answer.thoughts import sealed, transformations
from clarion.emulator.compaction import BETA, compaction
from clarion.emulator.cut import cost, until, within
from clarion.emulator.message import Message, RedactedThinking, Thinking, Usage

if TYPE_CHECKING:
    from clarion.emulator.call import Call
    from clarion.emulator.compaction import Compaction
    from clarion.emulator.wire import Stamp

__all__ = ["answer"]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def answer(call: Call, input_tokens: int, stamp: Stamp, *, seed: int = 0, now: datetime = NEW_YEAR) -> Message:
    """Return the answer to a call.

    Args:
        call: The request, checked.
        input_tokens: The tokens of its prompt.
        stamp: Gives the answer its ids.
        seed: Varies what is made up.
        now: The time, for what expires.

    """
    made = compaction(call, input_tokens)
    read = made.input_tokens if made else input_tokens
    message = _plain(Question(call=call, input_tokens=read, stamp=stamp, seed=seed, now=now))
    return _compacted(message, made, input_tokens) if made else message


def _plain(asked: Question) -> Message:
    """Return the answer without what made room for it."""
    call = asked.call
    most = call.body["max_tokens"]
    window = max(1, call.model.context - asked.input_tokens)
    planned = plan(asked) if most else Plan(blocks=(), stop_reason="max_tokens")
    blocks, sequence = until(planned.blocks, call.body.get("stop_sequences") or ())
    blocks, used, is_cut = within(blocks, min(most, window), call.model.tokenizer)
    stop_reason = "stop_sequence" if sequence else planned.stop_reason
    if is_cut:
        stop_reason, sequence = "max_tokens" if most <= window else "model_context_window_exceeded", None
    return Message(
        model=call.model.id,
        content=sealed(call, blocks),
        stop_reason=stop_reason,
        stop_sequence=sequence,
        stop_details=planned.stop_details,
        container=planned.container,
        is_diagnosed="diagnostics" in call.body,
        is_edited=call.body.get("context_management") is not None,
        input_transformations=transformations(call),
        usage=Usage(
            input_tokens=asked.input_tokens,
            output_tokens=max(1, used) if most else 0,
            thinking_tokens=sum(block.tokens for block in blocks if isinstance(block, Thinking | RedactedThinking)),
            web_searches=planned.searches,
            web_fetches=planned.fetches,
            inference_geo=(call.body.get("inference_geo") or "global") if call.model.geo else "not_available",
            speed="fast" if call.is_fast else "standard",
            is_itemized=BETA in call.betas,
        ),
    )


def _compacted(message: Message, made: Compaction, read: int) -> Message:
    """Return an answer behind the summary, of so many tokens, that it goes on from; where it pauses, that alone."""
    written = cost(made.summary, made.call.model.tokenizer)
    summing = replace(
        message.usage, input_tokens=read, output_tokens=written, thinking_tokens=0, web_searches=0, web_fetches=0
    )
    if made.is_paused:
        usage = replace(summing, input_tokens=0, output_tokens=0, compaction=summing)
        return replace(
            message, content=(made.summary,), stop_reason="compaction", stop_sequence=None, stop_details=None,
            container=None, usage=usage,
        )  # fmt: skip
    content = (made.summary, *sealed(made.call, message.content))
    return replace(message, content=content, usage=replace(message.usage, compaction=summing))
