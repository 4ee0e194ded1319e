"""What all connections of a server share: the emulator, the ticker, and how long anyone is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

from clarion.emulator.control import Console
from clarion.emulator.server.ticker import Ticker
from clarion.emulator.wire import ConnectionLost, Refusal, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.app import Emulator
    from clarion.emulator.server.connection import Connection
    from clarion.emulator.server.reader import Head

__all__ = ["Patience", "Site"]

log = logging.getLogger(__name__)

ROUND = 1.0  # seconds between two looks at all connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds a client may take, from its first byte where nothing else is said. No client needs nearly as long."""

    head: float = 20.0  # until the head of a request is whole
    body: float = 300.0  # until its body is whole
    idle: float = 120.0  # between requests; longer than clients keep connections, or they would lose requests
    unread: float = 300.0  # without reading on while an answer waits
    linger: float = 10.0  # to leave after a refusal
    grace: float = 1.0  # for answers to end when the server stops


class Site:
    """Answers for all connections, keeps them in view, and parts with those that take too long."""

    def __init__(self, emulator: Emulator, loop: asyncio.AbstractEventLoop, patience: Patience) -> None:
        self._emulator = emulator
        self._console = Console(emulator)
        self.loop = loop
        self.time = loop.time
        self.ticker = Ticker(loop)
        self.patience = patience
        self._connections: set[Connection] = set()
        self._is_empty = asyncio.Event()
        self._date = (0, "")

    def came(self, connection: Connection) -> None:
        """Take a connection in."""
        self._connections.add(connection)
        self._is_empty.clear()

    def left(self, connection: Connection) -> None:
        """Let a connection go."""
        self._connections.discard(connection)
        if not self._connections:
            self._is_empty.set()

    @property
    def is_slow(self) -> bool:
        """True when the answer may have to be waited for, whatever the request."""
        return self._emulator.is_slow

    def respond(self, head: Head, body: bytes) -> Response | ConnectionLost:
        """Return what becomes of a request. A mistake of the emulator, or of a script, is a 500 and logged."""
        try:
            return self._console.respond(head.method, head.target, head.headers, body)
        except ConnectionLost as lost:
            return lost
        except Exception:  # a script of the user may run here
            log.exception("no answer to %s %s", head.method, head.target)
            return self.refuse(head, Refusal(500, "Internal server error"))

    def respond_later(self, head: Head, body: bytes, then: Callable[[Response | ConnectionLost], None]) -> None:
        """Have a thread see what becomes of a request, and the loop told then.

        Work is shared by a few threads. To wait for somebody else each request has its own, which nobody waits for when
        the server stops.
        """

        def work() -> None:
            outcome = self.respond(head, body)
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                self.loop.call_soon_threadsafe(then, outcome)

        if self.is_slow:
            threading.Thread(target=work, name="clarion-emulator-answer", daemon=True).start()
        else:
            self.loop.run_in_executor(None, work)

    def refuse(self, head: Head, refusal: Refusal) -> Response:
        """Return the answer to a request that did not get as far as the emulator."""
        return self._emulator.refuse(head.method, head.target, head.headers, refusal)

    def date(self) -> str:
        """Return the time as HTTP writes it."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    async def watch(self) -> None:
        """Look at all connections every second, for ever."""
        while True:
            await asyncio.sleep(ROUND)
            now = self.time()
            for connection in list(self._connections):
                connection.check(now)

    async def close(self) -> None:
        """Part with everybody: the idle now, the others when they have their answers or the time of grace is over."""
        for connection in list(self._connections):
            connection.stop()
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_empty.wait(), self.patience.grace)
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)  # the loop tells connections that they are lost
