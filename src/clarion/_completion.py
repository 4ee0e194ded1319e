"""What a turn ends with: the answer, why it stopped, what it used and cost, and the transcript to go on from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, cast

from clarion._cost import Cost, Unpriced, cost_of_message
from clarion._prompt import Answered
from clarion._usage import Usage

if TYPE_CHECKING:
    from anthropic.types import Message, MessageParam
    from typing_extensions import TypeVar  # which knows defaults

    from clarion._catalog import Catalog
    from clarion._fit import Adjustment
    from clarion._reply import Reply
    from clarion._request import Request
    from clarion._retry import Attempt

    Parsed = TypeVar("Parsed", default=Any)
else:
    from typing import TypeVar

    Parsed = TypeVar("Parsed")

TRUNCATING = frozenset({"max_tokens", "model_context_window_exceeded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool the model wants called: answer it with a `tool_result` of the same id."""

    id: str
    name: str
    input: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Completion(Generic[Parsed]):
    """The end of a turn: `request` is what was sent, `replies` what came, one for each call of the turn.

    `prompt_length` is how many messages the prompt was, as it was sent.

    `adjustments` says what had to be changed in the request, or was found in it, so that it fits its model; `attempts`
    lists every call of the turn, those that failed too. `parsed` is the answer as a value of `output_type`;
    a type checker knows of which type, where that is a class.

    Text is found by the type of a block, never by its place: the first block is often thinking.
    """

    request: Request
    replies: tuple[Reply, ...]
    catalog: Catalog = field(repr=False)
    adjustments: tuple[Adjustment, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    parsed: Parsed = None  # type: ignore[assignment]  # without an output_type, which is Any
    prompt_length: int = 0

    def __repr__(self) -> str:
        return f"Completion({self.text[:60]!r}, model={self.model!r}, stop_reason={self.stop_reason!r})"

    @property
    def content(self) -> list[dict[str, Any]]:
        """The content blocks of the last message, as they came."""
        return self.replies[-1].message["content"]  # type: ignore[no-any-return]  # JSON's edge

    @cached_property
    def text(self) -> str:
        """The text of the answer, without thinking."""
        return "".join(block["text"] for block in self._blocks("text"))

    @cached_property
    def thinking(self) -> str:
        """The summary of the thinking, where the model was asked to show one."""
        return "\n\n".join(str(block["thinking"]) for block in self._blocks("thinking") if block.get("thinking"))

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tools the model wants called. A call that `max_tokens` may have cut off is not among them."""
        calls = self._blocks("tool_use")
        if self.truncated and calls and calls[-1] is self.content[-1]:
            calls = calls[:-1]
        return tuple(ToolCall(id=call["id"], name=call["name"], input=call["input"]) for call in calls)

    @cached_property
    def citations(self) -> tuple[dict[str, Any], ...]:
        """Where the text cites a document, as the API gives it, in order."""
        return tuple(citation for block in self._blocks("text") for citation in block.get("citations") or ())

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped: `end_turn`, `max_tokens`, `tool_use`, `refusal`, ..."""
        return self.replies[-1].message.get("stop_reason")

    @property
    def truncated(self) -> bool:
        """Whether the answer was cut off by `max_tokens` or a full context window."""
        return self.stop_reason in TRUNCATING

    @property
    def model(self) -> str:
        """The model that answered, which may not be the one that was asked for by an alias."""
        return str(self.replies[-1].message.get("model") or self.request.config.model)

    @cached_property
    def usage(self) -> Usage:
        """Tokens used, over all calls of the turn."""
        return sum((reply.usage for reply in self.replies), Usage())

    @property
    def cost(self) -> Cost | None:
        """What the turn cost, over all its calls; None if it is not known, for the reason in `cost_unknown`."""
        return None if isinstance(self._cost, Unpriced) else self._cost

    @property
    def cost_unknown(self) -> str | None:
        """Why the cost is not known; None if it is."""
        return self._cost.reason if isinstance(self._cost, Unpriced) else None

    @cached_property
    def _cost(self) -> Cost | Unpriced:
        total = Cost()
        for reply in self.replies:
            cost = cost_of_message(reply.message, self.catalog, model=self.model, parts=reply.parts)
            if isinstance(cost, Unpriced):
                return cost
            total += cost
        return total

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The API's ids of the calls, to quote when you ask for support."""
        return tuple(reply.request_id for reply in self.replies if reply.request_id)

    @property
    def latency(self) -> float:
        """Seconds from the first request to the end of the last answer."""
        return sum(reply.latency for reply in self.replies)

    @property
    def time_to_first_token(self) -> float | None:
        """Seconds to the first event with content; None for an answer that came in one piece."""
        return self.replies[0].time_to_first_token

    @property
    def emulated(self) -> bool:
        """Whether Clarion's emulator answered, and not a model."""
        return self.replies[-1].emulated

    @property
    def messages(self) -> list[MessageParam]:
        """The transcript, to go on from: what was sent and what was answered, whole and unchanged."""
        answer = Answered({"role": "assistant", "content": self.content}, self.model)
        return cast("list[MessageParam]", [*self.request.messages, *([answer] if self.content else [])])

    @property
    def added(self) -> list[MessageParam]:
        """What the turn added to the prompt: the rounds of tools, and the answer."""
        return self.messages[self.prompt_length :]

    @cached_property
    def message(self) -> Message:
        """The last message as the SDK's own object, built when asked for."""
        return self.replies[-1].build(self.replies[-1])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON; money is in US dollars, as text."""
        return {
            "text": self.text,
            "thinking": self.thinking,
            "tool_calls": [{"id": call.id, "name": call.name, "input": call.input} for call in self.tool_calls],
            "citations": list(self.citations),
            "stop_reason": self.stop_reason,
            "truncated": self.truncated,
            "model": self.model,
            "usage": self.usage.to_dict(),
            "cost": None if self.cost is None else self.cost.to_dict(),
            "cost_unknown": self.cost_unknown,
            "attempts": [asdict(attempt) for attempt in self.attempts],
            "adjustments": [asdict(adjustment) for adjustment in self.adjustments],
            "request_ids": list(self.request_ids),
            "latency": self.latency,
            "time_to_first_token": self.time_to_first_token,
            "emulated": self.emulated,
            "content": self.content,
            "messages": self.messages,
        }

    def _blocks(self, kind: str) -> list[dict[str, Any]]:
        return [block for block in self.content if block.get("type") == kind]
