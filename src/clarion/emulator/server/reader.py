r"""Requests out of the bytes of a connection, strictly as RFC 9112 has it. No socket, no clock.

    head -> body of a known length | chunks and trailers -> request -> head of the next ...
       \_______________ Refusal, and nothing after it ______________/

A body that will be too large is refused at its head or at the chunk that makes it so, never collected first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from clarion.emulator.wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Head", "Reader", "too_large"]

REPEATED = 64  # heads of requests that are kept in case they come again
MAX_HEAD = 64 * 1024  # bytes; the trailers of a request may have as many
MAX_SIZE_LINE = 4096  # bytes of a chunk's size with its extensions

NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
HEAD = re.compile(rf"({NAME}) ([!-~\x80-\xff]+) HTTP/1\.([01])\r\n((?:{NAME}:[^\r\n\0]*\r\n)*)")
START = re.compile(rf"{NAME}(?: |$)".encode())
OTHER_VERSION = re.compile(rf"{NAME} [^ \r\n]+ HTTP/\d\.\d\r\n")
ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)
LENGTH = re.compile(r"[0-9]{1,15}")
SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a body. `target` is a path with its query; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    is_modern: bool  # HTTP/1.1, so it knows chunks
    is_kept: bool  # the client may ask again on this connection


class Reader:
    """Takes bytes as they come and gives requests back, one at a time.

    After a `Refusal` the place in the bytes is lost, and the connection has to be closed.

    Args:
        limit: Returns the bytes a body sent to a path may have.

    """

    def __init__(self, limit: Callable[[str], int]) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0  # so far no head ends in the buffer
        self._head: Head | None = None
        self._body: _Sized | _Chunked = NOTHING
        self.expects_continue = False  # the client waits for leave to send its body

    def __len__(self) -> int:
        """Return how many bytes wait here."""
        return len(self._buffer)

    @property
    def is_empty(self) -> bool:
        """True between requests: nothing of the next one has come."""
        return self._head is None and not self._buffer

    @property
    def head(self) -> Head | None:
        """The head of the request whose body is awaited."""
        return self._head

    def feed(self, data: bytes) -> None:
        """Add bytes that have come."""
        self._buffer += data

    def next(self) -> tuple[Head, bytes] | None:
        """Return the next request, or None until more has come.

        Raises:
            Refusal: This is not HTTP/1, or more than is allowed.

        """
        head = self._head or self._next_head()
        if head is None:
            return None
        body = self._body.take(self._buffer)
        if body is None:
            return None
        self._head = None
        self.expects_continue = False
        return head, body

    def _next_head(self) -> Head | None:
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):  # some clients put an empty line after a body
            del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
        if not buffer:
            return None
        end = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if len(buffer) > MAX_HEAD and not 0 <= end <= MAX_HEAD:
            raise _refusal(431, f"the head of the request has more than {MAX_HEAD} bytes")
        if end < 0:
            self._searched = len(buffer)
            if not START.match(buffer):
                raise _malformed("this is no HTTP; is the client told to use https?")
            return None
        text = buffer[: end + 2].decode("latin-1")
        del buffer[: end + 4]
        self._searched = 0
        head = self._head = _head(text)
        self._body = _body(head, self._limit)
        self.expects_continue = _expects_continue(head)
        return head


@dataclass(frozen=True, slots=True)
class _Sized:
    """A body of a known length."""

    length: int

    def take(self, buffer: bytearray) -> bytes | None:
        """Take the body out of the buffer once it is there."""
        if len(buffer) < self.length:
            return None
        if len(buffer) == self.length:  # as nearly always, and it saves a copy of what may be large
            body = bytes(buffer)
            buffer.clear()
            return body
        body = bytes(buffer[: self.length])
        del buffer[: self.length]
        return body


NOTHING = _Sized(0)


class _Chunked:
    """A body in chunks, which may have trailers that nobody reads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self._left: int | None = None  # bytes to come of the chunk in work, its line end included
        self._trailers: int | None = None  # bytes of trailers, once the last chunk is there

    def take(self, buffer: bytearray) -> bytes | None:
        """Take what there is out of the buffer; return the body once it is whole."""
        while self._trailers is None:
            if not (self._take_size(buffer) if self._left is None else self._take_data(buffer)):
                return None
        while (line := _line(buffer, MAX_HEAD)) is not None:
            self._trailers += len(line)
            if not line:
                return bytes(self._data)
            if self._trailers > MAX_HEAD:
                raise _refusal(431, f"the trailers of the request have more than {MAX_HEAD} bytes")
        return None

    def _take_size(self, buffer: bytearray) -> bool:
        line = _line(buffer, MAX_SIZE_LINE)
        if line is None:
            return False
        match = SIZE_LINE.fullmatch(line)
        if match is None:
            raise _malformed(f"a chunk has the size {line[:40]!r}")
        size = int(match[1], 16)
        if len(self._data) + size > self._limit:
            raise too_large()
        if size:
            self._left = size + 2
        else:
            self._trailers = 0
        return True

    def _take_data(self, buffer: bytearray) -> bool:
        assert self._left is not None  # noqa: S101  # take has looked
        size = min(len(buffer), self._left - 2)
        self._data += buffer[:size]
        del buffer[:size]
        self._left -= size
        if self._left > 2 or len(buffer) < 2:
            return False
        if buffer[:2] != b"\r\n":
            raise _malformed("a chunk is longer than its size")
        del buffer[:2]
        self._left = None
        return True


