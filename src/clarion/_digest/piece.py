"""A piece: what one call reads of the documents, and where each of its characters stands in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from clarion._digest.outline import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarion._digest.splitting import Unit


NAMED = 3  # documents that the name of a piece lists

# What a quotation may be set differently in: hyphens within words, perhaps at the end of a line, and white space.
DROPPED = r"(?<=\w)[-\u2010]\s*(?=\w)|\u00ad"
FOLDED = re.compile(rf"(?P<dropped>{DROPPED})|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a piece holds of one document: the text from `start` to `end`, after a lead from `begin` on.

    Places are in characters of the document, as it was read. `marks` say under which headings, and on which page, the
    characters from each of them on are.
    """

    document: str
    begin: int
    start: int
    end: int
    tokens: float
    text: str
    marks: tuple[Mark, ...]

    def then(self, more: Part | Unit) -> Part:
        """Return the part with what follows in the document."""
        return replace(
            self,
            end=more.end,
            tokens=self.tokens + more.tokens,
            text=self.text + more.text,
            marks=self.marks + more.marks,
        )

    def mark_at(self, place: int) -> Mark:
        """Return what is known of a place in the document."""
        index = bisect_right(self.marks, place, key=lambda mark: mark.start)
        return self.marks[max(0, index - 1)]

    @property
    def pages(self) -> tuple[int, int] | None:
        """The first page and the last; None for a document without pages."""
        numbers = [mark.page for mark in self.marks if mark.page is not None]
        return (numbers[0], numbers[-1]) if numbers else None

    @property
    def title(self) -> str:
        """What the part is called: its document, its pages, the headings it begins under."""
        name = self.document
        if self.pages:
            first, last = self.pages
            name += f", page {first}" if first == last else f", pages {first} to {last}"
        headings = self.mark_at(self.start).headings
        return f"{name} ({' > '.join(headings)})" if headings else name

    def to_dict(self) -> dict[str, Any]:
        """Return the part as JSON data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Part:
        """Return the part that JSON data describes."""
        marks = tuple(Mark(mark["start"], tuple(mark["headings"]), mark["page"]) for mark in data["marks"])
        return cls(**{**data, "marks": marks})


def name_of(parts: Sequence[Part]) -> str:
    """Return what a piece of these parts is called."""
    more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return "; ".join(part.title for part in parts[:NAMED]) + more


def joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts of pieces that follow each other as those of one: what is contiguous together, without leads."""
    whole: list[Part] = []
    for part in parts:
        if whole and whole[-1].document == part.document and whole[-1].end == part.start:
            marks = tuple(mark for mark in part.marks if mark.start >= part.start)
            whole[-1] = whole[-1].then(replace(part, text=part.text[part.start - part.begin :], marks=marks))
        else:
            whole.append(part)
    return tuple(whole)


def place_of(quote: str, text: str, at: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return where a quotation stands in a text: at the place that is named, if it is there, else anywhere.

    White space and the hyphens of words may differ. None if it is not in the text.
    """
    if at is not None and text[at[0] : at[1]] == quote != "":
        return at
    wanted = "".join(character for character, _, _ in _folded(quote)).strip()
    if not wanted:
        return None
    if (start := text.find(quote)) >= 0:
        return start, start + len(quote)
    found = list(_folded(text))
    place = "".join(character for character, _, _ in found).find(wanted)
    return None if place < 0 else (found[place][1], found[place + len(wanted) - 1][2])


def _folded(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the characters of a text as they are compared, each with its place."""
    for match in FOLDED.finditer(text):
        if match["dropped"] is None:
            yield " " if match[0].isspace() else match[0], match.start(), match.end()
