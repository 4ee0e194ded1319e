"""A request while it is being fitted: a copy that rules may change, and what it holds at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from clarion._model_names import are_one
from clarion._prompt import Answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from clarion._catalog import Catalog, Model

Body = dict[str, Any]
Block = dict[str, Any]
Kind = Literal["changed", "warned", "noted"]

THINKING = ("thinking", "redacted_thinking")

VERSION = "2026-10-21"  # what SDK 2.x sends
OLD_VERSION = "2023-06-01"
VERSION_HEADER = "anthropic-version"
BETA_HEADER = "anthropic-beta"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What fitting did or found, by the name of its rule, and why, in a sentence.

    `kind` is "changed" for a change to the request, "warned" for what will soon need one, "noted" for the rest.
    """

    rule: str
    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A request as it is sent: body and headers, the model it goes to (None: not known), and what was adjusted."""

    body: Body
    headers: dict[str, str]
    model: Model | None
    adjustments: tuple[Adjustment, ...] = ()

    def asking(self, messages: list[Any]) -> Fitted:
        """Return the same with other messages."""
        body = {**self.body, "messages": messages}
        return Fitted(body=body, headers=self.headers, model=self.model, adjustments=self.adjustments)

    @property
    def changes(self) -> tuple[Adjustment, ...]:
        """The adjustments that changed the request."""
        return tuple(adjustment for adjustment in self.adjustments if adjustment.kind == "changed")


@dataclass(slots=True)
class Survey:
    """What the messages of a request hold, found in one pass."""

    marks: int = 0
    images: int = 0
    has_foreign_thinking: bool = False
    has_citing_documents: bool = False
    has_system_turns: bool = False
    has_assistant_documents: bool = False
    has_user_citations: bool = False


class Draft:
    """A working copy of a request. Changes replace what they change: nothing of the caller's is ever written to."""

    __slots__ = ("_survey", "body", "catalog", "headers", "model", "style", "today")

    def __init__(
        self,
        body: Mapping[str, Any],
        headers: Mapping[str, str],
        model: Model,
        *,
        catalog: Catalog,
        today: date,
        style: str | None = None,
    ) -> None:
        self.body: Body = dict(body)
        self.headers = dict(headers)
        self.model = model
        self.catalog = catalog
        self.today = today
        self.style = style
        self._survey: Survey | None = None

    @property
    def survey(self) -> Survey:
        """What the messages hold; taken once, and again after `replace_messages`."""
        if self._survey is None:
            self._survey = _survey(self.body, self.catalog)
        return self._survey

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages, not to be written to."""
        return self.body["messages"]  # type: ignore[no-any-return]  # JSON's edge

    def replace_messages(self, messages: Iterable[dict[str, Any]]) -> None:
        """Put other messages into their place."""
        self.body["messages"] = list(messages)
        self._survey = None

    @property
    def thinking(self) -> str | None:
        """The type of thinking that is asked for, if any is."""
        thinking = self.body.get("thinking")
        return thinking.get("type") if thinking else None

    @property
    def thinks(self) -> bool:
        """Whether the model will think, asked or not."""
        kind = self.thinking
        return kind in ("adaptive", "enabled") if kind else self.model.thinks in ("always", "on")

    @property
    def effort(self) -> str | None:
        """The effort that is asked for, if any is."""
        output = self.body.get("output_config")
        return output.get("effort") if output else None

    @effort.setter
    def effort(self, level: str | None) -> None:
        output = {**(self.body.get("output_config") or {})}
        output.pop("effort", None)
        if level is not None:
            output["effort"] = level
        if output:
            self.body["output_config"] = output
        else:
            self.body.pop("output_config", None)

    @property
    def version(self) -> str:
        """The API version the request is sent with."""
        return next((value for name, value in self.headers.items() if name.lower() == VERSION_HEADER), VERSION)

    def use_old_version(self) -> None:
        """Send the request with the API version before the current one."""
        self.headers = {name: value for name, value in self.headers.items() if name.lower() != VERSION_HEADER}
        self.headers[VERSION_HEADER] = OLD_VERSION

    def add_to_system(self, text: str) -> None:
        """Add a paragraph at the end of the system prompt."""
        self.body["system"] = longer_system(self.body.get("system"), text)


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value where it is a mapping, else an empty one: what has another form is for the API to refuse."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """Return a value where it is a list, else an empty one: what has another form is for the API to refuse."""
    return value if isinstance(value, list) else []


def longer_system(system: Any, text: str) -> Any:
    """Return a system prompt with a paragraph more at its end."""
    match system:
        case None | "" | []:
            return text
        case str():
            return f"{system}\n\n{text}"
    return [*system, {"type": "text", "text": text}]


def blocks_of(message: Mapping[str, Any]) -> list[Block]:
    """Return the content of a message as blocks."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def marked(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what carries a cache mark, in the order of the prompt."""
    system = body.get("system")
    places = (
        body.get("tools") or (),
        system if isinstance(system, list) else (),
        *(message["content"] for message in body["messages"] if not isinstance(message["content"], str)),
    )
    for place in places:
        yield from _marked(place)
    if is_marked(body):
        yield body


def is_marked(item: Mapping[str, Any]) -> bool:
    """Whether something carries a cache mark. What is no mark at all is for the API to refuse."""
    mark = item.get("cache_control")
    return mark is not None and isinstance(mark, Mapping)


def _marked(items: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        if is_marked(item):
            yield item
        if parts := parts_of(item):
            yield from _marked(parts)


def parts_of(block: Mapping[str, Any]) -> list[Block]:
    """Return the blocks within a block: those of a result of a tool, or of a document made of blocks."""
    match block:
        case {"type": "tool_result", "content": list(parts)} | {
            "type": "document",
            "source": {"type": "content", "content": list(parts)},
        } if all(isinstance(part, Mapping) for part in parts):
            return parts
    return []


def with_parts(block: Block, parts: list[Block]) -> Block:
    """Return a block with other blocks within it."""
    if block["type"] == "document":
        return {**block, "source": {**block["source"], "content": parts}}
    return {**block, "content": parts}


def is_foreign(message: Mapping[str, Any], model: str, catalog: Catalog) -> bool:
    """Whether a message is known to be of another model, and to hold thinking, which this one cannot read."""
    if not isinstance(message, Answered) or message.model == model:
        return False
    thinks = any(block["type"] in THINKING for block in blocks_of(message))
    return thinks and not are_one(message.model, model, catalog)


def _survey(body: Body, catalog: Catalog) -> Survey:
    survey = Survey()
    for message in body["messages"]:
        role, content = message["role"], message["content"]
        survey.has_foreign_thinking |= is_foreign(message, body["model"], catalog)
        if role == "system":
            survey.has_system_turns = True
        if not isinstance(content, str):
            for block in content:
                _look(survey, role, block)
    return survey


def _look(survey: Survey, role: str, block: Block) -> None:
    if is_marked(block):
        survey.marks += 1
    match block.get("type"):
        case "text":
            if role == "user" and block.get("citations"):
                survey.has_user_citations = True
        case "image":
            survey.images += 1
        case "document":
            survey.has_citing_documents |= bool(mapping(block.get("citations")).get("enabled"))
            survey.has_assistant_documents |= role == "assistant"
            for part in parts_of(block):
                _look(survey, role, part)
        case "tool_result":
            for part in parts_of(block):
                _look(survey, role, part)
