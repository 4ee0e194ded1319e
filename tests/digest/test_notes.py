from __future__ import annotations

from typing import Any

from clarion._digest.notes import Citation, Note, notes_on_notes, notes_on_piece, statements, worth_reading
from clarion._digest.outline import Mark
from clarion._digest.piece import Part

OTTERS = "Otters swim. They eat fish."
PART = Part(
    document="otters.pdf",
    begin=100,
    start=100,
    end=100 + len(OTTERS),
    tokens=7.0,
    text=OTTERS,
    marks=(Mark(100, ("Life",), 1), Mark(113, ("Life", "Food"), 2)),
)


def said(text: str, *citations: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": text, "citations": list(citations)}


def cited(quote: str, start: int, end: int, document: int = 0) -> dict[str, Any]:
    place = {"start_char_index": start, "end_char_index": end, "document_index": document}
    return {"type": "char_location", "cited_text": quote, **place}


def linked(document: int, first: int, last: int) -> dict[str, Any]:
    place = {"start_block_index": first, "end_block_index": last, "document_index": document}
    return {"type": "content_block_location", "cited_text": "...", **place}


def test_a_statement_is_a_line_with_the_citations_of_all_that_stands_in_it() -> None:
    one, two = cited("a", 0, 1), cited("b", 1, 2)
    content = [
        {"type": "thinking", "thinking": "Hm."},
        said("# Otters\n\n- They "),
        said("swim", one),
        said(" and "),
        said("eat.\n- They sleep", two),
        said(".\n\n---\n"),
    ]

    assert statements(content) == [("# Otters", []), ("- They swim and eat.", [one, two]), ("- They sleep.", [two])]


def test_a_citation_names_document_headings_and_page_of_the_very_words() -> None:
    [note] = notes_on_piece([said("They eat fish.", cited("They eat fish.", 13, 27))], [PART])

    assert note.citations == (
        Citation(
            document="otters.pdf",
            headings=("Life", "Food"),
            page=2,
            piece=0,
            quote="They eat fish.",
            start=113,
            end=127,
        ),
    )


def test_a_citation_whose_place_is_wrong_is_put_right() -> None:
    [note] = notes_on_piece([said("They eat.", cited("They  eat\nfish", 0, 5))], [PART])

    [citation] = note.citations
    assert (citation.start, citation.end, citation.verified) == (113, 126, True)


def test_a_citation_of_words_that_are_not_there_is_not_verified() -> None:
    [note] = notes_on_piece(
        [said("They fly.", cited("They fly", 0, 8), cited("Otters swim.", 0, 12, document=3), {"type": "odd"})], [PART]
    )

    assert [citation.verified for citation in note.citations] == [False, False, False]


def test_a_note_on_notes_links_to_the_statements_that_were_shown() -> None:
    content = [said("Both.", linked(0, 0, 2), linked(1, 0, 1)), said("\nNone.", linked(7, 0, 1), linked(1, 5, 9))]

    found = notes_on_notes(content, [[3, 5], [2]])

    assert [note.links for note in found] == [((0, 3), (0, 5), (1, 2)), ()]


def test_what_cites_nothing_goes_no_further_unless_there_is_nothing_else() -> None:
    citing = Note(text="Otters swim.", links=((0, 0),))
    plain, nothing = Note(text="In sum:"), Note(text="Nothing.")

    assert worth_reading([plain, citing, nothing]) == [1]
    assert worth_reading([plain, nothing]) == [0]
    assert worth_reading([nothing]) == []


def test_notes_survive_as_data() -> None:
    [note] = notes_on_piece([said("They eat fish.", cited("They eat fish.", 13, 27))], [PART])

    assert Note.of(note.to_dict()) == note
