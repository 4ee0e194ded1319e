"""Server-sent events, incrementally: bytes in, the data of each complete event out.

Knows nothing of HTTP or of messages. Follows the WHATWG HTML standard, "Server-sent events": lines end in LF,
CRLF or CR, `data` lines of one event are joined by LF, comments and other fields are passed over (the API repeats
the name of an event inside its data).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"


class EventParser:
    """Cuts a stream of bytes into the data of its events, wherever the chunks are cut."""

    __slots__ = ("_data", "_is_first", "_pending")

    def __init__(self) -> None:
        self._pending: list[bytes] = []  # chunks after the last complete line
        self._data: list[bytes] = []  # data lines of the event that is being read
        self._is_first = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the data of each event that `chunk` completes."""
        for line in self._lines(chunk):
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                self._data = []
                yield data

    def _lines(self, chunk: bytes) -> list[bytes]:
        if b"\n" not in chunk and b"\r" not in chunk and not self._holds_return():
            self._pending.append(chunk)
            return []
        buffer = b"".join([*self._pending, chunk])
        # A CR at the very end may be the first half of a CRLF: it waits for the next byte.
        end = max(buffer.rfind(b"\n"), buffer.rfind(b"\r", 0, -1)) + 1
        self._pending = [buffer[end:]] if end < len(buffer) else []
        complete = buffer[:end]
        if self._is_first and complete:
            self._is_first = False
            complete = complete.removeprefix(BOM)
        return complete.splitlines()

    def _holds_return(self) -> bool:
        return bool(self._pending) and self._pending[-1].endswith(b"\r")
