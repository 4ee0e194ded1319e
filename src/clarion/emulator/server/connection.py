"""One client's connection: requests are answered one after another, in the order they came.

    idle -> a request comes -> answering -> idle -> ...     a refusal: said, then deaf until the client has left

A client may send the next request before it has its answer; what it sends ahead is kept up to a bound. A client
that has shut down its side of the connection still gets its answer, unless there is a long pause before it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from functools import partial
from typing import TYPE_CHECKING, cast

from clarion.emulator.routes import max_body_of
from clarion.emulator.server import writer
from clarion.emulator.server.delivery import Delivery
from clarion.emulator.server.reader import Head, Reader
from clarion.emulator.wire import Chunk, ConnectionLost, Refusal, Response

if TYPE_CHECKING:
    from clarion.emulator.server.site import Site

__all__ = ["Connection"]

AHEAD = 64 * 1024  # bytes a client may send while it is answered
LARGE = 64 * 1024  # bytes; such a body may hold images or PDFs and is looked at in a thread
LONG = 5.0  # seconds; during such a pause nobody knows whether a client that sends no more still listens
RESET = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # SO_LINGER: closing the socket resets its connection

NOBODY = Head("", "", {}, is_modern=True, is_kept=False)  # who sent what could not be read
HALF = Refusal(400, "the request ended before it was whole")
SLOW_HEAD = Refusal(408, "the head of the request took too long", kind="timeout_error")
SLOW_BODY = Refusal(400, "the body of the request took too long", {"error_code": "request_body_timeout"})


class Connection(asyncio.Protocol):
    """Reads requests, has them answered by the site's emulator, and writes the answers."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._reader = Reader(max_body_of)
        self._transport = cast("asyncio.Transport", None)  # connection_made gives it before anything else happens
        self._asked: Head | None = None  # the request that is being answered
        self._delivery: Delivery | None = None
        self._since = 0.0  # when this state began
        self._is_last = False  # no request is taken after this one
        self._is_refused = False
        self._is_paused = False  # the client reads too slowly
        self._is_full = False  # the client has sent too much ahead
        self._has_eof = False  # the client sends no more

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._since = self._site.time()
        self._site.came(self)

    def data_received(self, data: bytes) -> None:
        """Take what has come, and answer if that makes a request whole."""
        if self._is_refused:
            return
        if self._asked is None and self._reader.is_empty:
            self._since = self._site.time()
        self._reader.feed(data)
        if self._asked is None:
            self._next()
        elif len(self._reader) > AHEAD and not self._is_full:
            self._is_full = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Keep the connection for an answer that is on its way; refuse half a request."""
        self._has_eof = True
        if self._asked is not None:
            return self._delivery is None or self._is_patient(self._delivery)
        if not self._is_refused and not self._reader.is_empty:
            self._refuse(HALF)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Stop making what nobody will read."""
        self._asked = NOBODY  # an answer that a thread is making finds no taker
        if self._delivery is not None:
            self._site.ticker.forget(self._delivery)
            self._delivery = None
        self._site.left(self)

    def pause_writing(self) -> None:
        """Hold back: the client does not keep up."""
        self._is_paused = True
        self._since = self._site.time()

    def resume_writing(self) -> None:
        """Go on where it was held back."""
        self._is_paused = False
        self._since = self._site.time()
        if self._delivery is not None:
            self.wait()
        else:
            self._next()

    def write(self, data: bytes) -> None:
        """Send a piece of the answer."""
        self._transport.write(data)

    def wait(self) -> None:
        """Have the delivery woken for its next piece, unless the client is behind or may be gone."""
        delivery = self._delivery
        if delivery is None or self._is_paused:
            return
        if self._has_eof and not self._is_patient(delivery):
            self._transport.close()
        else:
            self._site.ticker.wake_at(delivery.due, delivery)

    def finish(self) -> None:
        """End the answer; take the next request, or close."""
        self._asked = self._delivery = None
        self._since = self._site.time()
        if self._is_last or (self._has_eof and self._reader.is_empty):
            self._transport.close()
            return
        if self._is_full:
            self._is_full = False
            self._transport.resume_reading()
        if not self._reader.is_empty:
            self._site.loop.call_soon(self._next)  # other clients have their turn first

    def lose(self, lost: ConnectionLost) -> None:
        """Close the connection or reset it, in the middle of an answer or in its place."""
        if lost.is_reset:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._transport.abort()
        else:
            self._transport.close()

    def stop(self) -> None:
        """Take no more requests; close, once what is being answered has its answer."""
        self._is_last = True
        if self._asked is None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever has not been sent."""
        self._transport.abort()

    def check(self, now: float) -> None:
        """Part with a client that has taken too long over what it is doing."""
        patience, age = self._site.patience, now - self._since
        if self._is_paused or self._transport.is_closing():
            if age > patience.unread:
                self.abort()
        elif self._is_refused:
            if age > patience.linger:
                self.abort()
        elif self._asked is not None:
            return
        elif self._reader.head is not None:
            if age > patience.body:
                self._refuse(SLOW_BODY)
        elif not self._reader.is_empty:
            if age > patience.head:
                self._refuse(SLOW_HEAD)
        elif age > patience.idle:
            self._transport.close()

    def _is_patient(self, delivery: Delivery) -> bool:
        return delivery.due - self._site.time() < LONG

    def _next(self) -> None:
        """Read the next request, if it is there, and have it answered."""
        if self._asked is not None or self._is_paused or self._is_refused or self._is_last:
            return
        try:
            found = self._reader.next()
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if found is None:
            self._ask_for_more()
            return
        head, body = self._asked, _ = found
        if len(body) > LARGE or self._site.is_slow:
            self._site.respond_later(head, body, partial(self._answer, head))
        else:
            self._answer(head, self._site.respond(head, body))

    def _ask_for_more(self) -> None:
        """Let a client go on that waits for leave to send its body; a client that has left never will."""
        if self._has_eof and not self._reader.is_empty:
            self._refuse(HALF)
        elif self._reader.expects_continue:
            self._reader.expects_continue = False
            self._transport.write(writer.CONTINUE)

    def _answer(self, head: Head, outcome: Response | ConnectionLost) -> None:
        if self._asked is not head:  # the client left while a thread was at work
            return
        if isinstance(outcome, ConnectionLost):
            self._deliver(Delivery(self, self._site.time() + outcome.delay, loss=outcome))
            return
        self._is_last = self._is_last or not (head.is_kept and writer.is_delimited(outcome, head))
        opening = writer.opening(outcome, head, self._site.date(), is_last=self._is_last)
        body = b"" if head.method == "HEAD" else outcome.body
        if isinstance(body, bytes) and not outcome.delay:
            self._transport.write(opening + body)
            self.finish()
            return
        chunks = [Chunk(0.0, body)] if isinstance(body, bytes) else body
        is_chunked = head.method != "HEAD" and writer.is_chunked(outcome, head)
        due = self._site.time() + outcome.delay
        self._deliver(Delivery(self, due, opening=opening, chunks=chunks, is_chunked=is_chunked))

    def _deliver(self, delivery: Delivery) -> None:
        self._delivery = delivery
        now = self._site.time()
        if delivery.due > now:
            self.wait()
        else:
            delivery.wake(now)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why, and then only wait for the client to leave: closing now could lose the answer on its way."""
        self._is_refused = self._is_last = True
        self._since = self._site.time()
        response = self._site.refuse(self._reader.head or NOBODY, refusal)
        self._transport.write(writer.opening(response, NOBODY, self._site.date(), is_last=True))
        self._transport.write(cast("bytes", response.body))  # a refusal is no stream
        if self._transport.can_write_eof():
            self._transport.write_eof()
