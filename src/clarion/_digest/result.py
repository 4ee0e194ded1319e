"""What a digest comes to: a text, and for each of its statements where it is from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._cost import Cost
    from clarion._digest.forecast import DigestEstimate
    from clarion._digest.library import Skipped
    from clarion._digest.notes import Citation
    from clarion._fit import Adjustment
    from clarion._usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A line of the answer, and where it is from; `citations` were all found in the pieces they name."""

    text: str
    citations: tuple[Citation, ...]
    unverified: tuple[Citation, ...] = ()

    @classmethod
    def of(cls, text: str, sources: Sequence[Citation]) -> Statement:
        """Return a statement that is said to be from these places."""
        return cls(
            text=text,
            citations=tuple(each for each in sources if each.verified),
            unverified=tuple(each for each in sources if not each.verified),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPiece:
    """A piece that was read: its number, from 1; what it holds; its tokens; why it could not be read, if so.

    `documents` are the names, and from which character to which. `truncated` says that the notes on it were cut off.
    """

    number: int
    name: str
    documents: tuple[tuple[str, int, int], ...]
    tokens: int
    error: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The answer to a task about documents of any length.

    `text` is the answer, `statements` its lines with their citations. `usage` and `cost` are those of all calls behind
    it, `reused` how many of these an earlier run had paid; `cost` is None where it is not known. `estimate` is what was
    expected before anything was sent, `adjustments` what had to be changed in requests so that they fit their model.
    `failed` pieces are not in the answer; `skipped` names what was not digested at all. `truncated` says that the
    answer was cut off.
    """

    text: str
    statements: tuple[Statement, ...]
    pieces: tuple[DigestPiece, ...]
    skipped: tuple[Skipped, ...]
    usage: Usage
    cost: Cost | None
    estimate: DigestEstimate
    adjustments: tuple[Adjustment, ...]
    model: str
    calls: int
    reused: int
    truncated: bool
    emulated: bool

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where the answer is from, each place once, in order."""
        return tuple(dict.fromkeys(each for statement in self.statements for each in statement.citations))

    @property
    def unverified(self) -> tuple[Citation, ...]:
        """What the model claims to cite and what was not found in the piece."""
        return tuple(dict.fromkeys(each for statement in self.statements for each in statement.unverified))

    @property
    def failed(self) -> tuple[DigestPiece, ...]:
        """The pieces that could not be read."""
        return tuple(piece for piece in self.pieces if piece.error)

    @property
    def is_complete(self) -> bool:
        """Whether every piece was read, and nothing was cut off."""
        return not self.failed and not self.truncated and not any(piece.truncated for piece in self.pieces)

    def to_markdown(self) -> str:
        """Return the answer with a number behind each statement for every place it is from, and these at its end."""
        numbers = {citation: number for number, citation in enumerate(self.citations, 1)}
        lines, waiting = [], list(self.statements)
        for line in self.text.split("\n"):
            marks = ""
            if waiting and line.strip() == waiting[0].text:
                marks = "".join(f"[{numbers[citation]}]" for citation in waiting.pop(0).citations)
            lines.append(f"{line} {marks}" if marks else line)
        sources = [f"- [{number}] {each}: \u201c{_short(each.quote)}\u201d" for each, number in numbers.items()]
        return "\n".join([*lines, *(["", "---", ""] if sources else []), *sources])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON; money is in US dollars, as text."""
        data = asdict(self)
        money = ("cost", "low", "high", "at_most", "spent")
        data["cost"] = None if self.cost is None else self.cost.to_dict()
        data["estimate"] |= {
            name: None if data["estimate"][name] is None else str(data["estimate"][name]) for name in money
        }
        return data | {"is_complete": self.is_complete}


def _short(quote: str, most: int = 200) -> str:
    words = " ".join(quote.split())
    return words if len(words) <= most else f"{words[:most]}…"
