"""One call as the emulator understands it: the body, read under a model and an API version.

The rules, the token counter and the answer all look at a call; none of them looks at HTTP. The walkers here
give every block its path as the API writes it, so that an error and the media found at a block share one
key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.media import Pdf, Picture
    from clarion.emulator.models import Model

__all__ = ["OLD_VERSION", "VERSION", "Call", "blocks_of", "is_summary", "kind_of"]

OLD_VERSION = "2023-06-01"
VERSION = "2026-10-21"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has passed the checks of its fields.

    `user_profile` and `today`, an ISO day, are empty when unknown; `is_counted` says that nothing will be answered,
    `is_batched` that the request is an item of a batch. `media` holds what base64 sources are, `dropped` why thinking
    blocks are not shown to the model; both by path. `original` is the call as it came, where a summary in it stands for
    messages that are empty here.
    """

    model: Model
    version: str
    body: dict[str, Any]
    betas: frozenset[str] = frozenset()
    user_profile: str = ""
    today: str = ""
    is_counted: bool = False
    is_batched: bool = False
    media: dict[str, Picture | Pdf] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    original: Call | None = None

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation."""
        messages: list[dict[str, Any]] = self.body["messages"]
        return messages

    @property
    def said(self) -> list[dict[str, Any]]:
        """The messages that hold something."""
        return [message for message in self.messages if message["content"]]

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The tools offered, perhaps none."""
        return self.body.get("tools") or []

    @property
    def choice(self) -> str:
        """How tools may be used: `auto`, `any`, `tool` or `none`."""
        kind: str = (self.body.get("tool_choice") or {}).get("type", "auto" if self.tools else "none")
        return kind

    @property
    def is_forced(self) -> bool:
        """True when the answer has to be a tool call."""
        return self.choice in {"any", "tool"}

    @property
    def thinking(self) -> str:
        """The thinking type in force: the one asked for, else the model's habit."""
        asked = self.body.get("thinking")
        if asked:
            kind: str = asked["type"]
            return kind
        return "disabled" if self.model.when_omitted == "off" else "adaptive"

    @property
    def thinks(self) -> bool:
        """True when the model thinks before it answers."""
        return self.thinking in {"adaptive", "enabled"}

    @property
    def display(self) -> str:
        """What a thinking block shows: `summarized` or `omitted`."""
        asked: str | None = (self.body.get("thinking") or {}).get("display")
        return asked or self.model.display

    @property
    def effort(self) -> str:
        """The effort in force."""
        asked: str | None = (self.body.get("output_config") or {}).get("effort")
        return asked or self.model.effort

    @property
    def is_fast(self) -> bool:
        """True when the model answers at the higher speed."""
        return self.body.get("speed") == "fast" and self.model.fast != "ignored"

    @property
    def schema(self) -> dict[str, Any] | None:
        """The JSON schema the answer must follow, if one was given."""
        wanted = (self.body.get("output_config") or {}).get("format") or self.body.get("output_format")
        schema: dict[str, Any] | None = wanted and wanted["schema"]
        return schema

    def blocks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Walk all blocks of the messages with their paths, those in tool results and documents too."""
        for index, message in enumerate(self.messages):
            yield from _walk(f"messages.{index}.content", blocks_of(message["content"]))


def blocks_of(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return content as blocks: a string is one text block, an empty string none."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content


def is_summary(block: dict[str, Any]) -> bool:
    """Tell whether a block stands for all that comes before it. One without content is a summary that failed."""
    return block["type"] == "compaction" and block.get("content") is not None


def kind_of(tool: dict[str, Any]) -> str:
    """Return the type of a tool; one that names none is the user's own."""
    return tool.get("type") or "custom"


def _walk(path: str, blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, block in enumerate(blocks):
        here = f"{path}.{index}"
        yield here, block
        if block["type"] == "tool_result":
            yield from _walk(f"{here}.tool_result.content", blocks_of(block.get("content", [])))
        elif block["type"] == "document" and block["source"]["type"] == "content":
            yield from _walk(f"{here}.document.source.content.content", blocks_of(block["source"]["content"]))
