"""What came back from one call: a whole message, or an error with a name. Never a half one.

A body is read in one piece (`read_message`), a stream event by event (`Assembly`). The message stays the API's own
JSON; the SDK's object of it is built when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from clarion._errors import NotAMessageError, StreamInterrupted
from clarion._soundness import flaw_of
from clarion._sse import EventParser
from clarion._usage import parts_of, sum_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anthropic.types import Message

    from clarion._usage import Part, Usage

Event = dict[str, Any]

HEAD = 4096  # bytes of an answer that are kept to show what came instead of a message


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One message as it came, and how it came.

    `latency` and `time_to_first_token` are in seconds; the latter is None for an answer that came in one piece.
    `emulated` says that the emulator answered. `build` makes the SDK's `Message` of it. `headers` are the answer's.
    """

    message: dict[str, Any]
    request_id: str | None
    latency: float
    time_to_first_token: float | None
    emulated: bool
    build: Callable[[Reply], Message] = field(repr=False, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def parts(self) -> list[Part]:
        """The tokens that are paid for the message, by model; None stands for its own."""
        return parts_of(self.message.get("usage") or {})

    @property
    def usage(self) -> Usage:
        """The tokens that are paid for the message."""
        return sum_of(self.parts)


def read_message(body: bytes, request_id: str | None) -> dict[str, Any]:
    """Read a message from the body of a successful answer; raise NotAMessageError if it is none."""
    value = _read(body, request_id)
    if not isinstance(value, dict) or value.get("type") != "message":
        raise NotAMessageError("it has no type 'message'", body=body, request_id=request_id)
    if not isinstance(value.get("content"), list):
        raise NotAMessageError("it has no list of content blocks", body=body, request_id=request_id)
    if (flaw := flaw_of(value)) is not None:
        raise NotAMessageError(flaw, body=body, request_id=request_id)
    return value


def read_token_count(body: bytes, request_id: str | None) -> int:
    """Read the answer of the token counting endpoint; raise NotAMessageError if it is none."""
    value = _read(body, request_id)
    count = value.get("input_tokens") if isinstance(value, dict) else None
    if not isinstance(count, int):
        raise NotAMessageError("it has no count of input_tokens", body=body, request_id=request_id)
    return count


def _read(body: bytes, request_id: str | None) -> Any:
    if not body.strip():
        raise NotAMessageError("its body is empty", body=body, request_id=request_id)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotAMessageError(f"its body is not JSON ({error})", body=body, request_id=request_id) from None


def _given(data: Mapping[str, Any], *but: str) -> dict[str, Any]:
    """Return the fields that have a value, but these."""
    return {name: value for name, value in data.items() if value is not None and name not in but}


def text_of(event: Event) -> str:
    """Return the text that an event adds to the answer, which for most kinds is none."""
    if event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta":
        return str(event["delta"]["text"])
    return ""


class _Block:
    """A content block that is still growing: its start, and the pieces that came for each of its fields."""

    __slots__ = ("pieces", "start")

    def __init__(self, start: dict[str, Any]) -> None:
        self.start = dict(start)
        for name, kind in GROWING.items():
            if not isinstance(start.get(name), kind | None):
                raise TypeError(name)
        self.pieces: dict[str, list[Any]] = {}

    def add(self, delta: Mapping[str, Any]) -> None:
        if (name := DELTAS.get(delta["type"])) is not None:
            if name != "citation" and not isinstance(delta[name], str):
                raise TypeError(name)
            self.pieces.setdefault(name, []).append(delta[name])
        elif delta["type"] == WHOLE_DELTA:
            self.start = self.start | _given(delta, "type")

    @property
    def text(self) -> str:
        if self.start.get("type") != "text":
            return ""
        return "".join([self.start.get("text") or "", *self.pieces.get("text", ())])

    def whole(self) -> dict[str, Any]:
        """Return the block as a plain answer would hold it; raise ValueError if its input is no JSON."""
        block = dict(self.start)
        for name, pieces in self.pieces.items():
            match name:
                case "partial_json":
                    if source := "".join(pieces):
                        block["input"] = orjson.loads(source)
                case "citation":
                    block["citations"] = [*(block.get("citations") or ()), *pieces]
                case _:
                    block[name] = (block.get(name) or "") + "".join(pieces)
        return block


# The field of a delta that carries what it adds. Kinds that are not named here are tolerated and passed over.
DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
    "citations_delta": "citation",
}
GROWING: dict[str, type] = {"text": str, "thinking": str, "signature": str, "citations": list}  # fields of a block
WHOLE_DELTA = "compaction_delta"  # has all of its block's fields, each whole


