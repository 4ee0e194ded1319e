"""One recorded exchange, and its file: JSON to be read and compared by people, one line for each event of a stream."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion.emulator.wire import Chunk, ConnectionLost, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Event", "Recording", "TapeError"]

FORMAT = 1


class TapeError(Exception):
    """A recording cannot be read, or a tape cannot be used."""


@dataclass(frozen=True, slots=True)
class Event:
    """A piece of a stream, and the seconds that passed before it."""

    after: float
    data: bytes

    def line(self) -> str:
        """Return the event as a line of JSON: its name and data, or its bytes if it is no ordinary event."""
        return json.dumps({"after": round(self.after, 4), **_taken_apart(self.data)}, ensure_ascii=False)

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Event:
        """Return the event of a line."""
        return cls(line["after"], _put_together(line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A request without its secrets, and what was answered.

    `events` is None for an answer that was no stream. `lost` says that the connection was lost at the end of what there
    is, and how.
    """

    method: str
    target: str
    asked: Mapping[str, str] = field(default_factory=dict)
    asked_body: Any = None
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    events: tuple[Event, ...] | None = None
    lost: Literal["closed", "reset"] | None = None

    def text(self) -> str:
        """Return the file's content."""
        answer: dict[str, Any] = {"status": self.status, "headers": dict(self.headers)}
        if self.events is None:
            answer |= _body(self.body)
        if self.lost:
            answer["lost"] = self.lost
        request = {"method": self.method, "path": self.target, "headers": dict(self.asked), "body": self.asked_body}
        text = json.dumps({"format": FORMAT, "request": request, "response": answer}, indent=2, ensure_ascii=False)
        if self.events is None:
            return f"{text}\n"
        lines = ",\n".join(f"    {event.line()}" for event in self.events)
        return f'{text[:-2]},\n  "events": [\n{lines}\n  ]\n}}\n'

    @classmethod
    def parse(cls, text: bytes, name: str) -> Recording:
        """Return the recording in a file.

        Raises:
            TapeError: It is none, or one of another format.

        """
        try:
            data = orjson.loads(text)
            if data["format"] != FORMAT:
                raise TapeError(f"{name} has format {data['format']!r}; this Clarion reads {FORMAT}")
            request, answer, events = data["request"], data["response"], data.get("events")
            return cls(
                method=request["method"],
                target=request["path"],
                asked=request["headers"],
                asked_body=request["body"],
                status=answer["status"],
                headers=answer["headers"],
                body=b"" if events is not None else _bytes(answer),
                events=None if events is None else tuple(Event.of(line) for line in events),
                lost=answer.get("lost"),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise TapeError(f"{name} is no recording: {type(error).__name__}: {error}") from error

    def response(self, *, is_timed: bool = False) -> Response:
        """Return the answer to send, at once or at the pace it was recorded.

        Raises:
            ConnectionLost: The connection was lost before anything of the body came.

        """
        if self.events is None and not self.lost:
            return Response(self.status, dict(self.headers), self.body)
        return Response(self.status, dict(self.headers), self._chunks(is_timed=is_timed))

    def _chunks(self, *, is_timed: bool) -> Iterator[Chunk]:
        for event in self.events or (Event(0.0, self.body),):
            yield Chunk(event.after if is_timed else 0.0, event.data)
        if self.lost:
            raise ConnectionLost(is_reset=self.lost == "reset")


def _taken_apart(data: bytes) -> dict[str, Any]:
    name, _, rest = data.partition(b"\n")
    if name.startswith(b"event: ") and rest.startswith(b"data: ") and rest.endswith(b"\n\n"):
        try:
            return {"event": name[7:].decode(), "data": orjson.loads(rest[6:-2])}
        except ValueError:  # no JSON, or no UTF-8
            pass
    return _body(data)


def _put_together(line: Mapping[str, Any]) -> bytes:
    if "event" in line:
        return b"event: %b\ndata: %b\n\n" % (line["event"].encode(), orjson.dumps(line["data"]))
    return _bytes(line)


def _body(data: bytes) -> dict[str, Any]:
    """Return bytes as JSON holds them best: as data, as text, or in base64."""
    try:
        return {"body": orjson.loads(data)}
    except orjson.JSONDecodeError:
        pass
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(held: Mapping[str, Any]) -> bytes:
    if "body" in held:
        return orjson.dumps(held["body"])
    if "text" in held:
        text: str = held["text"]
        return text.encode()
    return base64.b64decode(held["base64"])
