"""A call as a judge sees it: what was asked, by fingerprints, and what was answered, in short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator.fingerprint import fingerprint, unmarked
from clarion.emulator.session import HEADER, session_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.emulator.exchange import Exchange

__all__ = ["Answered", "Block", "Turn", "Visit", "visits"]

ESSENCE = {  # what has to come back as it was; a client may write the rest of a block in its own way
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
    "tool_use": ("id", "name", "input"),
    "server_tool_use": ("id", "name", "input"),
    "tool_result": ("tool_use_id",),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of content: its type, the fingerprint of what matters of it, and the id it has or answers."""

    kind: str
    digest: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said without a break."""

    role: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a call. `status` is None where the connection was lost before it; `retry_after` is in seconds."""

    status: int | None
    code: str | None = None
    retry_after: float | None = None
    should_retry: bool | None = None
    stop_reason: str | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def has_failed(self) -> bool:
        """True when no whole message came."""
        return self.status != 200 or self.stop_reason is None

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of the blocks of a type."""
        return tuple(block.id for block in self.blocks if block.kind == kind and block.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One call of `POST /v1/messages`.

    `at` is in seconds by the emulator's clock. `request` is the fingerprint of caller and body, but for whether it is
    streamed and where the cache is marked: two visits with the same one ask the same.
    """

    number: int
    at: float
    session: str
    model: str
    request: str
    tools: str
    turns: tuple[Turn, ...]
    answer: Answered

    def follows(self, before: Visit) -> bool:
        """Tell whether this call goes on from the conversation of an earlier one."""
        return bool(self.rest(before))

    def rest(self, before: Visit) -> tuple[Turn, ...] | None:
        """Return what this call has after the conversation of an earlier one; None if it has another conversation."""
        last = len(before.turns) - 1
        if last < 0 or len(self.turns) <= last or self.turns[:last] != before.turns[:last]:
            return None
        shared, here = before.turns[last], self.turns[last]
        if here.role != shared.role or here.blocks[: len(shared.blocks)] != shared.blocks:
            return None
        more = here.blocks[len(shared.blocks) :]
        return (*([Turn(here.role, more)] if more else []), *self.turns[last + 1 :])

    @property
    def results(self) -> frozenset[str]:
        """The ids of all tool calls that have a result in the request."""
        blocks = (block for turn in self.turns for block in turn.blocks)
        return frozenset(block.id for block in blocks if block.kind == "tool_result" and block.id)

    def turn_with(self, id: str) -> Turn | None:
        """Return the assistant's turn that has the tool call of this id."""
        turns = (turn for turn in self.turns if turn.role == "assistant")
        return next((turn for turn in turns if any(block.id == id for block in turn.blocks)), None)


def visits(exchanges: Iterable[Exchange]) -> list[Visit]:
    """Return the calls of `POST /v1/messages` among exchanges, in order; one whose body is no JSON object is none."""
    found = []
    for exchange in exchanges:
        if exchange.method == "POST" and exchange.path == "/v1/messages":
            body = exchange.json
            if isinstance(body, dict):
                found.append(_visit(exchange, body))
    return found


def _visit(exchange: Exchange, body: dict[str, Any]) -> Visit:
    messages = [each for each in _list(body.get("messages")) if isinstance(each, dict)]
    bare = [message | {"content": unmarked(message.get("content"))} for message in messages]
    fixed = {key: value for key, value in body.items() if key not in ("stream", "cache_control", "system")}
    asked = fixed | {"messages": bare, "system": unmarked(body.get("system")), "tools": unmarked(body.get("tools"))}
    return Visit(
        number=exchange.number,
        at=exchange.at.timestamp(),
        session=session_of(exchange.headers.get(HEADER, ""), exchange.caller, body),
        model=str(body.get("model")),
        request=fingerprint([exchange.caller, asked]),
        tools=fingerprint(asked["tools"]),
        turns=_turns(messages),
        answer=_answered(exchange),
    )


def _answered(exchange: Exchange) -> Answered:
    response = exchange.response
    data = response.json
    message = data if isinstance(data, dict) else {}
    error = message.get("error")
    details = (error.get("details") if isinstance(error, dict) else None) or {}
    asked = response.headers.get("x-should-retry")
    return Answered(
        status=response.status,
        code=details.get("error_code"),
        retry_after=_seconds(response.headers.get("retry-after")),
        should_retry=None if asked is None else asked == "true",
        stop_reason=None if error else message.get("stop_reason"),
        blocks=tuple(_block(block) for block in _list(message.get("content")) if isinstance(block, dict)),
    )


def _turns(messages: list[dict[str, Any]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for message in messages:
        content = unmarked(message.get("content"))
        blocks = tuple(_block(block) for block in _list(content) if isinstance(block, dict))
        role = str(message.get("role"))
        if turns and turns[-1].role == role:
            turns[-1] = Turn(role, turns[-1].blocks + blocks)
        else:
            turns.append(Turn(role, blocks))
    return tuple(turns)


def _block(block: dict[str, Any]) -> Block:
    kind = str(block.get("type"))
    id = block.get("tool_use_id") or block.get("id")
    essence = {key: block.get(key) for key in ESSENCE[kind]} if kind in ESSENCE else block
    return Block(kind, fingerprint([kind, essence]), id if isinstance(id, str) else None)


def _seconds(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:  # a date
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
