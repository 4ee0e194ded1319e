"""The last lines of a terminal, drawn again and again."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.cli.chat.live import Drawn, LiveLines, rows

COLUMNS, ROWS = 20, 8


class Terminal:
    """A terminal of which all that was ever written can be read."""

    def __init__(self) -> None:
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=1000)
        self._stream = pyte.Stream(self.screen)
        self.live = LiveLines(self.write, lambda: COLUMNS)

    def write(self, text: str) -> None:
        self._stream.feed(text.replace("\n", "\r\n").replace("\r\r\n", "\r\n"))

    @property
    def lines(self) -> list[str]:
        above = ["".join(line[x].data for x in range(COLUMNS)).rstrip() for line in self.screen.history.top]
        lines = above + [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def drawn(*texts: str) -> list[Drawn]:
    return [Drawn(text, len(text)) for text in texts]


def test_lines_are_replaced_and_what_is_above_them_stays() -> None:
    terminal = Terminal()
    terminal.write("before\n")
    terminal.live.draw("", drawn("one", "two"))
    terminal.live.draw("kept\n", drawn("three"))

    assert terminal.lines == ["before", "kept", "three"]

    terminal.live.end("last\n")
    terminal.write("after")
    assert terminal.lines == ["before", "kept", "last", "after"]


@given(st.lists(st.tuples(st.lists(st.integers(0, 99), max_size=12), st.integers(1, ROWS - 1)), max_size=12))
def test_whatever_is_drawn_leaves_no_trace(pictures: list[tuple[list[int], int]]) -> None:
    terminal, kept = Terminal(), []
    for above, below in pictures:
        kept += [f"kept {number}" for number in above]
        terminal.live.draw("".join(f"kept {number}\n" for number in above), drawn(*["live"] * below))
        assert terminal.lines == [*kept, *["live"] * below]
    terminal.live.end()

    assert terminal.lines == kept


def test_a_line_that_the_terminal_takes_for_wider_than_it_is_takes_one_row() -> None:
    terminal = Terminal()
    terminal.live.draw("", [Drawn("x" * (COLUMNS + 5), COLUMNS - 1), Drawn("below", 5)])
    terminal.live.draw("", drawn("gone"))

    assert terminal.lines == ["gone"]


@pytest.mark.parametrize(("widths", "columns", "count"), [([], 10, 0), ([0, 5], 10, 2), ([10, 11, 25], 10, 6)])
def test_a_narrower_terminal_breaks_lines_into_rows(widths: list[int], columns: int, count: int) -> None:
    assert rows(widths, columns) == count


def test_the_cursor_is_given_back_in_the_end_alone() -> None:
    written: list[str] = []
    live = LiveLines(written.append, lambda: COLUMNS)
    live.draw("", drawn("one"))
    live.draw("", drawn("two"))
    live.end()

    assert [("?25l" in text, "?25h" in text) for text in written] == [(True, False), (False, False), (False, True)]
