"""A question: a call to answer, and what its conversation says about where it stands."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from clarion.emulator import compaction
from clarion.emulator.call import Call, blocks_of
from clarion.emulator.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from clarion.emulator.wire import Stamp

__all__ = ["SERVER_USE", "Question"]

SERVER_USE = "server_tool_use"


@dataclass(frozen=True, kw_only=True)
class Question:
    """A call to answer: its prompt's tokens, what names and times the answer, and the seed that varies it."""

    call: Call
    input_tokens: int
    stamp: Stamp
    seed: int
    now: datetime
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def id(self, prefix: str) -> str:
        """Return a new id."""
        return self.stamp.id(prefix, next(self._numbers))

    @cached_property
    def chance(self) -> Random:
        """What is left to chance: the same for the same conversation and seed, streamed or not."""
        marks = Trail.of(self.call.body).marks()
        parts = (str(self.seed).encode(), self.call.model.id.encode(), marks.system, marks.tools, *marks.turns)
        return Random(hashlib.blake2b(b"\0".join(parts)).digest())  # noqa: S311 - nothing is kept secret

    @cached_property
    def words(self) -> str:
        """All text of the prompt: of the last user turn that brings more than results of tools, or of a summary."""
        index, blocks = self._prompt
        return (
            compaction.words(self.call)
            if index < 0
            else "\n".join(block["text"] for block in blocks if block["type"] == "text")
        )

    @cached_property
    def material(self) -> str:
        """What a filled form is made of: the text of the prompt, and that of the results of tools since."""
        later = (blocks_of(message["content"]) for message in self.call.messages[self._prompt[0] + 1 :])
        results = [block.get("content") or "" for blocks in later for block in blocks if block["type"] == "tool_result"]
        said = [block for result in results for block in blocks_of(result)]
        return "\n".join([self.words, *(block["text"] for block in said if block["type"] == "text")])

    @cached_property
    def results(self) -> list[dict[str, Any]]:
        """The results of tools that the last turn brings, perhaps with a word of the system after them."""
        last = next(message for message in reversed(self.call.messages) if message["role"] != "system")
        return [block for block in blocks_of(last["content"]) if block["type"] == "tool_result"]

    @property
    def is_answered(self) -> bool:
        """True when the last turn brings results of tools, or a summary stands for such a turn."""
        return bool(self.results) or (self._prompt[0] < 0 and compaction.tells_results(self.call))

    @cached_property
    def called(self) -> list[dict[str, Any]]:
        """The tool calls made since the prompt."""
        return [block for block in self.since if block["type"] == "tool_use"]

    @property
    def has_thought(self) -> bool:
        """True when there was thinking since the prompt."""
        return any(block["type"] in {"thinking", "redacted_thinking"} for block in self.since)

    @cached_property
    def begun(self) -> list[dict[str, Any]]:
        """What the answer already holds: the blocks of an assistant turn at the end, to be gone on with."""
        if self.call.messages[-1]["role"] != "assistant":
            return []
        return self.since

    @cached_property
    def waiting(self) -> list[dict[str, Any]]:
        """The calls of server tools since the prompt that have no result yet: the answer begins with it."""
        results = {block["tool_use_id"] for block in self.since if block["type"].endswith("_tool_result")}
        return [block for block in self.since if block["type"] == SERVER_USE and block["id"] not in results]

    @property
    def prefill(self) -> str:
        """The text the answer goes on from; empty when there is none."""
        is_text = bool(self.begun) and self.begun[-1]["type"] == "text"
        return str(self.begun[-1]["text"]) if is_text else ""

    @cached_property
    def since(self) -> list[dict[str, Any]]:
        """The blocks of assistant turns after the prompt."""
        later = self.call.messages[self._prompt[0] + 1 :]
        return [block for message in later if message["role"] == "assistant" for block in blocks_of(message["content"])]

    @cached_property
    def _prompt(self) -> tuple[int, list[dict[str, Any]]]:
        """The index and the blocks of the last user message that is not results alone; -1 where there is none."""
        for index in range(len(self.call.messages) - 1, -1, -1):
            message = self.call.messages[index]
            blocks = blocks_of(message["content"])
            if message["role"] == "user" and any(block["type"] != "tool_result" for block in blocks):
                return index, blocks
        return -1, []