class Assembly:
    """Puts a message together from its stream.

    Feed it the bytes as they come and take the events out; at the end `message()` is the whole message, or raises.
    Usage in a stream is cumulative, so later counts replace earlier ones.
    """

    def __init__(self, request_id: str | None) -> None:
        self._request_id = request_id
        self._parser = EventParser()
        self._head = b""
        self._message: dict[str, Any] | None = None
        self._blocks: dict[int, _Block] = {}
        self.is_done = False
        self.is_speaking = False  # within a block of text

    @property
    def started(self) -> dict[str, Any] | None:
        """The message as it began, with what is known of its usage; None before it has."""
        return self._message

    @property
    def text(self) -> str:
        """The text that has come so far."""
        return "".join(block.text for _, block in sorted(self._blocks.items()))

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that `chunk` completes. Raises StreamInterrupted at an error event or a broken one."""
        if len(self._head) < HEAD:
            self._head += chunk[:HEAD]
        for data in self._parser.feed(chunk):
            event = self._event(data)
            self._take(event)
            yield event

    def message(self) -> dict[str, Any]:
        """Return the whole message. Raises StreamInterrupted, or NotAMessageError, if there is none."""
        if self._message is None and not self._blocks:
            why = "the stream has no message" if self._head else "the stream is empty"
            raise NotAMessageError(why, body=self._head, request_id=self._request_id)
        if self._message is None or not self.is_done:
            raise self.interrupted("it ended without message_stop")
        message = self._message | {"content": [self._whole(block) for _, block in sorted(self._blocks.items())]}
        if (flaw := flaw_of(message)) is not None:
            raise NotAMessageError(flaw, body=self._head, request_id=self._request_id)
        return message

    def interrupted(self, why: str, error_type: str | None = None) -> StreamInterrupted:
        """Return the error that says why the stream broke off, with the text that came before."""
        return StreamInterrupted(why, text=self.text, request_id=self._request_id, error_type=error_type)

    def _event(self, data: bytes) -> Event:
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise self.interrupted(f"an event of it is not one: {data[:80].decode('utf-8', 'replace')!r}")
        return event

    def _take(self, event: Event) -> None:
        try:
            self._grow(event)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self.interrupted(f"an event of type {event['type']} is malformed ({error!r})") from None

    def _grow(self, event: Event) -> None:
        match event["type"]:
            case "content_block_delta":
                self._blocks[event["index"]].add(event["delta"])
            case "content_block_start":
                self._blocks[int(event["index"])] = _Block(event["content_block"])
                self.is_speaking = event["content_block"]["type"] == "text"
            case "content_block_stop":
                self.is_speaking = False
            case "message_start":
                self._message = dict(event["message"])
            case "message_delta" if self._message is not None:
                usage = {**(self._message.get("usage") or {}), **(event.get("usage") or {})}
                self._message |= {**event["delta"], **_given(event, "type", "delta"), "usage": usage}
            case "message_stop":
                self.is_done = True
            case "error":
                error = event["error"]
                raise self.interrupted(error.get("message", "an error"), error_type=error.get("type"))

    def _whole(self, block: _Block) -> dict[str, Any]:
        try:
            return block.whole()
        except orjson.JSONDecodeError:
            if self._message and self._message.get("stop_reason") == "max_tokens":
                return dict(block.start)  # cut off in the middle; Completion.tool_calls leaves it out
            name = block.start.get("name")
            raise self.interrupted(f"the input of its call of tool {name!r} is not JSON") from None
