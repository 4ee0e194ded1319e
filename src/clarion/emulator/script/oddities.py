"""What may be odd about a stream that is whole: clients have to get along with all of it.

Within a version the API may add events, blocks and deltas; `message_delta` may come more than once, with cumulative
usage. Indices say which block a delta belongs to, whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from clarion.emulator.sse import frame
from clarion.emulator.wire import Chunk, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Duplicates", "IndexGap", "Oddity", "OutOfOrder", "UnknownBlock", "UnknownDelta", "UnknownEvent"]

START = b"event: content_block_start"
BLOCK = b"event: content_block_"
LAST = b"event: message_delta"


class Oddity(Protocol):
    """Something odd about a body."""

    def alter(self, plain: Response) -> Response:
        """Return the response with its oddity; one that has no place for it as it is."""
        ...


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Every event of one name comes twice."""

    event: str

    def alter(self, plain: Response) -> Response:
        """Repeat the events."""
        return plain if isinstance(plain.body, bytes) else replace(plain, body=self._twice(plain.body))

    def _twice(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        mark = b"event: %b\n" % self.event.encode()
        for chunk in chunks:
            yield chunk
            if chunk.data.startswith(mark):
                yield Chunk(0.0, chunk.data)


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a name nobody knows comes before every block and before the end."""

    name: str

    def alter(self, plain: Response) -> Response:
        """Put the events in."""
        return plain if isinstance(plain.body, bytes) else replace(plain, body=self._added(plain.body))

    def _added(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        unknown = frame(self.name, content={"text": "nobody knows this"})
        for chunk in chunks:
            if chunk.data.startswith((START, LAST)):
                yield Chunk(0.0, unknown)
            yield chunk


@dataclass(frozen=True, slots=True)
class UnknownDelta:
    """Every block begins with a delta of a type nobody knows."""

    type: str

    def alter(self, plain: Response) -> Response:
        """Put the deltas in."""
        return plain if isinstance(plain.body, bytes) else replace(plain, body=self._added(plain.body))

    def _added(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk in chunks:
            yield chunk
            if chunk.data.startswith(START):
                delta = {"type": self.type, "value": "nobody knows this"}
                yield Chunk(0.0, frame("content_block_delta", index=_data(chunk)["index"], delta=delta))


@dataclass(frozen=True, slots=True)
class UnknownBlock:
    """The answer has a block of a type nobody knows, at its beginning or at its end."""

    type: str
    first: bool

    def alter(self, plain: Response) -> Response:
        """Put the block in. A body that is no message is left alone."""
        block = {"type": self.type, "value": "nobody knows this"}
        if not isinstance(plain.body, bytes):
            return replace(plain, body=self._added(plain.body, block))
        message = orjson.loads(plain.body)
        content = message["content"]
        message["content"] = [block, *content] if self.first else [*content, block]
        return replace(plain, body=orjson.dumps(message))

    def _added(self, chunks: Iterator[Chunk], block: dict[str, Any]) -> Iterator[Chunk]:
        is_added, count = False, 0
        for chunk in chunks:
            count += chunk.data.startswith(START)
            if not is_added and chunk.data.startswith((START, LAST) if self.first else LAST):
                is_added = True
                index = 0 if self.first else count
                yield Chunk(0.0, frame("content_block_start", index=index, content_block=block))
                yield Chunk(0.0, frame("content_block_stop", index=index))
            yield _moved(chunk, 1) if self.first else chunk


@dataclass(frozen=True, slots=True)
class IndexGap:
    """The indices of the blocks begin later than at 0."""

    by: int

    def alter(self, plain: Response) -> Response:
        """Move the indices."""
        if isinstance(plain.body, bytes):
            return plain
        return replace(plain, body=(_moved(chunk, self.by) for chunk in plain.body))


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """The blocks come in the reverse order of their indices. The stream is held back until it is whole."""

    def alter(self, plain: Response) -> Response:
        """Turn the blocks round."""
        return plain if isinstance(plain.body, bytes) else replace(plain, body=self._turned(plain.body))

    def _turned(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        blocks: list[list[Chunk]] = []
        for chunk in chunks:
            if chunk.data.startswith(START):
                blocks.append([chunk])
            elif blocks and not chunk.data.startswith(LAST):
                blocks[-1].append(chunk)
            else:
                while blocks:
                    yield from blocks.pop()
                yield chunk


def _data(chunk: Chunk) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(chunk.data.partition(b"\ndata: ")[2])
    return data


def _moved(chunk: Chunk, by: int) -> Chunk:
    if not chunk.data.startswith(BLOCK):
        return chunk
    data = _data(chunk)
    return replace(chunk, data=frame(data.pop("type"), **data | {"index": data["index"] + by}))
