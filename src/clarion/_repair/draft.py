"""A history while it is mended: messages with their blocks, each of which knows where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clarion._fit.draft import parts_of, with_parts
from clarion._prompt import Answered
from clarion._repair.fields import is_same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion._catalog import Model
    from clarion._repair.blocks import Block
    from clarion._repair.report import Findings

NOTE = "note"  # where what mending added comes from


@dataclass(slots=True, eq=False)
class Slot:
    """A block and where it was."""

    where: str
    block: Any  # a Block, or an image or document still to be read

    @property
    def type(self) -> str:
        """The type of the block; "part" for an image or document still to be read."""
        return str(self.block["type"]) if isinstance(self.block, dict) else "part"


@dataclass(slots=True, eq=False)
class Turn:
    """A message: who said it, in which blocks, and the message it was read from.

    `source` is None if the message cannot go out as it came; `read` are the blocks it had then. `model` is the one that
    wrote it, where that is known; `more` are other fields of a system message.
    """

    where: str
    role: str
    slots: list[Slot]
    source: Any = None
    read: list[Block] = field(default_factory=list)
    said_by: str = ""
    model: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Block]:
        """The blocks as they are now."""
        return [slot.block for slot in self.slots]

    def message(self) -> Any:
        """Return the message: the very object it was read from, if nothing changed."""
        blocks = self.blocks
        if self.source is not None and self.role == self.said_by and is_same(blocks, self.read):
            return self.source
        made = {"role": self.role, "content": blocks, **self.more}
        return Answered(made, self.model) if self.model and self.role == "assistant" else made


Change = Callable[["Block", str, bool], "Block"]


@dataclass(slots=True)
class Draft:
    """All of a history, with what it is mended for.

    `tools` are the names of the tools of the request; None: not told.
    """

    turns: list[Turn]
    findings: Findings
    name: str
    model: Model | None
    system: Any = None
    tools: frozenset[str] | None = None

    def groups(self) -> Iterator[list[Turn]]:
        """Yield neighbouring messages of one role together: to the model, they are one turn."""
        group: list[Turn] = []
        for turn in self.turns:
            if group and turn.role != group[0].role:
                yield group
                group = []
            group.append(turn)
        if group:
            yield group

    def walk(self) -> Iterator[tuple[str, Block]]:
        """Yield every block with its place, each before those within it."""
        found: list[tuple[str, Block]] = []

        def seen(block: Block, where: str, _exact: bool) -> Block:
            found.append((where, block))
            return block

        self.rewrite(seen)
        yield from found

    def rewrite(self, change: Change) -> None:
        """Replace every block, each before those within it, by what `change` makes of it.

        `change` is given the block, its place, and whether an image must arrive in the size it was made.
        """
        for turn in self.turns:
            for slot in turn.slots:
                if isinstance(slot.block, dict):
                    slot.block = _rewritten(slot.block, slot.where, change, exact=False)

    def without(self, slots: Sequence[Slot]) -> None:
        """Leave out slots, by identity."""
        if not slots:
            return
        gone = set(map(id, slots))
        for turn in self.turns:
            if any(id(slot) in gone for slot in turn.slots):
                turn.slots = [slot for slot in turn.slots if id(slot) not in gone]

    def add(self, turn: Turn, *, after: Turn | None = None) -> None:
        """Put a message after another, or at the beginning."""
        place = 0 if after is None else next(i for i, one in enumerate(self.turns) if one is after) + 1
        self.turns.insert(place, turn)


def _rewritten(block: Block, where: str, change: Change, *, exact: bool) -> Block:
    made = change(block, where, exact)
    exact = exact or bool(made.get("toolset_name"))
    parts = parts_of(made)
    kept = [_rewritten(part, f"{where}.content[{index}]", change, exact=exact) for index, part in enumerate(parts)]
    return made if is_same(kept, parts) else with_parts(made, kept)