def too_large() -> Refusal:
    """Return the refusal of a body over the limit."""
    return Refusal(413, "Request exceeds the maximum size")


@lru_cache(REPEATED)  # clients say the same again and again; nobody writes to what is read from it
def _head(text: str) -> Head:
    match = HEAD.fullmatch(text)
    if match is None:
        if OTHER_VERSION.match(text) and " HTTP/1." not in text.partition("\r\n")[0]:
            raise _refusal(505, "HTTP/1.1 and HTTP/1.0 are understood, nothing else")
        raise _malformed("the head of the request is malformed")
    method, target, minor, fields = match.groups()
    headers: dict[str, str] = {}
    for line in fields.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    is_modern = minor == "1"
    if is_modern and "host" not in headers:
        raise _malformed("an HTTP/1.1 request needs a host header")
    options = headers.get("connection", "").lower()
    return Head(
        method, _path(target), headers, is_modern, "close" not in options if is_modern else "keep-alive" in options
    )


def _path(target: str) -> str:
    """Return the path of a target; one that names a host, as for a proxy, is taken for ours."""
    if target.startswith("/") or target == "*":
        return target
    path, found = ORIGIN.subn("", target, 1)
    if not found:
        raise _malformed(f"the target {target[:80]!r} is no path")
    return path if path.startswith("/") else f"/{path}"


def _body(head: Head, limit_of: Callable[[str], int]) -> _Sized | _Chunked:
    coding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
    if coding is None and length is None:
        return NOTHING
    limit = limit_of(unquote(head.target.partition("?")[0]))
    if coding is None:
        return _Sized(_length(length or "", limit))
    if length is not None or not head.is_modern:
        raise _malformed("transfer-encoding does not go with content-length, nor with HTTP/1.0")
    if coding.lower() != "chunked":
        raise _refusal(501, f"the transfer-encoding {coding[:40]!r} is not understood, 'chunked' is")
    return _Chunked(limit)


def _length(text: str, limit: int) -> int:
    if not LENGTH.fullmatch(text):
        raise _malformed(f"the content-length {text[:40]!r} is no number of bytes")
    if int(text) > limit:
        raise too_large()
    return int(text)


def _expects_continue(head: Head) -> bool:
    wish = head.headers.get("expect")
    if wish is None or not head.is_modern:
        return False
    if wish.lower() != "100-continue":
        raise _refusal(417, f"the expectation {wish[:40]!r} cannot be met")
    return True


def _line(buffer: bytearray, limit: int) -> bytes | None:
    end = buffer.find(b"\r\n", 0, limit + 2)
    if end < 0:
        if len(buffer) > limit:
            raise _malformed(f"a line of a chunked body has more than {limit} bytes")
        return None
    line = bytes(buffer[:end])
    del buffer[: end + 2]
    return line


def _malformed(message: str) -> Refusal:
    return _refusal(400, message)


def _refusal(status: int, message: str) -> Refusal:
    return Refusal(status, message, kind="invalid_request_error")
