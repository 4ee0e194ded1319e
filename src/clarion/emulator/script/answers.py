"""What a scripted answer says, given the message the emulator would have answered.

Thinking comes first where the model would have thought. What is said is not cut by `max_tokens` or
`stop_sequences`: it was asked for word by word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Protocol

from clarion.emulator.call import kind_of
from clarion.emulator.cut import FRAME, cost
from clarion.emulator.message import (
    Block,
    Given,
    Message,
    RedactedThinking,
    ServerToolUse,
    Summary,
    Text,
    Thinking,
    ToolUse,
    Usage,
)
from clarion.emulator.sample import Hints, instance
from clarion.emulator.sse import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clarion.emulator.call import Call
    from clarion.emulator.wire import Stamp

__all__ = [
    "Answer",
    "Blocks",
    "Calls",
    "Empty",
    "Made",
    "Pause",
    "Refused",
    "Said",
    "Stopped",
    "UseOfTool",
    "with_usage",
]

EMPTY_TOKENS = 3  # an empty answer has been seen to use two or three
INPUTS: dict[str, dict[str, Any]] = {
    "web_search": {"query": "what the user asked for"},
    "web_fetch": {"url": "https://example.com/"},
    "code_execution": {"code": "print(6 * 7)"},
}


class Answer(Protocol):
    """Something said instead of the plain answer."""

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the message, given the one that would be."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A text."""

    text: str
    stop_reason: str

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the text as an answer."""
        return _saying(call, plain, [Text(self.text)] if self.text else [], self.stop_reason)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The plain answer, or its first deltas, under another stop reason."""

    reason: str
    after: int | None

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the answer with the reason."""
        if self.after is None:
            return replace(plain, stop_reason=self.reason, stop_sequence=None)
        return _saying(call, plain, _beginning(plain, self.after), self.reason)


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal of the safety classifier, before any text (`after` is None) or after some deltas of it."""

    category: str | None
    explanation: str | None
    after: int | None

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the partial answer as refused."""
        details = {"type": "refusal", "category": self.category, "explanation": self.explanation}
        if self.after is None:
            usage = replace(plain.usage, output_tokens=1, thinking_tokens=0)
            return replace(
                plain, content=(), stop_reason="refusal", stop_sequence=None, stop_details=details, usage=usage
            )
        partial = _saying(call, plain, _beginning(plain, self.after), "refusal")
        return replace(partial, stop_details=details)


@dataclass(frozen=True, slots=True)
class Empty:
    """No content at all, as after tool results that were followed by text."""

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the empty answer."""
        usage = replace(plain.usage, output_tokens=EMPTY_TOKENS, thinking_tokens=0)
        return replace(plain, content=(), stop_reason="end_turn", stop_sequence=None, usage=usage)


