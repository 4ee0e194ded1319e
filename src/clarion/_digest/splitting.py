"""Cutting a text where its structure lets it be cut, and packing what was cut into pieces.

A text is a tree: sections in sections, pages, paragraphs, lines, sentences, words. `units` are its largest subtrees
that are within the limit, so that what fits is never cut; `packed` fills pieces with them, in order. A piece that goes
on in the middle of a document begins with some of what comes before.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from clarion._digest.outline import marks_of
from clarion._digest.piece import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clarion._digest.outline import Heading, Mark

    Weigh = Callable[[str], float]

PARAGRAPH = re.compile(r"\n[ \t\r]*+\n(?:[ \t\r]*+\n)*+")
LINE = re.compile(r"\n")
SENTENCE = re.compile(r"[.!?\u3002\uff01\uff1f][\"')\]\u201d\u2019]*\s+|[\u3002\uff01\uff1f]")
WORD = re.compile(r"\s+")

PAGES, PARAGRAPHS = 100, 101  # ranks of boundaries, weaker than any level of headings
FINER = (LINE, SENTENCE, WORD)  # for a paragraph that is over the limit, one after the other
GRAIN = 16  # parts of the limit: what is smaller is not told apart, where there are thousands of lines or paragraphs
TAIL = 12  # characters for each token of overlap, surely enough


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a document that is not cut any further: its place in characters, its tokens, its text."""

    document: str
    start: int
    end: int
    tokens: float
    text: str
    marks: tuple[Mark, ...]


def units(
    text: str,
    headings: Sequence[Heading] = (),
    pages: Sequence[tuple[int, int]] = (),
    *,
    limit: float,
    weigh: Weigh,
    document: str = "",
    base: int = 0,
) -> Iterator[Unit]:
    """Yield the largest parts of the structure of a text that have at most `limit` tokens, in order.

    `pages` are where pages begin, and their numbers. Together the units are the text, which begins at `base`.
    """
    spans = list(_spans(text, _boundaries(text, headings, pages), limit, weigh))
    sums = [0.0, *accumulate(tokens for _, _, tokens in spans)]
    places = [start for start, _, _ in spans] + [len(text)]
    for first, last in _largest([rank for _, rank, _ in spans], sums, limit):
        start, end = places[first], places[last]
        marks = marks_of(headings, pages, start, end, base)
        yield Unit(document, base + start, base + end, sums[last] - sums[first], text[start:end], marks)


def packed(found: Iterable[Unit], *, limit: float, overlap: float, weigh: Weigh) -> Iterator[tuple[Part, ...]]:
    """Yield pieces of at most `limit` tokens, filled with units in order; these have at most `limit - overlap`.

    A piece that begins in the middle of a document repeats up to `overlap` tokens of what comes before. Of a piece, no
    two parts are of one document.
    """
    piece: list[Part] = []
    before: list[Unit] = []  # the last units of the document, as far as a lead may reach
    for unit in found:
        if piece and sum(part.tokens for part in piece) + unit.tokens > limit:
            yield tuple(piece)
            piece = []
        if before and before[-1].document != unit.document:
            before = []
        if piece and before:
            piece[-1] = piece[-1].then(unit)
        else:
            piece.append(_begun(unit, before, overlap, weigh))
        before = _reaching([*before, unit], TAIL * overlap)
    if piece:
        yield tuple(piece)


def _begun(unit: Unit, before: Sequence[Unit], overlap: float, weigh: Weigh) -> Part:
    """Return the part of a piece that begins with a unit, after a lead of what comes before."""
    lead = lead_of("".join(each.text for each in before)[-int(TAIL * overlap) :] if overlap else "", overlap, weigh)
    begin = unit.start - len(lead)
    led = [mark for each in before for mark in each.marks]
    here = [mark for mark in led if mark.start <= begin][-1:] if lead else []
    return Part(
        document=unit.document,
        begin=begin,
        start=unit.start,
        end=unit.end,
        tokens=unit.tokens + (weigh(lead) if lead else 0.0),
        text=lead + unit.text,
        marks=(*here, *(mark for mark in led if begin < mark.start), *unit.marks),
    )


