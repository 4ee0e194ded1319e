"""What was said, as a value: turns that are only ever added, and what of them is sent with the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion._cost import Cost
from clarion._errors import InvalidSettingError
from clarion._fit.draft import THINKING, is_foreign
from clarion._model_names import are_one
from clarion._plural import number_of
from clarion._prompt import Answered
from clarion._tools import Toolbox
from clarion._usage import Usage

if TYPE_CHECKING:
    from clarion._catalog import Catalog
    from clarion._completion import Completion
    from clarion._config import ClaudeConfig
    from clarion._prompt import Message

Kind = Literal["answer", "partial", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationTurn:
    """One turn of a conversation: what was said, and how it was answered.

    `messages` begin with the prompt; rounds of tools are among them. `kind` is "answer", "partial" for a stream that
    was left or interrupted, whose text ends where it did, or "summary", from which the conversation goes on without
    what came before. `ground` names the system prompt and the tools it was answered under, `tokens` is how long a
    request is that ends with it, `at` when it ended, in seconds since the epoch.
    """

    messages: tuple[Message, ...]
    kind: Kind = "answer"
    model: str
    ground: str = ""
    tokens: int | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = field(default_factory=Cost)
    at: float = 0.0

    @property
    def prompt(self) -> str:
        """The words of its first message."""
        return _words(self.messages[0]["content"]) if self.messages else ""

    @property
    def text(self) -> str:
        """All that was said in words, for a search."""
        return "\n\n".join(_words(message["content"]) for message in self.messages)


@dataclass(frozen=True, slots=True)
class History:
    """The turns of a conversation, in order."""

    turns: tuple[ConversationTurn, ...] = ()

    def then(self, *turns: ConversationTurn) -> History:
        """Return the history with more turns at its end."""
        return replace(self, turns=(*self.turns, *turns))

    def at(self, count: int | None) -> History:
        """Return the first turns of the history; a negative count leaves out so many of the last ones."""
        if count is None:
            return self
        if not -len(self.turns) <= count <= len(self.turns):
            raise InvalidSettingError(f"at={count}: the conversation has {number_of(len(self.turns), 'turn')}")
        return History(self.turns[:count])

    @property
    def live(self) -> tuple[ConversationTurn, ...]:
        """The turns that are sent: from the last summary on."""
        summaries = [index for index, turn in enumerate(self.turns) if turn.kind == "summary"]
        return self.turns[summaries[-1] :] if summaries else self.turns

    @property
    def messages(self) -> list[Message]:
        """The messages of the turns that are sent."""
        return [message for turn in self.live for message in turn.messages]

    def mended(self, messages: Sequence[Message], ground: str) -> History:
        """Return the history with one turn of these messages in place of those that are sent."""
        live = self.live
        turn = ConversationTurn(
            messages=tuple(messages),
            kind="summary" if live[0].kind == "summary" else "answer",
            model=live[-1].model,
            ground=ground,
            usage=History(live).usage,
            cost=History(live).cost,
            at=live[-1].at,
        )
        return History((*self.turns[: -len(live)], turn))

    def readable(self, model: str, ground: str, catalog: Catalog) -> list[Message]:
        """Return the messages as they are sent to a model, under a system prompt and tools.

        Thinking of another model, or under another prompt or other tools, cannot be read and is left out: always the
        same of a turn for those that come after it, so that the messages before a thinking block never change.
        """
        messages = [
            _thoughtless(message) if turn.ground != ground or is_foreign(message, model, catalog) else message
            for turn in self.live
            for message in turn.messages
        ]
        return [message for message in messages if message["content"]]

    def tokens_on(self, model: str, catalog: Catalog) -> int | None:
        """Return how long a request to a model is that ends with the last turn, where that is known."""
        last = self.turns[-1] if self.turns else None
        return last.tokens if last and are_one(last.model, model, catalog) else None

    @property
    def waiting(self) -> list[str]:
        """The ids of the calls of tools that the next prompt has to answer."""
        messages = self.messages
        if not messages or messages[-1]["role"] != "assistant" or isinstance(messages[-1]["content"], str):
            return []
        return [block["id"] for block in messages[-1]["content"] if block["type"] == "tool_use"]

    @property
    def usage(self) -> Usage:
        """Tokens used, over all turns."""
        return sum((turn.usage for turn in self.turns), Usage())

    @property
    def cost(self) -> Cost | None:
        """What all turns cost; None if that is not known of one."""
        total = Cost()
        for turn in self.turns:
            if turn.cost is None:
                return None
            total += turn.cost
        return total


def ground_of(config: ClaudeConfig) -> str:
    """Return the name of the system prompt and the tools of a configuration, to which thinking is bound."""
    ground = [config.system or None, config.style, Toolbox(config.tools).definitions(), config.extra.get("mcp_servers")]
    return blake2b(json_of(ground, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def json_of(value: object, *, option: int | None = None) -> bytes:
    """Return options or messages as JSON, which may hold mappings and sequences of any kind."""
    return orjson.dumps(value, default=_plain, option=option)


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return dict(value)
        case Sequence():
            return list(value)
        case Decimal():
            return float(value)
    raise TypeError(f"{type(value).__name__} is no plain data")


def answered(prompt: Sequence[Message], completion: Completion, ground: str) -> ConversationTurn:
    """Return the turn of a prompt and its answer.

    The last message of the prompt is kept as it was sent: fitting treats the last one as no other.
    """
    as_sent: Any = completion.messages[completion.prompt_length - 1]
    last = Usage.of_context(completion.replies[-1].message.get("usage") or {})
    return ConversationTurn(
        messages=(*prompt[:-1], as_sent, *_whole(completion)),
        model=completion.model,
        ground=ground,
        tokens=last.total_input_tokens + last.output_tokens,
        usage=completion.usage,
        cost=completion.cost,
    )


def _whole(completion: Completion) -> list[Any]:
    """Return what a turn added, without a call of a tool that was cut off: nobody could answer it."""
    added: list[Any] = completion.added
    if not completion.truncated or not completion.content or completion.content[-1]["type"] != "tool_use":
        return added
    *before, last = added
    kept = last["content"][:-1]
    return [*before, Answered({**last, "content": kept}, completion.model)] if kept else before


def _thoughtless(message: Message) -> Message:
    if message["role"] != "assistant" or isinstance(message["content"], str):
        return message
    kept = [block for block in message["content"] if block["type"] not in THINKING]
    return message if len(kept) == len(message["content"]) else {**message, "content": kept}


def _words(content: Any) -> str:
    match content:
        case str():
            return content
        case {"type": "text", "text": str(text)} | {"type": "compaction", "content": str(text)}:
            return text
        case {"type": "tool_result", "content": inner}:
            return _words(inner)
        case {"type": "tool_use", "name": name, "input": dict(given)}:
            return f"{name} {orjson.dumps(given).decode()}"
        case list():
            return "\n\n".join(filter(None, map(_words, content)))
    return ""
