"""The server as its owner sees it: a socket, a loop of its own in a thread or in the foreground, and a good end.

The socket is opened first: a busy port is an `OSError` at once, and clients may connect as soon as there is a URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import signal
import socket
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from clarion.emulator.server.connection import Connection
from clarion.emulator.server.site import Patience, Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from clarion.emulator.app import Emulator

__all__ = ["Server", "serve"]

BACKLOG = 4096  # connections that may wait to be taken; the system may allow fewer
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # bound to only when asked; here they are not


class Server:
    """A server for an emulator. As a context manager it runs in a thread; `run` serves in the foreground.

    It listens on the loopback interface unless another address is given. uvloop is used where it is installed.

    Args:
        emulator: What answers.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        patience: How long clients are waited for.

    """

    def __init__(
        self, emulator: Emulator, host: str = "127.0.0.1", port: int = 0, *, patience: Patience | None = None
    ) -> None:
        self._emulator = emulator
        self._address = (host, port)
        self._patience = patience or Patience()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] | None = None

    @property
    def url(self) -> str:
        """Where the server can be reached from this machine, such as `http://127.0.0.1:8080`."""
        if self._socket is None:
            raise RuntimeError("the server is not running; enter it with `with` or call run()")
        host, port = self._socket.getsockname()[:2]
        host = ANYWHERE.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def __enter__(self) -> Self:
        """Start serving in a thread.

        Raises:
            OSError: The address is taken or not ours.

        """
        self._socket = _listen(*self._address)
        started: Future[Callable[[], object]] = Future()
        self._thread = threading.Thread(
            target=self._serve_here, args=(self._socket, started), name="clarion-emulator", daemon=True
        )
        self._thread.start()
        self._stop = started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving; answers that are on their way get a second to end."""
        if self._stop is not None and self._thread is not None:
            self._stop()
            self._thread.join()
        self._socket = self._thread = self._stop = None

    def run(self, on_ready: Callable[[str], object] | None = None) -> None:
        """Serve in this thread until Ctrl-C or SIGTERM. Answers get a second to end; a second Ctrl-C ends them now.

        Args:
            on_ready: Called with the URL once clients can connect.

        Raises:
            OSError: The address is taken or not ours.

        """
        self._socket = _listen(*self._address)
        try:
            _allow_many_files()
            with contextlib.suppress(KeyboardInterrupt), _terminable():
                self._serve(self._socket, lambda _: on_ready and on_ready(self.url))
        finally:
            self._socket.close()
            self._socket = None

    def _serve_here(self, listening: socket.socket, started: Future[Callable[[], object]]) -> None:
        """Serve, and let the thread that waits for the start know if there is none."""
        try:
            self._serve(listening, started.set_result)
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    def _serve(self, listening: socket.socket, on_start: Callable[[Callable[[], object]], object]) -> None:
        """Run a loop that serves; hand out what stops it from another thread."""

        async def main() -> None:
            loop, stopped = asyncio.get_running_loop(), asyncio.Event()
            site = Site(self._emulator, loop, self._patience)
            server = await loop.create_server(lambda: Connection(site), sock=listening, backlog=BACKLOG)
            watch = loop.create_task(site.watch())
            try:
                on_start(lambda: loop.call_soon_threadsafe(stopped.set))
                await stopped.wait()
            finally:
                server.close()
                watch.cancel()
                await site.close()

        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(main())


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
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _new_loop() -> asyncio.AbstractEventLoop:
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    return loop


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, where a thread may say so.

    What a shell's script puts in the background begins with SIGINT ignored: it is heard here, or neither would stop it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    term = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, term)
        signal.signal(signal.SIGINT, interrupt)


def _allow_many_files() -> None:
    """Raise the bound of open files as far as this process may: every connection is one."""
    if importlib.util.find_spec("resource") is None:  # Windows has no such bound
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS may allow less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