def _reaching(found: Sequence[Unit], characters: float) -> list[Unit]:
    """Return the last units that together have so many characters, or all; at least the last."""
    size = 0
    for index in range(len(found) - 1, -1, -1):
        size += len(found[index].text)
        if size >= characters:
            return list(found[index:])
    return list(found)


def lead_of(before: str, overlap: float, weigh: Weigh) -> str:
    """Return the end of a text that has at most `overlap` tokens, from a paragraph, a sentence or a word on."""
    if not overlap:
        return ""
    for separator in (PARAGRAPH, SENTENCE, WORD):
        starts = [found.end() for found in separator.finditer(before) if found.end() < len(before)]
        first = bisect_left(starts, True, key=lambda start: weigh(before[start:]) <= overlap)
        lead = before[starts[first] :] if first < len(starts) else ""
        if lead and (separator is WORD or weigh(lead) >= overlap / 2):
            return lead
    size = len(before)
    while size and weigh(before[-size:]) > overlap:
        size //= 2
    return before[-size:] if size else ""


def _boundaries(text: str, headings: Sequence[Heading], pages: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return where a text may be cut, and how willingly: the lower the rank, the better."""
    found = {match.end(): PARAGRAPHS for match in PARAGRAPH.finditer(text)}
    found |= {start: PAGES for start, _ in pages}
    for heading in headings:
        found[heading.start] = min(heading.level, found.get(heading.start, PAGES))
    return {place: rank for place, rank in found.items() if 0 < place < len(text)}


def _spans(text: str, boundaries: dict[int, int], limit: float, weigh: Weigh) -> Iterator[tuple[int, int, float]]:
    """Yield start, rank and tokens of what lies between boundaries; what is over the limit, in smaller spans."""
    for start, end in pairwise([0, *sorted(boundaries), len(text)]):
        if start < end:
            yield from _fine(text, start, end, boundaries.get(start, 0), limit, weigh)


def _fine(
    text: str, start: int, end: int, rank: int, limit: float, weigh: Weigh, depth: int = 0
) -> Iterator[tuple[int, int, float]]:
    tokens = weigh(text[start:end])
    if tokens <= limit or end - start == 1:
        yield start, rank, tokens
        return
    cuts: list[int] = []
    while not cuts and depth < len(FINER):
        cuts = _apart(text, start, end, FINER[depth], least=(end - start) * limit / tokens / GRAIN)
        depth += 1
    for number, (a, b) in enumerate(pairwise([start, *(cuts or [(start + end) // 2]), end])):
        yield from _fine(text, a, b, PARAGRAPHS + depth if number else rank, limit, weigh, depth)


def _apart(text: str, start: int, end: int, separator: re.Pattern[str], *, least: float) -> list[int]:
    """Return where a separator ends within a stretch, at places that are so many characters apart."""
    cuts: list[int] = []
    for match in separator.finditer(text, start, end):
        if match.end() < end and match.end() - (cuts[-1] if cuts else start) >= least:
            cuts.append(match.end())
    return cuts


def _largest(ranks: Sequence[int], sums: Sequence[float], limit: float) -> Iterator[tuple[int, int]]:
    """Yield the ranges of spans that are the largest subtrees within the limit; of tiny ones, several together."""
    todo = [(0, len(ranks))] if ranks else []
    while todo:
        first, last = todo.pop()
        if sums[last] - sums[first] <= limit or last - first == 1:
            yield first, last
            continue
        strongest = min(ranks[first + 1 : last])
        cuts = [place for place in range(first + 1, last) if ranks[place] == strongest]
        children: list[tuple[int, int]] = []
        for a, b in pairwise([first, *cuts, last]):
            if children and sums[b] - sums[children[-1][0]] <= limit / GRAIN:
                children[-1] = (children[-1][0], b)
            else:
                children.append((a, b))
        todo += reversed(children)
