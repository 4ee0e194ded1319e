"""The calls of a digest as a tree: pieces below, notes put together above them, the answer on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from clarion._cost import Cost
from clarion._digest.notes import worth_reading
from clarion._digest.piece import name_of
from clarion._digest.result import DigestPiece
from clarion._errors import DigestError
from clarion._usage import Usage

if TYPE_CHECKING:
    from clarion._digest.notes import Citation
    from clarion._digest.piece import Part
    from clarion._digest.store import Answer, Store

PART_FRAME = 25  # tokens of a document around its text

Weigh = Callable[[str], float]


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """A call: on a "piece", on the "whole" set of documents, on notes ("merge"), or the last of these ("answer").

    `tokens` is the estimate of what it reads; `written` the tokens of what it wrote and others will read, None before;
    `shown` which of its statements these are. `children` are whose notes it reads. `number` counts pieces, from 1; of
    what is above them it is that of its first. `documents` are their names, and from where to where.
    """

    kind: str
    name: str
    tokens: float
    key: bytes = b""
    number: int = 1
    documents: tuple[tuple[str, int, int], ...] = ()
    children: tuple[Node, ...] = ()
    written: float | None = None
    shown: tuple[int, ...] = ()
    truncated: bool = False
    error: str | None = None

    @classmethod
    def reading(cls, kind: str, parts: Sequence[Part], *, key: bytes, number: int, frame: float) -> Node:
        """Return the call that reads parts of documents, beside a frame of so many tokens."""
        return cls(
            kind=kind,
            name=name_of(parts),
            tokens=frame + sum(part.tokens + PART_FRAME for part in parts),
            key=key,
            number=number,
            documents=tuple((part.document, part.begin, part.end) for part in parts),
        )

    @classmethod
    def over(cls, children: Sequence[Node], kind: str, *, frame: float) -> Node:
        """Return the call that reads the notes of others."""
        last = children[-1]
        while last.children:
            last = last.children[-1]
        return cls(
            kind=kind,
            name=f"pieces {children[0].number:,} to {last.number:,}",
            tokens=frame + sum((child.written or 0.0) + PART_FRAME for child in children),
            number=children[0].number,
            children=tuple(children),
        )

    def answered(self, answer: Answer, weigh: Weigh) -> None:
        """Take note of what it came to."""
        self.shown = tuple(worth_reading(answer.notes))
        self.written = sum(weigh(answer.notes[index].text) for index in self.shown)
        self.truncated = answer.truncated
        self.error = None

    def as_piece(self) -> DigestPiece:
        """Return the piece as it is shown in the result."""
        return DigestPiece(
            number=self.number,
            name=self.name,
            documents=self.documents,
            tokens=round(self.tokens),
            error=self.error,
            truncated=self.truncated and self.kind == "piece",
        )


@dataclass(slots=True)
class Sums:
    """What the calls of a digest have used and cost, and how many were made by an earlier run."""

    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = field(default_factory=Cost)
    calls: int = 0
    reused: int = 0
    emulated: bool = False
    lengths: list[int] = field(default_factory=list)  # output tokens of the notes on pieces

    def add(self, usage: Usage, cost: Cost | None, *, reused: bool = False) -> None:
        """Add a call."""
        self.calls += 1
        self.reused += reused
        self.usage += usage
        self.cost = None if cost is None or self.cost is None else self.cost + cost

    def add_answer(self, node: Node, answer: Answer, *, reused: bool = False) -> None:
        """Add a call that was answered."""
        self.add(answer.usage, answer.cost, reused=reused)
        self.emulated = self.emulated or answer.emulated
        if node.kind == "piece":
            self.lengths.append(answer.usage.output_tokens)


def answer_of(node: Node, store: Store) -> Answer:
    """Return what a node came to. Raises DigestError if the store does not have it any more."""
    answer = store.answer(node.key)
    if answer is None:
        raise DigestError(f"the store {store.path} has lost the notes on {node.name}")
    return answer


def sources_of(node: Node, wanted: Sequence[int], store: Store) -> dict[int, tuple[Citation, ...]]:
    """Return where the statements of these indices are from in the end, by their indices.

    What a call on notes cites is from wherever these are from. Notes are read from the store, one call's at a time.
    """
    notes = answer_of(node, store).notes
    if not node.children:
        return {
            index: tuple(replace(citation, piece=node.number) for citation in notes[index].citations)
            for index in wanted
        }
    links = {link for index in wanted for link in notes[index].links}
    found: dict[tuple[int, int], tuple[Citation, ...]] = {}
    for number in sorted({child for child, _ in links}):
        blocks = sorted(block for child, block in links if child == number)
        below = sources_of(node.children[number], blocks, store)
        found |= {(number, block): citations for block, citations in below.items()}
    return {
        index: tuple(dict.fromkeys(each for link in notes[index].links for each in found[link])) for index in wanted
    }
