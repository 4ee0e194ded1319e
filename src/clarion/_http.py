"""Many posts to one address, over connections that are kept: HTTP/1.1 at its plainest, for the sake of speed.

    idle ─▶ post ─▶ head ─▶ body ─▶ idle        one answer at a time
                      └──────┴──▶ closed        broken, late, dropped, or not to be kept

It knows no proxies, redirects, cookies or streams: what needs them goes another way. An answer is whole, or it is a
ConnectionError or a TimeoutError. The parser is httptools', on llhttp, which Node.js reads the web with.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import ssl
import urllib.request
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from clarion._errors import InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

EAGERLY = 0.25  # seconds after which the next address of a host is tried as well (RFC 8305)
ZIPPED = ("gzip", "x-gzip", "deflate")
EITHER = zlib.MAX_WBITS | 32  # gzip or zlib, as the data says
MAX_ANSWER = 256 * 2**20  # bytes of a body, packed or not; an answer of the API has a few of a million


class Answer(NamedTuple):
    """A whole answer; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def is_enough_for(url: str) -> bool:
    """Whether calls of an address can be made this way: the parser is installed, and no proxy stands in between."""
    parts = urlsplit(url)
    is_plain = parts.scheme in ("http", "https") and parts.username is None and not parts.query
    return is_plain and not urllib.request.getproxies() and importlib.util.find_spec("httptools") is not None


class Address:
    """Where posts go, with headers that all of them have. As a context manager it closes its connections.

    `connect` and `idle` are seconds: to establish a connection, and to keep one that nobody uses.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, connect: float, idle: float) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._line = f"POST {parts.path or '/'} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._head = self._head_with({})
        self._connect, self._keep = connect, idle
        self._idle: list[_Connection] = []
        self._parser = importlib.import_module("httptools").HttpResponseParser

    def close(self) -> None:
        """Close all connections that are idle; those in use are closed by whoever uses them."""
        while self._idle:
            self._idle.pop().close()

    async def post(self, body: bytes, headers: Mapping[str, str], *, read: float) -> Answer:
        """Send a body and return the answer.

        `read` is for how many seconds the server may be silent. Raises ConnectionError, and TimeoutError.
        """
        head = self._head_with(headers) if headers else self._head
        connection = self._kept() or await self._connected()
        try:
            answer = await connection.ask(b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body), read)
        except BaseException:
            connection.close()
            raise
        if connection.is_open:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _head_with(self, headers: Mapping[str, str]) -> bytes:
        every = self._headers | {name.lower(): value for name, value in headers.items()}
        for name, value in every.items():
            if not f"{name}{value}".isprintable() or ":" in name:
                raise InvalidSettingError(f"the header {name!r} has a character that no header may have")
        return (self._line + "".join(f"{name}: {value}\r\n" for name, value in every.items())).encode()

    def _kept(self) -> _Connection | None:
        """Return the connection that was used last, unless it is closed, or has been idle for too long."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_for <= self._keep:
                return connection
            connection.close()
        return None

    async def _connected(self) -> _Connection:
        loop = asyncio.get_running_loop()
        eagerly: dict[str, Any] = {}
        if isinstance(loop, asyncio.BaseEventLoop):  # uvloop tries one address after the other
            eagerly["happy_eyeballs_delay"] = EAGERLY
        async with asyncio.timeout(self._connect):
            _, connection = await loop.create_connection(
                lambda: _Connection(loop, self._parser), self._host, self._port, ssl=self._tls, **eagerly
            )
        return connection


@lru_cache(maxsize=256)  # they are the same in all answers
def _name(name: bytes) -> str:
    return name.decode("latin-1").lower()


class _Connection(asyncio.Protocol):
    """One connection, and the answer that is coming over it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, parser: Any) -> None:
        self._loop, self._new_parser = loop, parser
        self._transport: Any = None
        self._parser: Any = None
        self._answer: asyncio.Future[Answer] | None = None
        self._read = 0.0
        self._look: asyncio.TimerHandle | None = None  # runs on from one answer to the next
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._heard = 0.0
        self.is_open = False

    @property
    def idle_for(self) -> float:
        """For how many seconds nothing has come."""
        return self._loop.time() - self._heard

    def close(self) -> None:
        """Close the connection, whatever is coming."""
        self.is_open = False
        self._transport.abort()
        if self._look:
            self._look.cancel()

    async def ask(self, request: bytes, read: float) -> Answer:
        """Send a request and return its answer, unless nothing comes for so many seconds."""
        self._answer = self._loop.create_future()
        self._parser = self._new_parser(self)
        self._headers, self._parts, self._size = {}, [], 0
        self._heard = self._loop.time()
        self._read = read
        self._transport.write(request)
        if self._look is None or self._look.when() > self._heard + read:
            self._look_in(read)
        try:
            return await self._answer
        finally:
            self._answer = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be open."""
        self._transport = transport
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Read on. Who speaks without being asked is not listened to."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._heard = self._loop.time()
        try:
            self._parser.feed_data(data)
        except Exception as error:  # noqa: BLE001 -- the parser's own, and those of an upgrade
            self._fail(ConnectionError(f"what came is not HTTP ({error})"))

    def connection_lost(self, error: Exception | None) -> None:
        """Take a body without a length for whole; anything else has broken off."""
        self.is_open = False
        if self._answer is None or self._answer.done():
            return
        ends_with_connection = not {"content-length", "transfer-encoding"} & self._headers.keys()
        if error is None and self._headers and ends_with_connection:
            self._end()
        else:
            self._fail(ConnectionError("the connection was closed before the whole answer had come"))

    def on_message_begin(self) -> None:
        """Keep no connection over which another answer begins than the one that was asked for."""
        if self._answer is None or self._answer.done():
            self.is_open = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[_name(name)] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body."""
        self._parts.append(part)
        self._size += len(part)
        if self._size > MAX_ANSWER:
            self._fail(ConnectionError(f"more came than {MAX_ANSWER:,} bytes, and no answer has as many"))
            self.close()

    def on_message_complete(self) -> None:
        """Hand the answer over; what is said before it (`100 Continue`, `103 Early Hints`) is passed over."""
        if self._parser.get_status_code() < 200:
            self._headers, self._parts, self._size = {}, [], 0
            return
        self.is_open = self.is_open and self._parser.should_keep_alive()
        self._end()

    def _end(self) -> None:
        body = b"".join(self._parts)
        try:
            if self._headers.get("content-encoding", "") in ZIPPED:
                body = _unpacked(body)
        except zlib.error as error:
            self._fail(ConnectionError(f"what came cannot be unpacked ({error})"))
        if self._answer and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), self._headers, body))

    def _fail(self, error: OSError) -> None:
        self.is_open = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)

    def _look_in(self, seconds: float) -> None:
        if self._look:
            self._look.cancel()
        self._look = self._loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        """Give up, or look again when as much time will have passed since something came."""
        self._look = None
        if self._answer is None:
            return
        left = self._read - self.idle_for
        if left <= 0:
            self._fail(TimeoutError())
        else:
            self._look_in(left)


def _unpacked(body: bytes) -> bytes:
    """Unpack a body that is whole and not too large. Raises zlib.error."""
    unpacker = zlib.decompressobj(EITHER)
    unpacked = unpacker.decompress(body, MAX_ANSWER)
    if unpacker.unconsumed_tail:
        raise zlib.error(f"there are more than {MAX_ANSWER:,} bytes in it")
    if not unpacker.eof:
        raise zlib.error("it ends too early")
    return unpacked
