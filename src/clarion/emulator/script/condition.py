"""Which calls a step or a rule is for.

Text, images and tool results are looked for in the newest message of the user only: what was said before would fit
every later call of the conversation as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, get_args

from clarion.emulator.gate import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["ROUTES", "Body", "Condition", "Numbers", "RouteName", "Sight"]

Body = dict[str, Any]
RouteName = Literal[
    "messages",
    "count_tokens",
    "models",
    "batches.create",
    "batches.retrieve",
    "batches.list",
    "batches.cancel",
    "batches.delete",
    "batches.results",
    "batches.item",
    "files.upload",
    "files.list",
    "files.retrieve",
    "files.download",
    "files.delete",
]
ROUTES: tuple[str, ...] = get_args(RouteName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What conditions see of a request. `call` is its number on its route within its lane, from 1."""

    route: RouteName
    body: Body
    headers: Mapping[str, str] = field(default_factory=dict)
    call: int = 1

    @property
    def newest(self) -> list[Body]:
        """The blocks of the user's newest message."""
        said = [message for message in self._messages() if message.get("role") == "user"]
        return _blocks(said[-1].get("content")) if said else []

    @property
    def turn(self) -> int:
        """The user's turn in the conversation, from 1; a message that only brings tool results opens none."""
        said = (message for message in self._messages() if message.get("role") == "user")
        return sum(any(block.get("type") != "tool_result" for block in _blocks(each.get("content"))) for each in said)

    @property
    def text(self) -> str:
        """The text of the user's newest message."""
        return "\n".join(str(block.get("text")) for block in self.newest if block.get("type") == "text")

    @property
    def system(self) -> str:
        """The text of the system prompt."""
        return "\n".join(str(block.get("text")) for block in _blocks(self.body.get("system")))

    @property
    def tools(self) -> list[str]:
        """The names of the tools offered."""
        return [str(tool.get("name")) for tool in self.body.get("tools") or []]

    @property
    def results(self) -> list[str]:
        """The names of the tools whose results the newest message brings."""
        ids = {block.get("tool_use_id") for block in self.newest if block.get("type") == "tool_result"}
        blocks = (block for message in self._messages() for block in _blocks(message.get("content")))
        return [str(block.get("name")) for block in blocks if block.get("id") in ids] if ids else []

    @property
    def has_image(self) -> bool:
        """True when the newest message has an image, be it in a tool result."""
        return any(block.get("type") == "image" for block in _within(self.newest))

    @property
    def key(self) -> str:
        """The API key, from either header."""
        return key(self.headers)

    def _messages(self) -> list[Body]:
        messages: list[Body] = self.body.get("messages") or []
        return messages


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers from 1, such as `3`, `2-5` or `4-`."""

    first: int
    last: int | None

    @classmethod
    def of(cls, written: int | str) -> Numbers:
        """Read what is written.

        Raises:
            ValueError: It is neither a number from 1 nor a range of such.

        """
        match = re.fullmatch(r"([1-9]\d*)(?:(-)([1-9]\d*)?)?", str(written).strip())
        if match is None or isinstance(written, bool):
            raise ValueError(f"{written!r} is no number or range of numbers from 1; write 3, '2-5' or '4-'")
        first = int(match[1])
        last = int(match[3]) if match[3] else None if match[2] else first
        if last is not None and last < first:
            raise ValueError(f"the range {written!r} ends before it begins")
        return cls(first, last)

    def __contains__(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which calls a step is for. What is None is not asked; `Step.when` explains the rest."""

    route: RouteName | None = None
    model: str | None = None
    stream: bool | None = None
    text: str | None = None
    pattern: re.Pattern[str] | None = None
    system: str | None = None
    tool: str | None = None
    result: str | bool | None = None
    image: bool | None = None
    header: Mapping[str, str] | None = None
    key: str | None = None
    version: str | None = None
    call: Numbers | None = None
    turn: Numbers | None = None
    body: Callable[[Body], bool] | None = None

    def __post_init__(self) -> None:
        """Refuse a route that there is not."""
        if self.route is not None and self.route not in ROUTES:
            raise ValueError(f"there is no route {self.route!r}; routes: {', '.join(ROUTES)}")

    def holds(self, sight: Sight) -> bool:
        """Tell whether a request fits; the route is the step's to look at."""
        asked = ((test, getattr(self, name)) for name, test in TESTS.items())
        return all(wanted is None or test(sight, wanted) for test, wanted in asked)


def _has_result(sight: Sight, wanted: str | bool) -> bool:
    if isinstance(wanted, bool):
        return wanted is any(block.get("type") == "tool_result" for block in sight.newest)
    return any(fnmatchcase(name, wanted) for name in sight.results)


def _has_headers(sight: Sight, wanted: Mapping[str, str]) -> bool:
    return all(fnmatchcase(sight.headers.get(name.lower(), "\0"), value) for name, value in wanted.items())


TESTS: dict[str, Callable[[Sight, Any], bool]] = {
    "model": lambda sight, wanted: fnmatchcase(str(sight.body.get("model")), wanted),
    "stream": lambda sight, wanted: bool(sight.body.get("stream")) is wanted,
    "call": lambda sight, wanted: sight.call in wanted,
    "version": lambda sight, wanted: sight.headers.get("anthropic-version") == wanted,
    "key": lambda sight, wanted: fnmatchcase(sight.key, wanted),
    "header": _has_headers,
    "tool": lambda sight, wanted: any(fnmatchcase(name, wanted) for name in sight.tools),
    "turn": lambda sight, wanted: sight.turn in wanted,
    "result": _has_result,
    "image": lambda sight, wanted: sight.has_image is wanted,
    "text": lambda sight, wanted: wanted.casefold() in sight.text.casefold(),
    "pattern": lambda sight, wanted: wanted.search(sight.text) is not None,
    "system": lambda sight, wanted: wanted.casefold() in sight.system.casefold(),
    "body": lambda sight, wanted: wanted(sight.body),
}  # the cheapest first


def _blocks(content: object) -> list[Body]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _within(blocks: list[Body]) -> Iterator[Body]:
    for block in blocks:
        yield block
        yield from _within(_blocks(block.get("content")))
