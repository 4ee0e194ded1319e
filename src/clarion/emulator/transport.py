"""The emulator in process: httpx2 transports for the official SDK's sync and async clients, streaming chunk
by chunk.

    anthropic.Anthropic(api_key="any", http_client=httpx2.Client(transport=EmulatorTransport(Emulator())))

httpx2's own ASGI transport collects a whole answer before handing it on; these do not.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from clarion.emulator.app import Emulator
    from clarion.emulator.wire import Chunk, Response

__all__ = ["AsyncEmulatorTransport", "EmulatorTransport"]


class EmulatorTransport(httpx2.BaseTransport):
    """Serves an emulator to `httpx2.Client`. Delays are slept in the thread that reads the answer."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; the body of a stream is made while it is read."""
        response = _respond(self._emulator, request, request.read())
        if isinstance(response.body, bytes):
            return httpx2.Response(response.status, headers=response.headers, content=response.body)
        return httpx2.Response(response.status, headers=response.headers, stream=_Stream(response.body))


class AsyncEmulatorTransport(httpx2.AsyncBaseTransport):
    """Serves an emulator to `httpx2.AsyncClient` on asyncio."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; the body of a stream is made while it is read."""
        response = _respond(self._emulator, request, await request.aread())
        if isinstance(response.body, bytes):
            return httpx2.Response(response.status, headers=response.headers, content=response.body)
        return httpx2.Response(response.status, headers=response.headers, stream=_AsyncStream(response.body))


class _Stream(httpx2.SyncByteStream):
    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if chunk.delay:
                time.sleep(chunk.delay)
            yield chunk.data

    def close(self) -> None:
        self._chunks = iter(())


class _AsyncStream(httpx2.AsyncByteStream):
    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            await asyncio.sleep(chunk.delay)
            yield chunk.data

    async def aclose(self) -> None:
        self._chunks = iter(())


def _respond(emulator: Emulator, request: httpx2.Request, body: bytes) -> Response:
    return emulator.respond(request.method, request.url.raw_path.decode(), request.headers, body)
