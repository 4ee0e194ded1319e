"""One request and its answer, as somebody wants to look at them later.

The bytes are kept as they came and went; everything else is read from them when somebody asks.
"""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import assembly, prices
from clarion.emulator.fingerprint import fingerprint
from clarion.emulator.gate import key
from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

    from clarion.emulator.wire import Chunk, Response

__all__ = ["Answer", "Exchange", "cost_of"]

SECRET = frozenset({"authorization", "x-api-key", "proxy-authorization", "cookie"})
STRIPPED = "..."


@dataclass(slots=True, eq=False)
class Answer:
    """What a request was answered with, as far as it has been sent.

    `status` is None when the connection was lost before the status line, or there is no answer yet. `is_open` is true
    as long as more may come, `is_complete` once the last byte has been taken.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = True
    is_complete: bool = False
    lost: ConnectionLost | None = None
    _body: bytes | list[bytes] = b""
    _delays: array[float] | None = None

    @property
    def is_stream(self) -> bool:
        """True for server-sent events."""
        return self.headers.get("content-type", "").startswith("text/event-stream")

    @property
    def body(self) -> bytes:
        """The bytes that were sent."""
        return self._body if isinstance(self._body, bytes) else b"".join(self._body)

    @property
    def json(self) -> Any:
        """The answer as JSON data: of a stream the message put together, None where there is neither."""
        return assembly.message(self.events) if self.is_stream else _json(self.body)

    @property
    def text(self) -> str:
        """What the answer says to the user; of an answer that is no message, its body."""
        data = self.json
        if isinstance(data, dict) and data.get("type") == "message":
            return assembly.text(data.get("content"))
        return self.body.decode(errors="replace")

    @property
    def events(self) -> list[Any]:
        """The events of a stream in order, as JSON data; one that is no JSON is its text. Empty for other answers."""
        return assembly.events(self.body) if self.is_stream else []

    @property
    def delays(self) -> list[float]:
        """Seconds before each piece of the stream; empty if it came at once."""
        return list(self._delays or ())

    @property
    def usage(self) -> dict[str, Any]:
        """The usage the answer reports, empty if it reports none."""
        data = self.json
        usage = data.get("usage") if isinstance(data, dict) else None
        return usage if isinstance(usage, dict) else {}

    @property
    def cost(self) -> Decimal | None:
        """What the answer would have cost, in US dollars; None if it is no message, or its price is not known."""
        return cost_of(self.json)

    def begin(self, response: Response) -> None:
        """Put down what is about to be sent; the body too, if it is no stream."""
        self.status, self.headers = response.status, response.headers
        if isinstance(response.body, bytes):
            self._body = response.body
            self.is_open, self.is_complete = False, True

    def lose(self, lost: ConnectionLost) -> None:
        """Put down that the connection was lost before the status line."""
        self.is_open, self.lost = False, lost

    def watched(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Yield the chunks and put them down; also how the stream ended."""
        parts: list[bytes] = []  # no chunks: a crowd of long streams would be work for the garbage collector
        delays = array("f")
        self._body = parts
        try:
            for chunk in chunks:
                parts.append(chunk.data)
                delays.append(chunk.delay)
                yield chunk
            self.is_complete = True
        except ConnectionLost as lost:
            self.lost = lost
            raise
        finally:
            self.is_open = False
            self._body = b"".join(parts)
            if any(delays):
                self._delays = delays


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its answer.

    `number` counts from 1 in this emulator, `query` is what follows the `?`, `at` is the emulator's time. `step` names
    the step of a script or scenario that the call took. `seconds` passed until the answer was there, the emulator's
    delays included; of a stream, until its end.
    """

    number: int
    method: str
    path: str
    query: str
    body: bytes
    at: datetime
    step: str | None = None
    response: Answer = field(default_factory=Answer)
    seconds: float = 0.0
    revision: int = 0  # of the log, when this last changed
    _headers: Mapping[str, str] = field(default_factory=dict)
    _started: float = field(default_factory=time.perf_counter)

    def __repr__(self) -> str:
        return f"<{self.number}: {self.method} {self.path} -> {self.response.status}>"

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, names in lower case, without keys and cookies."""
        lowered = {name.lower(): value for name, value in self._headers.items()}
        return {name: STRIPPED if name in SECRET else value for name, value in lowered.items()}

    @property
    def caller(self) -> str:
        """The fingerprint of the key: it tells callers apart, and nobody can use it."""
        return fingerprint(key({name.lower(): value for name, value in self._headers.items()}))

    @property
    def json(self) -> Any:
        """The request's body as JSON data, parsed anew each time; None if it is no JSON."""
        return _json(self.body)

    @property
    def model(self) -> str | None:
        """The model that was asked for, if any."""
        data = self.json
        found = data.get("model") if isinstance(data, dict) else None
        return found if isinstance(found, str) else None

    @property
    def text(self) -> str:
        """The text of the last message of the user, empty if there is none."""
        data = self.json
        messages = data.get("messages") if isinstance(data, dict) else None
        said = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
        said = [one for one in said if one.get("role") == "user"]
        return assembly.text(said[-1].get("content")) if said else ""

    def close(self, delay: float = 0.0) -> None:
        """Put down how long it took, and the delay that whoever sends the answer still has to keep."""
        self.seconds = time.perf_counter() - self._started + delay


def cost_of(data: object) -> Decimal | None:
    """Return what a message costs, in US dollars; None for any other data, and where no price is known."""
    if not isinstance(data, dict) or data.get("type") != "message" or not isinstance(data.get("model"), str):
        return None
    try:
        return prices.bill(data)
    except (AttributeError, TypeError):  # somebody else's message, whose usage is none
        return None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