@dataclass(frozen=True, slots=True)
class Pause:
    """The loop of a server tool has reached its limit; without a server tool, half of the text."""

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the paused answer; the call of the server tool has no result yet."""
        text = "".join(block.text for block in plain.content if isinstance(block, Text))
        said: list[Block] = _beginning(plain, len(list(pieces(text))) // 2)
        for tool in call.tools:
            for kind, arguments in INPUTS.items():
                if kind_of(tool).startswith(kind):
                    use = ServerToolUse.of(stamp.id("srvtoolu"), tool["name"], arguments)
                    return _saying(call, plain, [*said, use], "pause_turn")
        return _saying(call, plain, said, "pause_turn")


@dataclass(frozen=True, slots=True)
class UseOfTool:
    """One call: a tool's name and its input as JSON, which need not be whole.

    A name with `*` in it is that of the first tool offered which fits it. Input that is None is made up for it.
    """

    name: str
    json: str | None
    cut: int | None = None

    def block(self, id: str, call: Call) -> ToolUse | None:
        """Return the call as a block; JSON that is not whole leaves the input empty. None when no tool fits."""
        name, text = self.name, self.json
        if "*" in name:
            tool = next(
                (tool for tool in call.tools if "input_schema" in tool and fnmatchcase(tool["name"], name)), None
            )
            if tool is None:
                return None
            name = tool["name"]
            text = json.dumps(instance(tool["input_schema"], Hints.of(""))) if text is None else text
        text = (text or "{}").encode()[: self.cut].decode(errors="ignore")
        try:
            arguments = json.loads(text)
        except ValueError:
            arguments = {}
        return ToolUse(id, name, arguments, text)


@dataclass(frozen=True, slots=True)
class Calls:
    """Tool calls, in parallel if there are several. The tools need not have been offered."""

    uses: tuple[UseOfTool, ...]
    stop_reason: str

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the calls as an answer; the plain one if there is none."""
        made = [use.block(stamp.id("toolu", number), call) for number, use in enumerate(self.uses)]
        blocks = [block for block in made if block]
        return _saying(call, plain, blocks, self.stop_reason) if blocks else plain


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks as somebody has written them down, and nothing else; tool calls without an id get one."""

    content: tuple[dict[str, Any], ...]
    stop_reason: str | None

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the blocks as an answer."""
        blocks = [_given(data, stamp.id("toolu", number)) for number, data in enumerate(self.content)]
        has_calls = any(isinstance(block, ToolUse) for block in blocks)
        reason = self.stop_reason or ("tool_use" if has_calls else "end_turn")
        return _saying(call, replace(plain, content=()), blocks, reason)


@dataclass(frozen=True, slots=True)
class Made:
    """What a function makes of the request: text, or a list of blocks."""

    by: Callable[[dict[str, Any]], str | list[dict[str, Any]]]

    def message(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return what the function says as an answer."""
        made = self.by((call.original or call).body)
        answer: Answer = Said(made, "end_turn") if isinstance(made, str) else Blocks(tuple(made), None)
        return answer.message(call, plain, stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUsage(Usage):
    """Usage of which some counts are as somebody has written them down."""

    given: Mapping[str, Any]

    def wire(self) -> dict[str, Any]:
        """Return usage as the answer carries it."""
        return Usage.wire(self) | dict(self.given)


def with_usage(plain: Message, given: Mapping[str, Any]) -> Message:
    """Return a message with these counts in its usage, under the API's names."""
    kept = {field.name: getattr(plain.usage, field.name) for field in fields(Usage)}
    return replace(plain, usage=GivenUsage(**kept, given=given))


def _given(data: dict[str, Any], id: str) -> Block:
    match data:
        case {"type": "text", "text": str(text)} if data.keys() == {"type", "text"}:
            return Text(text)
        case {"type": "thinking", "thinking": str(thought), "signature": str(signature)}:
            return Thinking(thought, signature, FRAME)
        case {"type": "tool_use", "name": str(name), "input": dict(arguments)}:
            return ToolUse(data.get("id", id), name, arguments, json.dumps(arguments, ensure_ascii=False))
    return Given(data)


def _saying(call: Call, plain: Message, said: Iterable[Block], stop_reason: str) -> Message:
    """Return a message with the plain one's opening, a summary or thinking, and other blocks after it."""
    content = (*takewhile(_is_opening, plain.content), *said)
    used = sum(cost(block, call.model.tokenizer) for block in content if not isinstance(block, Summary))
    usage = replace(plain.usage, output_tokens=max(1, used))
    return replace(plain, content=content, stop_reason=stop_reason, stop_sequence=None, usage=usage)


def _is_opening(block: Block) -> bool:
    is_due = isinstance(block, Summary) and block.signature is None  # the API made it by itself
    return is_due or isinstance(block, Thinking | RedactedThinking)


def _beginning(plain: Message, deltas: int) -> list[Block]:
    """Return the text of a message up to so many deltas, as blocks; none of it is no block."""
    text = "".join(block.text for block in plain.content if isinstance(block, Text))
    begun = "".join(islice(pieces(text), deltas))
    return [Text(begun)] if begun else []
