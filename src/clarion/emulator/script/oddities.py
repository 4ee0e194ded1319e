"""What may be odd about a stream that is whole: clients have to get along with all of it.

Within a version the API may add events, blocks and deltas; `message_delta` may come more than once, with cumulative
usage. Indices say which block a delta belongs to, whatever the order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.sse import frame
from clarion.emulator.wire import Chunk, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Duplicates", "IndexGap", "Oddity", "OutOfOrder", "UnknownBlock", "UnknownDelta", "UnknownEvent"]

START = b"event: content_block_start"
BLOCK = b"event: content_block_"
LAST = b"event: message_delta"


class Oddity(ABC):
    """Something odd about a body, for most a stream."""

    __slots__ = ()

    def alter(self, plain: Response) -> Response:
        """Return the response with its oddity."""
        body = self.whole(plain.body) if isinstance(plain.body, bytes) else self.streamed(plain.body)
        return replace(plain, body=body)

    def whole(self, body: bytes) -> bytes:
        """Return a body that does not stream: few oddities have a place there."""
        return body

    @abstractmethod
    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield the chunks of a stream with the oddity."""


@dataclass(frozen=True, slots=True)
class Duplicates(Oddity):
    """Every event of one name comes twice."""

    event: str

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Repeat the events."""
        mark = b"event: %b\n" % self.event.encode()
        for chunk in chunks:
            yield chunk
            if chunk.data.startswith(mark):
                yield Chunk(0.0, chunk.data)


@dataclass(frozen=True, slots=True)
class UnknownEvent(Oddity):
    """An event of a name nobody knows comes before every block and before the end."""

    name: str

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Put the events in."""
        unknown = frame(self.name, content={"text": "nobody knows this"})
        for chunk in chunks:
            if chunk.data.startswith((START, LAST)):
                yield Chunk(0.0, unknown)
            yield chunk


@dataclass(frozen=True, slots=True)
class UnknownDelta(Oddity):
    """Every block begins with a delta of a type nobody knows."""

    type: str

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Put the deltas in."""
        for chunk in chunks:
            yield chunk
            if chunk.data.startswith(START):
                delta = {"type": self.type, "value": "nobody knows this"}
                yield Chunk(0.0, frame("content_block_delta", index=_data(chunk)["index"], delta=delta))


@dataclass(frozen=True, slots=True)
class UnknownBlock(Oddity):
    """The answer has a block of a type nobody knows, at its beginning or at its end."""

    type: str
    first: bool

    @property
    def _block(self) -> dict[str, Any]:
        return {"type": self.type, "value": "nobody knows this"}

    def whole(self, body: bytes) -> bytes:
        """Put the block in."""
        message = orjson.loads(body)
        content = message["content"]
        message["content"] = [self._block, *content] if self.first else [*content, self._block]
        return orjson.dumps(message)

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Put the block in."""
        is_added, count = False, 0
        for chunk in chunks:
            count += chunk.data.startswith(START)
            if not is_added and chunk.data.startswith((START, LAST) if self.first else LAST):
                is_added = True
                index = 0 if self.first else count
                yield Chunk(0.0, frame("content_block_start", index=index, content_block=self._block))
                yield Chunk(0.0, frame("content_block_stop", index=index))
            yield _moved(chunk, 1) if self.first else chunk


@dataclass(frozen=True, slots=True)
class IndexGap(Oddity):
    """The indices of the blocks begin later than at 0."""

    by: int

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Move the indices."""
        return (_moved(chunk, self.by) for chunk in chunks)


@dataclass(frozen=True, slots=True)
class OutOfOrder(Oddity):
    """The blocks come in the reverse order of their indices. The stream is held back until it is whole."""

    def streamed(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Turn the blocks round."""
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
