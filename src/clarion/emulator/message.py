"""A finished answer as a value: its blocks, why it stopped, and what it used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

__all__ = [
    "Block",
    "Given",
    "Message",
    "RedactedThinking",
    "ServerResult",
    "ServerToolUse",
    "Summary",
    "Text",
    "Thinking",
    "ToolUse",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Text:
    """Text for the user, perhaps with the places of the request's documents it rests on."""

    text: str
    citations: tuple[dict[str, Any], ...] = ()

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data. Without citations it has no such key: null would break clients."""
        block: dict[str, Any] = {"type": "text", "text": self.text}
        return block | {"citations": list(self.citations)} if self.citations else block


@dataclass(frozen=True, slots=True)
class Thinking:
    """What the model thought; `text` is empty when the display is omitted, `tokens` are paid all the same."""

    text: str
    signature: str
    tokens: int

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        return {"type": "thinking", "thinking": self.text, "signature": self.signature}


@dataclass(frozen=True, slots=True)
class RedactedThinking:
    """Thinking that nobody may read: sealed data, paid like any other."""

    data: str
    tokens: int

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        return {"type": "redacted_thinking", "data": self.data}


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call. `json` is the input as it streams; cut short it is no JSON, and `input` is empty.

    An eager call streams its input as it is written, not one entry at a time. `caller` is the code that calls.
    """

    id: str
    name: str
    input: dict[str, Any]
    json: str
    is_eager: bool = False
    caller: dict[str, Any] | None = None

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        block: dict[str, Any] = {"type": "tool_use", "id": self.id, "name": self.name, "input": self.input}
        return block | {"caller": self.caller} if self.caller else block


@dataclass(frozen=True, slots=True)
class ServerToolUse:
    """A call of a tool that runs on the server. `json` is the input as it streams."""

    id: str
    name: str
    input: dict[str, Any]
    json: str

    @classmethod
    def of(cls, id: str, name: str, arguments: dict[str, Any]) -> ServerToolUse:
        """Return a call with these arguments."""
        return cls(id, name, arguments, orjson.dumps(arguments).decode())

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        return {"type": "server_tool_use", "id": self.id, "name": self.name, "input": self.input}


@dataclass(frozen=True, slots=True)
class ServerResult:
    """What a tool on the server gave back. `type` ends in `_tool_result`; `content` is as the API has it."""

    type: str
    tool_use_id: str
    content: Any

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        return {"type": self.type, "tool_use_id": self.tool_use_id, "content": self.content}


@dataclass(frozen=True, slots=True)
class Given:
    """A block of any type that somebody has written down; it streams in one piece."""

    data: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        return self.data


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation summed up; one that was asked for by itself is under a signature that vouches for the text."""

    text: str
    signature: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the block as JSON data."""
        block = {"type": "compaction", "content": self.text, "encrypted_content": None}
        return block | {"signature": self.signature} if self.signature else block


Block = Text | Thinking | RedactedThinking | ToolUse | ServerToolUse | ServerResult | Summary | Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer and the conditions it was served under.

    `input_tokens` are those after the last cache mark, `cache_write_tokens` those written for five minutes.
    `compaction` is what summing up the prompt took before it, which the counts leave out; `is_itemized` says that the
    parts are listed although there may be one alone. `iterations` lists the attempts of models that refused, as the API
    has them.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    thinking_tokens: int = 0
    web_searches: int = 0
    web_fetches: int = 0
    inference_geo: str = "global"
    speed: str = "standard"
    service_tier: str = "standard"
    compaction: Usage | None = None
    is_itemized: bool = False
    iterations: tuple[dict[str, Any], ...] = ()

    @property
    def generated_tokens(self) -> int:
        """All tokens the model wrote, those of a summary too."""
        return self.output_tokens + (self.compaction.output_tokens if self.compaction else 0)

    def parts(self, kind: str) -> tuple[dict[str, Any], ...]:
        """Return the parts of an answer of this kind, as `iterations` lists them; a summary may be all there is."""
        before = self.compaction.parts("compaction") if self.compaction else ()
        if before and not self.output_tokens:
            return before
        return (*before, {"type": kind, **self._counts()})

    def wire(self) -> dict[str, Any]:
        """Return usage as the answer carries it."""
        is_listed = self.is_itemized or self.compaction
        iterations = self.iterations or (self.parts("message") if is_listed else ())
        return {
            **self._counts(),
            "output_tokens_details": {"thinking_tokens": self.thinking_tokens},
            "server_tool_use": self._server_tool_use(),
            "service_tier": self.service_tier,
            "inference_geo": self.inference_geo,
            "speed": self.speed,
        } | ({"iterations": list(iterations)} if iterations else {})

    def _counts(self) -> dict[str, Any]:
        return {
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": self.cache_write_tokens + self.cache_write_1h_tokens,
            "cache_read_input_tokens": self.cache_read_tokens,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.cache_write_tokens,
                "ephemeral_1h_input_tokens": self.cache_write_1h_tokens,
            },
            "output_tokens": self.output_tokens,
        }

    def _server_tool_use(self) -> dict[str, int] | None:
        if not self.web_searches and not self.web_fetches:
            return None
        return {"web_search_requests": self.web_searches, "web_fetch_requests": self.web_fetches}

    def delta(self) -> dict[str, Any]:
        """Return usage as `message_delta` repeats it: cumulative, not to be added to what came before."""
        whole = self.wire()
        left_out = ("cache_creation", "service_tier", "inference_geo", "speed")
        return {key: value for key, value in whole.items() if key not in left_out}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One answer. Its id is that of the call, and comes first when it is sent."""

    model: str
    content: tuple[Block, ...]
    stop_reason: str
    stop_sequence: str | None = None
    stop_details: dict[str, Any] | None = None
    container: dict[str, Any] | None = None
    usage: Usage
    is_diagnosed: bool = False
    diagnosis: dict[str, Any] | None = None
    input_transformations: tuple[dict[str, Any], ...] | None = None
    is_edited: bool = False

    def wire(self) -> dict[str, Any]:
        """Return the message as the API answers it when not streaming, without its id."""
        return {
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [block.wire() for block in self.content],
            "stop_reason": self.stop_reason,
            "stop_sequence": self.stop_sequence,
            "stop_details": self.stop_details,
            "container": self.container,
            "usage": self.usage.wire(),
            **self._of_betas(),
            **self.context_management(),
        }

    def start(self) -> dict[str, Any]:
        """Return the message as `message_start` has it, without its id: nothing said yet, one output token used."""
        usage = self.usage.wire() | {"output_tokens": 1, "server_tool_use": None}
        del usage["output_tokens_details"]
        usage.pop("iterations", None)  # they are known at the end
        return {
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "container": None,
            "usage": usage,
            **self._of_betas(),
        }

    def context_management(self) -> dict[str, Any]:
        """Return the field that tells which edits of the context were applied, where some were asked for: none is."""
        return {"context_management": {"applied_edits": []}} if self.is_edited else {}

    def _of_betas(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.input_transformations is not None:
            found["input_transformations"] = list(self.input_transformations)
        if self.is_diagnosed:
            found["diagnostics"] = self.diagnosis
        return found
