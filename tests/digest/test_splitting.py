"""Cutting and packing lose nothing, keep to the limit, and cut only what does not fit."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from clarion._digest.outline import Heading, outline
from clarion._digest.piece import joined
from clarion._digest.splitting import Unit, lead_of, packed, units
from clarion._digest.task import scales

TEXTS = st.text(alphabet=st.sampled_from("ab é漢😀.!?\n\n\r\t#-="), max_size=400)
WORDS = st.lists(
    st.sampled_from(["# One\n", "## Two\n", "word ", "Sentence. ", "line\n", "\n\n", "漢字。"]), max_size=80
)


def weigh(text: str) -> float:
    """Four characters a token, rounded up."""
    return math.ceil(len(text) / 4)


def cut(text: str, *, limit: float, ending: str = ".md") -> list[Unit]:
    return list(units(text, outline(text, ending), limit=limit, weigh=weigh, document="a"))


@given(TEXTS | WORDS.map("".join), st.integers(1, 60))
def test_units_are_the_text_in_order_and_within_the_limit(text: str, limit: int) -> None:
    found = cut(text, limit=limit)

    assert "".join(unit.text for unit in found) == text
    assert [unit.start for unit in found] == [0, *(unit.end for unit in found[:-1])][: len(found)]
    assert all(unit.text == text[unit.start : unit.end] != "" for unit in found)
    assert all(weigh(unit.text) <= unit.tokens <= limit for unit in found)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.integers(8, 60), st.integers(0, 7))
def test_pieces_hold_all_documents_in_order_within_the_limit_and_overlap_as_asked(
    texts: list[str], limit: int, overlap: int
) -> None:
    found = (
        unit
        for number, text in enumerate(texts)
        for unit in units(text, limit=limit - overlap, weigh=weigh, document=str(number))
    )
    pieces = list(packed(found, limit=limit, overlap=overlap, weigh=weigh))

    whole = joined([part for piece in pieces for part in piece])
    assert {part.document: part.text for part in whole} == {str(n): text for n, text in enumerate(texts) if text}
    assert [part.document for part in whole] == sorted(part.document for part in whole)
    for piece in pieces:
        assert sum(part.tokens for part in piece) <= limit
        assert len({part.document for part in piece}) == len(piece)
        for part in piece:
            text = texts[int(part.document)]
            assert part.text == text[part.begin : part.end]
            assert weigh(text[part.begin : part.start]) <= overlap
            assert part.begin < part.start or not part.start or not overlap
            assert part.marks[0].start <= part.begin
            assert [mark.start for mark in part.marks] == sorted({mark.start for mark in part.marks})


@given(WORDS.map("".join), st.integers(4, 60))
def test_a_section_that_fits_is_never_cut(text: str, limit: int) -> None:
    headings = outline(text, ".md")
    cuts = {unit.start for unit in cut(text, limit=limit)}

    for index, heading in enumerate(headings):
        later = (other.start for other in headings[index + 1 :] if other.level <= heading.level)
        end = next(later, len(text))
        if sum(unit.tokens for unit in cut(text[heading.start : end], limit=1)) <= limit:
            assert not any(heading.start < place < end for place in cuts)


@given(TEXTS, st.integers(0, 20))
def test_a_lead_is_the_end_of_what_comes_before_and_within_the_overlap(before: str, overlap: int) -> None:
    lead = lead_of(before, overlap, weigh)

    assert before.endswith(lead)
    assert weigh(lead) <= overlap
    assert lead or not before or not overlap


def test_a_text_is_cut_between_chapters_before_it_is_cut_within_them() -> None:
    text = "# One\n\n" + "word " * 30 + "\n\nMore.\n\n# Two\n\n" + "word " * 40 + "\n\n# Three\n\nShort."

    found = cut(text, limit=60)

    assert [unit.text[:7].strip() for unit in found] == ["# One", "# Two", "# Three"]


def test_what_has_no_structure_is_cut_between_sentences_then_words_then_anywhere() -> None:
    sentences = [unit.text for unit in cut("One two three. Four five six. Seven.", limit=5)]
    words = [unit.text for unit in cut("onetwothree fourfive six", limit=3)]
    letters = [unit.text for unit in cut("a" * 40, limit=5)]

    assert sentences == ["One two three. ", "Four five six. ", "Seven."]
    assert words == ["onetwothree ", "fourfive ", "six"]
    assert letters == ["a" * 20, "a" * 20]


def test_small_documents_share_a_piece() -> None:
    found = [unit for name in "abc" for unit in units(f"Text of {name}.", limit=20, weigh=weigh, document=name)]

    [piece] = packed(found, limit=20, overlap=0, weigh=weigh)

    assert [part.document for part in piece] == ["a", "b", "c"]


def test_pages_are_cut_between_before_paragraphs_are() -> None:
    text = "One.\n\nTwo.\n\nThree.\n\nFour."

    found = list(units(text, pages=[(0, 7), (12, 8)], limit=4, weigh=weigh))

    assert [unit.text for unit in found] == ["One.\n\nTwo.\n\n", "Three.\n\nFour."]
    assert [unit.marks[0].page for unit in found] == [7, 8]


def test_every_place_of_a_piece_knows_its_headings_also_within_the_lead() -> None:
    text = "# One\n\nalpha beta gamma\n\n## Sub\n\ndelta epsilon zeta\n\n# Two\n\neta theta"

    pieces = list(packed(cut(text, limit=10), limit=14, overlap=4, weigh=weigh))

    for piece in pieces:
        for part in piece:
            for word, path in {"alpha": ("One",), "delta": ("One", "Sub"), "eta": ("Two",)}.items():
                if (place := text.find(f"\n{word} ") + 1) in range(part.begin, part.end):
                    assert part.mark_at(place).headings == path


def test_a_module_of_python_is_cut_at_its_definitions() -> None:
    text = Path(asyncio.base_events.__file__).read_text("utf-8")
    headings = outline(text, ".py")
    starts = {heading.start for heading in headings}

    found = list(units(text, headings, limit=3000, weigh=scales(None)))

    assert "".join(unit.text for unit in found) == text
    assert all(unit.tokens <= 3000 for unit in found)
    assert sum(unit.start in starts for unit in found) > len(found) / 2


def test_a_heading_at_the_very_start_and_a_boundary_twice_do_no_harm() -> None:
    headings = [Heading(0, 1, "A"), Heading(4, 2, "B"), Heading(4, 1, "C")]

    assert [unit.text for unit in units("one\ntwo\n", headings, limit=1, weigh=weigh)] == ["one\n", "two\n"]
