"""The emulator as an ASGI application, for servers that are not ours: `uvicorn.run(Application(Emulator()))`.

`Server` is faster, keeps the pace of many more streams, and can reset a connection. ASGI knows no lost connection:
where a script wants one, the answer is left without its end, and what the client sees is up to the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from clarion.emulator.control import Console
from clarion.emulator.routes import max_body_of
from clarion.emulator.server.connection import LARGE
from clarion.emulator.server.reader import too_large
from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from clarion.emulator.app import Emulator
    from clarion.emulator.wire import Chunk, Response

__all__ = ["Application"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LONG = 1.0  # seconds; during such a pause we look whether the client has left


class Application:
    """The emulator with its console as an ASGI application."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._console = Console(emulator)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one HTTP request; there is no lifespan and no websocket."""
        if scope["type"] != "http":
            raise NotImplementedError(f"the emulator serves HTTP only, not {scope['type']}")
        path = _target(scope)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive, max_body_of(scope["path"]))
        request = (scope["method"], path, headers, body or b"")
        try:
            if body is None:
                response = self._emulator.refuse(scope["method"], path, headers, too_large())
            elif len(body) > LARGE or self._emulator.is_slow:
                response = await asyncio.to_thread(self._console.respond, *request)
            else:
                response = self._console.respond(*request)
            await _answer(response, receive, send)
        except ConnectionLost as lost:
            await _has_left_after(lost.delay, receive)


def _target(scope: MutableMapping[str, Any]) -> str:
    """Return the path below the place where the application is mounted, and the query."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _body(receive: Receive, limit: int) -> bytes | None:
    """Read a request's body; None if it is too large, and then no further."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


async def _answer(response: Response, receive: Receive, send: Send) -> None:
    """Send a response when it is due, unless the client has gone by then."""
    if await _has_left_after(response.delay, receive):
        return
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if isinstance(response.body, bytes):
        pairs.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    if isinstance(response.body, bytes):
        await send({"type": "http.response.body", "body": response.body})
    else:
        await _stream(response.body, receive, send)


async def _stream(chunks: Iterator[Chunk], receive: Receive, send: Send) -> None:
    """Send chunks when they are due, until the end or until the client has gone."""
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(receive())
    due = loop.time()
    try:
        for chunk in chunks:
            due += chunk.delay
            pause = max(0.0, due - loop.time())
            if pause < LONG:
                await asyncio.sleep(pause)
            else:
                await asyncio.wait([gone], timeout=pause)
            if gone.done():
                return
            await send({"type": "http.response.body", "body": chunk.data, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _has_left_after(delay: float, receive: Receive) -> bool:
    """Wait, and tell whether the client has gone meanwhile."""
    if not delay:
        return False
    gone = asyncio.ensure_future(receive())
    done, _ = await asyncio.wait([gone], timeout=delay)
    gone.cancel()
    return bool(done)
