"""Answers that are read while they come: the events of a message, and the lines of anything."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from clarion._reply import Assembly, Event, Reply
from clarion._sdk.replies import is_of_emulator, reply_of, request_id_of
from clarion._silence import Silence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx2

    from clarion._steps import Send


class _Events:
    """One open stream: its response, the message that grows from it, and when what came."""

    def __init__(self, response: httpx2.Response, start: float, send: Send) -> None:
        self.response = response
        self.assembly = Assembly(request_id_of(response))
        self.start = start
        self.first_token: float | None = None
        self.silence = Silence(self.assembly, send.stall_timeout, None if send.left is None else start + send.left)

    def reply(self) -> Reply:
        """Return the whole reply. Raises StreamInterrupted or NotAMessageError if it never became whole."""
        return reply_of(self.assembly.message(), self.response, self.start, self.first_token)

    def partial(self) -> Reply | None:
        """Return the reply as far as it came: what it used, without its content."""
        message = self.assembly.started
        if message is None:
            return None
        return reply_of({**message, "content": []}, self.response, self.start, self.first_token)

    def _read(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that a chunk completes, pings left out."""
        for event in self.assembly.feed(chunk):
            kind = event["type"]
            if kind == "ping":
                self.silence.ping()
                continue
            if self.first_token is None and kind == "content_block_delta":
                self.first_token = time.monotonic() - self.start
            yield event
            self.silence.end()


class EventStream(_Events):
    """The events of one open stream, in order; after the last, `reply()` is the whole reply."""

    def __iter__(self) -> Iterator[Event]:
        self.silence.bound_reads(self.response)
        with _named_breaks(self.assembly):
            for chunk in self.response.iter_bytes():
                yield from self._read(chunk)


class AsyncEventStream(_Events):
    """The events of one open stream, in order; after the last, `reply()` is the whole reply."""

    async def __aiter__(self) -> AsyncIterator[Event]:
        with _named_breaks(self.assembly), self.silence.watch() as watch:
            async for chunk in self.response.aiter_bytes():
                watch.end()
                for event in self._read(chunk):
                    yield event
                watch.begin()


class Lines:
    """The lines of an open answer; `emulated` says that the emulator answers."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        self.emulated = is_of_emulator(response)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        rest: list[bytes] = []
        with _named_breaks(Assembly(request_id_of(self._response))):
            async for chunk in self._response.aiter_bytes():
                first, *others = chunk.split(b"\n")
                rest.append(first)
                for other in others:
                    yield b"".join(rest)
                    rest = [other]
        yield b"".join(rest)


@contextlib.contextmanager
def _named_breaks(assembly: Assembly) -> Iterator[None]:
    """Give a connection that breaks while a stream is read the name it has everywhere in Clarion."""
    import httpx2

    try:
        yield
    except httpx2.TimeoutException as error:
        raise assembly.interrupted("nothing more came before the timeout") from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        raise assembly.interrupted(f"the connection failed ({str(error) or type(error).__name__})") from error
