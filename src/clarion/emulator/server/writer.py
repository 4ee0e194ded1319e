"""Responses as bytes of HTTP/1. No socket, no clock."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion.emulator.server.reader import Head
    from clarion.emulator.wire import Response

__all__ = ["CONTINUE", "LAST_CHUNK", "framed", "is_chunked", "is_delimited", "opening"]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def is_chunked(response: Response, head: Head) -> bool:
    """Return whether the body goes in chunks: its end is not known, and the client can tell them."""
    return not isinstance(response.body, bytes) and head.is_modern and "content-length" not in response.headers


def is_delimited(response: Response, head: Head) -> bool:
    """Return whether the client sees the end of the body before the connection is closed."""
    return head.is_modern or isinstance(response.body, bytes) or "content-length" in response.headers


def opening(response: Response, head: Head, date: str, *, is_last: bool) -> bytes:
    """Return the status line and the headers.

    Args:
        response: What is answered.
        head: What was asked.
        date: The time, as HTTP writes it.
        is_last: Whether the connection is closed after this answer.

    """
    lines = [_status_line(response.status)]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines.append(f"date: {date}")
    if isinstance(response.body, bytes):
        lines.append(f"content-length: {len(response.body)}")
    elif is_chunked(response, head):
        lines.append("transfer-encoding: chunked")
    if is_last:
        lines.append("connection: close")
    elif not head.is_modern:
        lines.append("connection: keep-alive")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")


def framed(data: bytes) -> bytes:
    """Return data, which must not be empty, as a chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@cache
def _status_line(status: int) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:  # 529, and whatever a script says
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}"
