"""How a body ends, or what happens on its way: cut, broken off, stalled, an error or garbage in its middle.

An ending strikes a stream after so many deltas of text or tool input: just before the next one, and at the
latest before `message_delta`, so that a stream it ends never looks complete. Thinking is not counted. A body
that is no stream is struck half-way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Protocol

from clarion.emulator.script.replies import status_of
from clarion.emulator.sse import frame
from clarion.emulator.wire import Chunk, ConnectionLost, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cut", "Drop", "Ending", "ErrorEvent", "Garbage", "Stall"]

SPOKEN = (b'"delta":{"type":"text_delta"', b'"delta":{"type":"input_json_delta"')
LAST = b"event: message_delta"


class Ending(Protocol):
    """Something that happens to a body."""

    def spoil(self, plain: Response) -> Response:
        """Return the response with its body spoilt, or raise the error that comes instead."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """The stream ends in good order, but too early. Another body is broken off."""

    after: int

    def spoil(self, plain: Response) -> Response:
        """Leave out the rest."""
        if isinstance(plain.body, bytes):
            return _broken(plain, plain.body, is_reset=False)
        return replace(plain, body=(chunk for chunk, is_struck in _struck(plain.body, self.after) if not is_struck))


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection goes in the middle of an event: closed, or reset."""

    after: int
    is_reset: bool

    def spoil(self, plain: Response) -> Response:
        """Send half of the next event and lose the connection."""
        if isinstance(plain.body, bytes):
            return _broken(plain, plain.body, is_reset=self.is_reset)
        return replace(plain, body=self._drop(plain.body))

    def _drop(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        for chunk, is_struck in _struck(chunks, self.after):
            if not is_struck:
                yield chunk
                continue
            yield replace(chunk, data=chunk.data[: len(chunk.data) // 2])
            raise ConnectionLost(self.is_reset)


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing comes for some seconds, or pings only; then the rest does."""

    after: int
    seconds: float
    pings: float | None

    def spoil(self, plain: Response) -> Response:
        """Put a pause into the body."""
        if isinstance(plain.body, bytes):
            half = len(plain.body) // 2
            halves = iter([Chunk(0.0, plain.body[:half]), Chunk(self.seconds, plain.body[half:])])
            return _with_length(replace(plain, body=halves), len(plain.body))
        return replace(plain, body=self._stall(plain.body))

    def _stall(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        is_over = False
        for chunk, is_struck in _struck(chunks, self.after):
            if not is_struck or is_over:
                yield chunk
                continue
            is_over = True
            beats = int(self.seconds / self.pings) if self.pings else 0
            yield from repeat(Chunk(self.pings or 0.0, frame("ping")), beats)
            yield replace(chunk, delay=chunk.delay + self.seconds - beats * (self.pings or 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """The API gives up in the middle of a stream that began with 200. Without a stream it is a plain error."""

    after: int
    type: str
    message: str
    code: str | None = None

    def spoil(self, plain: Response) -> Response:
        """Send an `error` event and end the stream."""
        details = {"error_code": self.code} if self.code else None
        if isinstance(plain.body, bytes):
            raise Refusal(status_of(self.type), self.message, details, kind=self.type, delay=plain.delay)
        error = {"type": self.type, "message": self.message} | ({"details": details} if details else {})
        last = Chunk(0.0, frame("error", error=error))
        before = (chunk for chunk, is_struck in _struck(plain.body, self.after) if not is_struck)
        return replace(plain, body=chain(before, [last]))


@dataclass(frozen=True, slots=True)
class Garbage:
    """An event whose data is not JSON, among good ones. Another body is half a JSON, and complete as HTTP."""

    after: int

    def spoil(self, plain: Response) -> Response:
        """Put garbage into the body."""
        if isinstance(plain.body, bytes):
            return replace(plain, body=plain.body[: len(plain.body) // 2])
        return replace(plain, body=self._garbage(plain.body))

    def _garbage(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        is_over = False
        for chunk, is_struck in _struck(chunks, self.after):
            if is_struck and not is_over:
                is_over = True
                yield Chunk(0.0, b'event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n')
            yield chunk


def _struck(chunks: Iterator[Chunk], after: int) -> Iterator[tuple[Chunk, bool]]:
    """Yield each chunk and whether it lies beyond the point where an ending strikes."""
    spoken, is_struck = 0, False
    for chunk in chunks:
        is_spoken = any(mark in chunk.data for mark in SPOKEN)
        is_struck = is_struck or (is_spoken and spoken >= after) or chunk.data.startswith(LAST)
        yield chunk, is_struck
        spoken += is_spoken


def _broken(plain: Response, data: bytes, *, is_reset: bool) -> Response:
    """Return a response that promises `data` and sends half of it."""

    def half() -> Iterator[Chunk]:
        yield Chunk(0.0, data[: len(data) // 2])
        raise ConnectionLost(is_reset)

    return _with_length(replace(plain, body=half()), len(data))


def _with_length(response: Response, length: int) -> Response:
    return replace(response, headers=response.headers | {"content-length": str(length)})
