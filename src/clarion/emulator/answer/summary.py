"""A conversation compacted on demand: one signed block, to be sent back in place of the messages it sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator import prose, tokens
from clarion.emulator.message import Summary
from clarion.emulator.seal import Seal

if TYPE_CHECKING:
    from clarion.emulator.answer.question import Question

__all__ = ["summary"]


def summary(asked: Question) -> Summary:
    """Return the summary of a conversation: how long it was, and its last words."""
    call = asked.call
    turns = sum(message["role"] != "system" for message in call.messages)
    text = f"{prose.MARK}{turns} messages were summed up. The last words of the user: {asked.words[:1000] or 'none'}"
    size = tokens.count(text, call.model.tokenizer)
    return Summary(text, Seal.of(call.model.id, text, size, None).signature)
