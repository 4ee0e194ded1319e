"""The last lines of a terminal, drawn again and again."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from clarion.cli._live_lines import LiveLines

COLUMNS, ROWS = 20, 8


class Terminal:
    """A terminal of which all that was ever written can be read."""

    def __init__(self) -> None:
        self.screen = pyte.HistoryScreen(COLUMNS, ROWS, history=1000)
        self._stream = pyte.Stream(self.screen)
        self.live = LiveLines(self.write)

    def write(self, text: str) -> None:
        self._stream.feed(text.replace("\n", "\r\n").replace("\r\r\n", "\r\n"))

    @property
    def lines(self) -> list[str]:
        above = ["".join(line[x].data for x in range(COLUMNS)).rstrip() for line in self.screen.history.top]
        lines = above + [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def test_lines_are_replaced_and_what_is_above_them_stays() -> None:
    terminal = Terminal()
    terminal.write("before\n")
    terminal.live.draw("", ["one", "two"])
    terminal.live.draw("kept\n", ["three"])

    assert terminal.lines == ["before", "kept", "three"]

    terminal.live.end("last\n")
    terminal.write("after")
    assert terminal.lines == ["before", "kept", "last", "after"]


@given(st.lists(st.tuples(st.lists(st.integers(0, 99), max_size=12), st.integers(1, ROWS - 1)), max_size=12))
def test_whatever_is_drawn_leaves_no_trace(pictures: list[tuple[list[int], int]]) -> None:
    terminal, kept = Terminal(), []
    for above, below in pictures:
        kept += [f"kept {number}" for number in above]
        terminal.live.draw("".join(f"kept {number}\n" for number in above), [*["live"] * below])
        assert terminal.lines == [*kept, *["live"] * below]
    terminal.live.end()

    assert terminal.lines == kept


def test_a_line_that_the_terminal_takes_for_wider_than_it_is_takes_one_row() -> None:
    terminal = Terminal()
    terminal.live.draw("", ["x" * (COLUMNS + 5), "below"])
    terminal.live.draw("", ["gone"])

    assert terminal.lines == ["gone"]


def test_the_cursor_waits_where_the_lines_begin() -> None:
    terminal = Terminal()
    terminal.write("before\n")

    for lines in (["one", "two", "three"], ["x" * COLUMNS], ["one", "x" * (COLUMNS + 5)]):
        terminal.live.draw("", lines)
        assert (terminal.screen.cursor.y, terminal.screen.cursor.x) == (1, 0)


def test_the_cursor_is_given_back_in_the_end_alone() -> None:
    written: list[str] = []
    live = LiveLines(written.append)
    live.draw("", ["one"])
    live.draw("", ["two"])
    live.end()

    assert [("?25l" in text, "?25h" in text) for text in written] == [(True, False), (False, False), (False, True)]
