"""An answer that takes time: written piece by piece when it is due, and no faster than the client reads."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from clarion.emulator.server.writer import LAST_CHUNK, framed
from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.emulator.server.connection import Connection
    from clarion.emulator.wire import Chunk

__all__ = ["Delivery"]

log = logging.getLogger(__name__)

BURST = 64 * 1024  # bytes written in one go before other connections have their turn


class Delivery:
    """Sends an opening and then chunks on a connection; the ticker wakes it whenever something is due.

    Args:
        connection: Where to.
        due: When the first of it goes, on the loop's clock.
        opening: What goes first, and in no chunk.
        chunks: The body. If it raises `ConnectionLost`, that is what happens.
        is_chunked: Whether the body is written in chunks of HTTP.
        loss: What happens instead of an answer.

    """

    def __init__(
        self,
        connection: Connection,
        due: float,
        *,
        opening: bytes = b"",
        chunks: Iterable[Chunk] = (),
        is_chunked: bool = False,
        loss: ConnectionLost | None = None,
    ) -> None:
        self.tick = 0
        self.due = due
        self._connection = connection
        self._opening = opening
        self._chunks = iter(chunks)
        self._is_chunked = is_chunked
        self._data = b""  # goes next, when it is due
        self._loss = loss  # comes next, when it is due

    def wake(self, now: float) -> None:
        """Write what is due, and say when more will be, or that this was all."""
        parts: list[bytes] = []
        is_over = self._collect(parts, now)
        written = parts[-1] if len(parts) == 1 else b"".join(parts)
        if written and self._is_chunked:
            written = framed(written)
        written = self._opening + written + (LAST_CHUNK if is_over and self._is_chunked else b"")
        self._opening = b""
        if written:
            self._connection.write(written)
        if self._loss is not None and self.due <= now:
            self._connection.lose(self._loss)
        elif is_over:
            self._connection.finish()
        else:
            self._connection.wait()

    def _collect(self, parts: list[bytes], now: float) -> bool:
        """Gather the data that is due; return whether it is the last."""
        size = 0
        try:
            while self._loss is None and self.due <= now and size < BURST:
                parts.append(self._data)
                size += len(self._data)
                chunk = next(self._chunks)
                self._data = chunk.data
                self.due += chunk.delay
        except StopIteration:
            return True
        except ConnectionLost as lost:
            self._loss = lost
            self.due += lost.delay
        except Exception:  # a script of the user may run here
            log.exception("an answer broke off")
            self._loss = ConnectionLost()
        return False
