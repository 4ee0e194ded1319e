"""A message as server-sent events, in the order and grain of the API.

    message_start (block_start [ping] block_delta* block_stop)* message_delta message_stop

The ping comes after the first block's start. Deltas hold a few words each, and their JSON is padded with
spaces inside the object, as the API's is. Source: Claude documentation, "Streaming messages", and recorded
streams (November 2026).
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.message import (
    Block,
    Given,
    Message,
    RedactedThinking,
    ServerResult,
    ServerToolUse,
    Summary,
    Text,
    Thinking,
    ToolUse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Event", "events", "frame", "length"]

Event = tuple[bytes, int]  # the bytes of a frame, and the tokens the model had to produce before it could be sent

PIECES = [re.compile(rf"(?:\s*\S{{1,16}}|\s+){{1,{words}}}") for words in (2, 4, 3, 5)]  # deltas of so many words
PADDING = [b" " * (number * 7 % 16) for number in range(16)]
ENTRY = re.compile(r'(?<=, )(?="(?:[^"\\]|\\.)*": )')  # before a key that follows another entry
EAGER = re.compile(r".{1,7}", re.DOTALL)  # characters of an input that streams as it is written


def events(message: Message, id: str, count: Callable[[str], int]) -> Iterator[Event]:
    """Yield the frames of a message of this id, each with the tokens it took to make, as `count` counts a text."""
    yield frame("message_start", message={"id": id, **message.start()}), 0
    for index, block in enumerate(message.content):
        yield frame("content_block_start", index=index, content_block=_opening(block)), 0
        if index == 0:
            yield frame("ping"), 0
        for number, (delta, cost) in enumerate(_deltas(block, count)):
            yield _padded(orjson.dumps({"type": "content_block_delta", "index": index, "delta": delta}), number), cost
        yield frame("content_block_stop", index=index), 0
    stop = {"stop_reason": message.stop_reason, "stop_sequence": message.stop_sequence}
    delta = stop | {"stop_details": message.stop_details, "container": message.container}
    yield frame("message_delta", delta=delta, usage=message.usage.delta(), **message.context_management()), 0
    yield frame("message_stop"), 0


def length(message: Message) -> int:
    """Return how many frames a message has."""
    blocks = sum(2 + sum(1 for _ in _deltas(block, len)) for block in message.content)
    return 3 + bool(message.content) + blocks


def frame(name: str, **data: Any) -> bytes:
    """Return one event as it goes over the wire."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps({"type": name, **data}))


def _opening(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return block.wire() | {"text": ""} | ({"citations": []} if block.citations else {})
        case Thinking():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case RedactedThinking() | ServerResult() | Given():
            return block.wire()
        case ToolUse() | ServerToolUse():
            return block.wire() | {"input": {}}
        case Summary():
            return block.wire() | {"content": None}


def _deltas(block: Block, count: Callable[[str], int]) -> Iterator[tuple[dict[str, Any], int]]:
    match block:
        case Text():
            for citation in block.citations:
                yield {"type": "citations_delta", "citation": citation}, 0
            for piece in pieces(block.text):
                yield {"type": "text_delta", "text": piece}, count(piece)
        case Thinking():
            for piece in pieces(block.text):
                yield {"type": "thinking_delta", "thinking": piece}, count(piece)
            unseen = 0 if block.text else block.tokens
            yield {"type": "signature_delta", "signature": block.signature}, unseen
        case RedactedThinking() | ServerResult() | Given():
            return
        case ToolUse() | ServerToolUse():
            is_eager = isinstance(block, ToolUse) and block.is_eager
            for piece in ("", *(EAGER.findall(block.json) if is_eager else ENTRY.split(block.json))):
                yield {"type": "input_json_delta", "partial_json": piece}, count(piece)
        case Summary():
            yield {"type": "compaction_delta", "content": block.text, "encrypted_content": None}, count(block.text)


def pieces(text: str) -> Iterator[str]:
    """Cut text into deltas of a few words; put together they are the text again."""
    place = 0
    for piece in cycle(PIECES):
        match = piece.match(text, place)
        if match is None:
            return
        yield match.group()
        place = match.end()


def _padded(data: bytes, number: int) -> bytes:
    return b"event: content_block_delta\ndata: %b%b}\n\n" % (data[:-1], PADDING[number % len(PADDING)])
