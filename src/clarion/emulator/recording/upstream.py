"""The API itself, or anything that speaks like it, behind the emulator.

A stream is read in a thread of its own and handed on event by event: whoever sends it looks for the next one
every few milliseconds and need not know that somebody waits.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import orjson

from clarion.emulator.wire import JSON, Chunk, ConnectionLost, Refusal, Response, error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx2

    from clarion.emulator.asked import Asked, Emulate

__all__ = ["REAL", "UNREACHED", "Arrival", "Upstream"]

REAL = "https://api.anthropic.com"
UNREACHED = "1.1 clarion"  # the `via` of what the upstream has not said
PATIENCE = 600.0  # seconds between two bytes of the upstream
END = re.compile(rb"(\r?\n\r?\n)")  # of an event
GLANCE = 0.005  # seconds between two looks for the next event
BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "host", "content-length", "accept-encoding", "content-encoding", "expect"}
)


@dataclass(frozen=True, slots=True)
class Arrival(Chunk):
    """A chunk that has come from somewhere: `after` is how long it took, and nobody need wait for it again."""

    after: float = 0.0


class Upstream:
    """Passes requests on and brings answers back as they are, but for what belongs to a connection.

    As a context manager it closes its connections in the end.

    Args:
        url: Where to, such as `https://api.anthropic.com`.
        key: The key to use in place of the client's.

    Raises:
        ValueError: The URL is none.

    """

    def __init__(self, url: str = REAL, key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError(f"{url!r} is no URL of an API; write it as {REAL}")
        self.url = url.rstrip("/")
        self._key = key

    @property
    def is_slow(self) -> bool:
        """True: it is somewhere else."""
        return True

    def restart(self) -> None:
        """Do nothing: nobody can undo what others have done."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close the connections."""
        if "http" in vars(self):
            self.http.close()

    def answer(self, asked: Asked, emulate: Emulate) -> Response:
        """Ask the upstream. If it cannot be reached, the answer is a 502 that says so."""
        import httpx2

        headers = {name: value for name, value in asked.headers.items() if name.lower() not in BY_HOP}
        if self._key:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["x-api-key"] = self._key
        request = self.http.build_request(asked.method, self.url + asked.target, headers=headers, content=asked.body)
        try:
            answer = self.http.send(request, stream=True)
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return Response(answer.status_code, _kept(answer.headers), _Reading(answer).chunks())
            return Response(answer.status_code, _kept(answer.headers), answer.read())
        except httpx2.TransportError as failure:
            refusal = Refusal(
                502, f"no answer from {self.url}: {str(failure) or type(failure).__name__}", kind="api_error"
            )
            return Response(502, {"content-type": JSON, "via": UNREACHED}, orjson.dumps(error(refusal, "")))

    @cached_property
    def http(self) -> httpx2.Client:
        """The client that asks."""
        import httpx2

        limits = httpx2.Limits(max_connections=None)
        return httpx2.Client(timeout=httpx2.Timeout(PATIENCE, connect=10.0), limits=limits)


class _Reading:
    """A stream of the upstream, read in a thread."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer
        self._pieces: queue.SimpleQueue[Arrival | ConnectionLost | None] = queue.SimpleQueue()
        self._is_left = False

    def chunks(self) -> Iterator[Chunk]:
        """Yield whole events as they come, and nothing while none does."""
        threading.Thread(target=self._read, name="clarion-upstream", daemon=True).start()
        try:
            while True:
                try:
                    piece = self._pieces.get_nowait()
                except queue.Empty:
                    yield Chunk(GLANCE, b"")
                    continue
                if piece is None:
                    return
                if isinstance(piece, ConnectionLost):
                    raise piece
                yield piece
        finally:
            self._is_left = True

    def _read(self) -> None:
        import httpx2

        end: ConnectionLost | None = None
        held, last = b"", time.perf_counter()
        try:
            for piece in self._answer.iter_bytes():
                whole, held = _events(held + piece)
                now = time.perf_counter()
                for event in whole:
                    self._pieces.put(Arrival(0.0, event, now - last))
                    last = now
                if self._is_left:
                    break
        except httpx2.TransportError as failure:
            end = ConnectionLost(is_reset=isinstance(failure, httpx2.ReadError))
        finally:
            self._answer.close()
            if held:
                self._pieces.put(Arrival(0.0, held, time.perf_counter() - last))
            self._pieces.put(end)


def _events(data: bytes) -> tuple[list[bytes], bytes]:
    """Cut bytes into whole events and what is left."""
    *whole, held = END.split(data)
    return [event + gap for event, gap in zip(whole[::2], whole[1::2], strict=True)], held


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in BY_HOP}
