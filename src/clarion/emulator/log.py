"""The log of an emulator: its last exchanges, within bounds.

    open -> answer, or lose before the status line -> closed; a stream closes when it has been read

Keeping an exchange costs a call next to nothing: the log holds what is there anyway, and nothing is parsed before
somebody looks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, overload

from clarion.emulator.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from clarion.emulator.wire import Chunk, ConnectionLost, Response

__all__ = ["Log"]

MOST = 10_000
MOST_BYTES = 48 * 1024 * 1024
OVERHEAD = 4096  # bytes an exchange takes beside its bodies: its headers, for the most part


class Log(Sequence[Exchange]):
    """The last exchanges, oldest first. Threads may share it.

    Args:
        most: How many exchanges are kept.
        most_bytes: About how many bytes they may take together; the newest is kept whatever its size.

    """

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        if most < 1:
            raise ValueError(f"a log keeps one exchange at least, not {most}")
        self._most = most
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque()
        self._size = 0
        self._opened = 0
        self._revision = 0

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        """Return exchanges by their place among those kept."""
        return self._all()[index]

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._all())

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self._all()))}]"

    @property
    def opened(self) -> int:
        """How many exchanges there have been, those included that are no longer kept."""
        return self._opened

    @property
    def revision(self) -> int:
        """A number that grows with every change."""
        return self._revision

    def numbered(self, number: int) -> Exchange | None:
        """Return the exchange of that number, if it is still kept."""
        return next((exchange for exchange in self._all() if exchange.number == number), None)

    def changed(self, since: int) -> list[Exchange]:
        """Return the exchanges that were opened or closed after that revision, oldest first."""
        return [] if since == self._revision else [one for one in self._all() if one.revision > since]

    def clear(self) -> None:
        """Forget all exchanges; their numbers are not given again."""
        with self._lock:
            self._kept.clear()
            self._size = 0
            self._revision += 1

    def open(self, method: str, target: str, headers: Mapping[str, str], body: bytes, at: datetime) -> Exchange:
        """Begin an exchange; `target` is the path with its query."""
        path, _, query = target.partition("?")
        with self._lock:
            self._opened += 1
            self._revision += 1
            exchange = Exchange(self._opened, method, path, query, body, at, revision=self._revision, _headers=headers)
            self._kept.append(exchange)
            self._size += _size(exchange)
            self._keep_within_bounds()
        return exchange

    def answer(self, exchange: Exchange, response: Response) -> Response:
        """Put an answer down, and return it as it is to be sent."""
        exchange.response.begin(response)
        if isinstance(response.body, bytes):
            self._close(exchange, response.delay)
            return response
        return replace(response, body=self._until_the_end(exchange, response.body))

    def lose(self, exchange: Exchange, lost: ConnectionLost) -> None:
        """Put down that the connection was lost before an answer."""
        exchange.response.lose(lost)
        self._close(exchange, lost.delay)

    def _until_the_end(self, exchange: Exchange, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        try:
            yield from exchange.response.watched(chunks)
        finally:
            self._close(exchange)

    def _close(self, exchange: Exchange, delay: float = 0.0) -> None:
        exchange.close(delay)
        with self._lock:
            self._revision += 1
            exchange.revision = self._revision
            if self._kept and self._kept[0].number <= exchange.number:
                self._size += len(exchange.response.body)
            self._keep_within_bounds()

    def _keep_within_bounds(self) -> None:
        while len(self._kept) > self._most or (self._size > self._most_bytes and len(self._kept) > 1):
            self._size -= _size(self._kept.popleft())

    def _all(self) -> list[Exchange]:
        with self._lock:
            return list(self._kept)


def _size(exchange: Exchange) -> int:
    return OVERHEAD + len(exchange.body) + len(exchange.response.body)
