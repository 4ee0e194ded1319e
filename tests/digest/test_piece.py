from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._digest.outline import Mark
from clarion._digest.piece import Part, joined, name_of, place_of

TEXT = "The light-\nhouse was\n   built in 1821 by well-known\u00admasons."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("The light-\nhouse", "The light-\nhouse"),
        ("The lighthouse was built", "The light-\nhouse was\n   built"),
        ("was built in 1821", "was\n   built in 1821"),
        ("by wellknown masons", None),
        ("wellknownmasons", "well-known\u00admasons"),
        (" built ", " built "),
        ("was built in 1822", None),
        ("", None),
        ("  \n", None),
        ("-", "-"),
    ],
)
def test_a_quotation_is_found_whatever_its_white_space_and_hyphens(quote: str, found: str | None) -> None:
    place = place_of(quote, TEXT, None)

    assert (TEXT[slice(*place)] if place else None) == found


def test_the_place_that_is_named_counts_where_words_come_twice() -> None:
    assert place_of("one", "one two one", (8, 11)) == (8, 11)
    assert place_of("one", "one two one", (5, 8)) == (0, 3)
    assert place_of("one", "one two one", (-5, 99)) == (0, 3)


@given(st.text(alphabet="ab -\n\u00ad.", max_size=40), st.data())
def test_every_stretch_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]

    place = place_of(quote, text, (start, end))

    assert place is None or place == (start, end)
    assert place is not None or not quote


def part(document: str, begin: int, start: int, text: str, *marks: Mark) -> Part:
    return Part(
        document=document,
        begin=begin,
        start=start,
        end=begin + len(text),
        tokens=1.0,
        text=text,
        marks=marks or (Mark(begin, ()),),
    )


def test_a_piece_is_called_by_its_documents_pages_and_headings() -> None:
    one = part("a.pdf", 0, 0, "x" * 9, Mark(0, ("One", "Two"), 3), Mark(5, ("One",), 4))
    more = [part(name, 0, 0, "x") for name in "bcd"]

    assert one.title == "a.pdf, pages 3 to 4 (One > Two)"
    assert name_of([one, *more]) == "a.pdf, pages 3 to 4 (One > Two); b; c and 1 more"


def test_parts_of_pieces_are_joined_without_what_they_repeat() -> None:
    first, second = part("a", 0, 0, "one two "), part("a", 4, 8, "two three", Mark(4, ()), Mark(8, ("B",)))

    [whole] = joined([first, second])

    assert whole.text == "one two three"
    assert (whole.begin, whole.end) == (0, 13)
    assert [mark.start for mark in whole.marks] == [0, 8]


def test_parts_with_something_left_out_between_them_stay_apart() -> None:
    first, second = part("a", 0, 0, "one "), part("a", 9, 9, "two")

    assert joined([first, second]) == (first, second)


def test_a_part_survives_as_data() -> None:
    one = part("a.pdf", 0, 0, "text", Mark(0, ("One",), 3))

    assert Part.of(one.to_dict()) == one
