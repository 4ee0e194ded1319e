"""The emulator on a socket: a bare ASGI application, and uvicorn to run it in a thread or in the foreground.

    with Server(Emulator()) as server:
        anthropic.Anthropic(api_key="any", base_url=server.url)

The socket is opened first, by us: a busy port is an `OSError` at once, and clients may connect as soon as
there is a URL. Under uvicorn a scripted reset is a TCP reset; ASGI itself knows none, so another server answers
500 or closes the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from clarion.emulator.control import Console
from clarion.emulator.routes import max_body_of
from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from types import TracebackType

    import uvicorn

    from clarion.emulator.app import Emulator
    from clarion.emulator.wire import Chunk, Response

__all__ = ["Application", "Server", "serve"]

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LARGE = 64 * 1024  # bytes; such a body may hold images or PDFs and is looked at in a thread
GRACE = 1  # seconds open streams get to end when the server stops
LONG = 1.0  # seconds; during such a pause we look whether the client has left
LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # makes closing a socket reset its connection


class Application:
    """The emulator as an ASGI application, to be run by any ASGI server."""

    def __init__(self, emulator: Emulator | Console) -> None:
        self._emulator = emulator

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one HTTP request; there is no lifespan and no websocket."""
        if scope["type"] != "http":
            raise NotImplementedError(f"the emulator serves HTTP only, not {scope['type']}")
        body = await _body(receive, max_body_of(scope["path"]))
        query = scope["query_string"].decode("latin-1")
        path = f"{scope['path']}?{query}" if query else scope["path"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = (scope["method"], path, headers, body)
        try:
            if len(body) > LARGE:
                response = await asyncio.to_thread(self._emulator.respond, *request)
            else:
                response = self._emulator.respond(*request)
            await _answer(response, receive, send)
        except ConnectionLost as lost:
            if not await _has_left_after(lost.delay, receive):
                await _disconnect(receive, lost)


class Server:
    """A server for an emulator. As a context manager it runs in a thread; `run` serves in the foreground.

    Args:
        emulator: What answers.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.

    """

    def __init__(self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> None:
        self._application = Application(Console(emulator))
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:8080`."""
        if self._socket is None:
            raise RuntimeError("the server is not running; enter it with `with` or call run()")
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def __enter__(self) -> Self:
        """Start serving in a thread.

        Raises:
            OSError: The address is taken or not ours.

        """
        self._socket = _listen(*self._address)
        self._server = _uvicorn(self._application)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="clarion-emulator", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving; open streams get a second to end."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._socket = self._server = self._thread = None

    def run(self, on_ready: Callable[[str], object] | None = None) -> None:
        """Serve until Ctrl-C, in this thread.

        Args:
            on_ready: Called with the URL once clients can connect.

        Raises:
            OSError: The address is taken or not ours.

        """
        self._socket = _listen(*self._address)
        try:
            if on_ready is not None:
                on_ready(self.url)
            with contextlib.suppress(KeyboardInterrupt):  # uvicorn has stopped gracefully and passes Ctrl-C on
                _uvicorn(self._application).run(sockets=[self._socket])
        finally:
            self._socket.close()
            self._socket = None


def serve(
    emulator: Emulator,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], object] | None = None,
) -> None:
    """Serve an emulator until Ctrl-C; see `Server.run`."""
    Server(emulator, host, port).run(on_ready)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _uvicorn(application: Application) -> uvicorn.Server:
    import uvicorn

    config = uvicorn.Config(
        application,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    return uvicorn.Server(config)


async def _body(receive: Receive, most: int) -> bytes:
    """Read a request's body, and no further than it takes to see that it is too large."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more and size <= most:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
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


async def _disconnect(receive: Receive, lost: ConnectionLost) -> None:
    """Close or reset the connection under the server's feet.

    uvicorn keeps the transport on the object whose `receive` it hands out. Where there is none, an answer that
    was begun is broken off by the server because it was not completed.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        return
    if lost.is_reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
        transport.abort()
    else:
        transport.close()
    await receive()  # returns once the server has seen that the connection is gone
