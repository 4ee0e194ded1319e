"""Markdown that is shown while it comes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from clarion.cli.chat.markdown import Block, GrowingMarkdown, blocks
from clarion.cli.chat.page import THEME, Page

LINES = (
    "",
    "words of a paragraph",
    "- item",
    "  - nested",
    "1. one",
    "2. two",
    "* star",
    "```",
    "```python",
    "~~~",
    "    indented",
    "\ttab",
    "# heading",
    "#tag",
    "---",
    "===",
    "-",
    "> quote",
    "| a | b |",
    "|---|---|",
    "[a]: http://x.y",
    "see [a]",
    "**bold",
    "**",
    "<div>",
    "日本語の文",
    "\\",
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=14).map("\n".join),
    st.text(st.sampled_from("-=#*_`~>|1. \tab\n\n\n[]()"), max_size=60),
)


def page(width: int = 40) -> Page:
    return Page(Console(file=io.StringIO(), theme=THEME, force_terminal=True, width=width, highlight=False))


def in_pieces(text: str, data: Any) -> Iterator[Block]:
    """Yield the blocks of a text that comes in pieces, some of them on the way."""
    growing = GrowingMarkdown()
    rest = text
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        growing.add(rest[:cut])
        rest = rest[cut:]
        yield from growing.finished() if data.draw(st.booleans()) else ()
    yield from growing.end()


@given(TEXTS, st.data())
def test_what_is_printed_in_pieces_is_the_rendering_of_the_whole(text: str, data: Any) -> None:
    shown = page()

    assert shown.ansi(shown.lines(in_pieces(text, data))) == shown.ansi(shown.lines(blocks(text)))


@given(TEXTS)
def test_a_text_that_comes_character_by_character_is_the_same(text: str) -> None:
    growing, shown, found = GrowingMarkdown(), page(), []
    for character in text:
        growing.add(character)
        found += growing.finished()

    assert shown.ansi(shown.lines([*found, *growing.end()])) == shown.ansi(shown.lines(blocks(text)))


@given(TEXTS, st.integers(8, 60), st.integers(1, 12))
def test_what_is_still_coming_fits_the_terminal(text: str, width: int, height: int) -> None:
    growing = GrowingMarkdown()
    growing.add(text)
    lines = page(width).growing(growing.unfinished(), most=height)

    assert len(lines) <= height


def plain(text: str, width: int = 40) -> str:
    shown = page(width)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.ansi(shown.lines(blocks(text))))


def test_nothing_of_a_text_is_lost_that_a_terminal_cannot_show() -> None:
    text = "<div>one</div>\n\nsee ![a sea](http://x.y/sea.png), <http://auto.link> and [it](http://x.y)\n\n[it]: http://z\n"

    assert plain(text, 100).split("\n\n")[:3] == [
        "<div>one</div>",
        "see a sea (http://x.y/sea.png), http://auto.link and it (http://x.y)",
        "[it]: http://z",
    ]


def test_code_is_not_broken_so_that_it_can_be_copied() -> None:
    code = "x = '" + "long " * 30 + "'"

    assert plain(f"```python\n{code}\n\nprint(x)\n```\n").splitlines()[:3] == [code, "", "print(x)"]


def test_no_line_ends_in_blanks_which_a_narrower_terminal_would_break() -> None:
    text = "- one\n- two\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n# Title\n"

    assert not re.search(r" $", plain(text), re.MULTILINE)


@pytest.mark.parametrize("width", [20, 33, 80])
def test_wide_characters_are_counted_as_wide(width: int) -> None:
    text = (
        "海はとても広くて深いです。" * 8
        + "\n\n- 日本語 👩‍👩‍👧 emoji 🌊 "
        + "波" * 30
        + "\n\n| 名前 | b |\n|---|---|\n| 太平洋 | 2 |\n"
    )

    assert max(cell_len(line) for line in plain(text, width).splitlines()) <= width


def test_a_table_in_a_narrow_terminal_keeps_every_word() -> None:
    table = "| sea | depth |\n|---|---|\n| Atlantic-and-more | 8376 metres |\n"

    assert re.sub(r"\s", "", plain(table, 14)).count("…") == 0


def test_a_line_of_which_nothing_can_be_said_yet_is_not_drawn() -> None:
    growing = GrowingMarkdown()
    growing.add("A paragraph\n-")
    (block,) = growing.unfinished()

    assert block.tokens[0].type == "paragraph_open"


def test_of_long_code_under_way_the_end_is_seen() -> None:
    growing = GrowingMarkdown()
    growing.add("```\n" + "".join(f"line {number}\n" for number in range(1000)))
    shown = page()

    assert "line 999" in shown.ansi(shown.growing(growing.unfinished(), most=5))
