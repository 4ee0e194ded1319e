"""From an answer to its statements, and from what the API says each was taken from to where that stands.

A statement is a line of an answer. On a piece, it cites words of documents: they are looked up in the piece, and what
is not found there is no citation. On notes, it cites statements of these: it is from wherever they are from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from clarion._digest.piece import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarion._digest.piece import Part

NOTHING = "nothing"
NO_WORDS = " \t#*_>`|.:-\u2013\u2014"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a statement is from.

    `quote` is what stands in the `document` from `start` to `end`, in characters of it as it was read, under these
    `headings` and on this `page`, if it has pages. `piece` is the number of the piece that was read, from 1. `verified`
    says that the quotation was found in the text of that piece; where it was not, the place is that of the piece.
    """

    document: str
    headings: tuple[str, ...]
    page: int | None
    piece: int
    quote: str
    start: int
    end: int
    verified: bool = True

    def __str__(self) -> str:
        parts = [self.document, *([f"page {self.page}"] if self.page is not None else []), *self.headings]
        return " > ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the citation as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Citation:
        """Return the citation that plain data describes."""
        return cls(**{**data, "headings": tuple(data["headings"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line of an answer: its text; where it is from, on a piece; by notes, the (note, statement) it is from."""

    text: str
    citations: tuple[Citation, ...] = ()
    links: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the note as JSON data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Note:
        """Return the note that JSON data describes."""
        return cls(
            text=data["text"],
            citations=tuple(map(Citation.of, data["citations"])),
            links=tuple((document, block) for document, block in data["links"]),
        )


def notes_on_piece(content: Sequence[Mapping[str, Any]], parts: Sequence[Part]) -> list[Note]:
    """Return the statements of an answer that has read a piece."""
    return [
        Note(text=text, citations=tuple(dict.fromkeys(_cited(raw, parts) for raw in found)))
        for text, found in statements(content)
    ]


def worth_reading(notes: Sequence[Note]) -> list[int]:
    """Return which notes go on to the next call: those that cite something, or all if none does.

    What a note says without saying where it is from is not passed on, unless there is nothing else of its piece.
    """
    said = [index for index, note in enumerate(notes) if note.text.strip(NO_WORDS).lower() != NOTHING]
    cited = [index for index in said if notes[index].links or any(each.verified for each in notes[index].citations)]
    return cited or said


def notes_on_notes(content: Sequence[Mapping[str, Any]], shown: Sequence[Sequence[int]]) -> list[Note]:
    """Return the statements of an answer that has read notes; of each, these statements were shown to it."""
    return [
        Note(text=text, links=tuple(dict.fromkeys(link for raw in found for link in _links(raw, shown))))
        for text, found in statements(content)
    ]


def statements(content: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return the lines of an answer that say something, each with the citations of what stands in it."""
    lines: list[tuple[str, list[Mapping[str, Any]]]] = [("", [])]
    for block in content:
        if block.get("type") != "text":
            continue
        citations = list(block.get("citations") or ())
        for number, piece in enumerate(block["text"].split("\n")):
            if number:
                lines.append(("", []))
            text, found = lines[-1]
            lines[-1] = (text + piece, found + (citations if piece.strip() else []))
    return [(text.strip(), found) for text, found in lines if text.strip(NO_WORDS)]


def text_of(content: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of an answer."""
    return "".join(block["text"] for block in content if block.get("type") == "text")


def _cited(raw: Mapping[str, Any], parts: Sequence[Part]) -> Citation:
    """Return a citation by the API's account of it; verified, if its words are in the piece."""
    index, quote = raw.get("document_index"), str(raw.get("cited_text") or "")
    told = isinstance(index, int) and 0 <= index < len(parts)
    part = parts[index if told else 0]  # type: ignore[index]  # told makes it a number
    at = (raw.get("start_char_index"), raw.get("end_char_index"))
    place = place_of(quote, part.text, at if all(isinstance(each, int) for each in at) else None) if told else None  # type: ignore[arg-type]  # checked
    start, end = (part.begin + place[0], part.begin + place[1]) if place else (part.start, part.end)
    mark = part.mark_at(start)
    return Citation(
        document=part.document,
        headings=mark.headings,
        page=mark.page,
        piece=0,
        quote=quote,
        start=start,
        end=end,
        verified=place is not None,
    )


def _links(raw: Mapping[str, Any], shown: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return which statements of which notes are cited; none where there are no such."""
    document, first, last = (raw.get(name) for name in ("document_index", "start_block_index", "end_block_index"))
    if not (isinstance(document, int) and isinstance(first, int) and isinstance(last, int)):
        return []
    if not 0 <= document < len(shown):
        return []
    return [(document, statement) for statement in shown[document][max(0, first) : max(0, last)]]
