"""How much of a job is in memory at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.bulk.pages import ROOM, page


@given(st.integers(0, 50), st.integers(1, 9))
def test_pages_have_all_rows_in_order_and_none_too_many(rows: int, most: int) -> None:
    waiting = iter([(n, "short") for n in range(rows)])

    pages = list(iter(lambda: page(waiting, most), []))

    assert [n for found in pages for n, _ in found] == list(range(rows))
    assert all(len(found) == most for found in pages[:-1])


def test_a_page_ends_with_the_row_that_fills_it() -> None:
    half = "x" * (ROOM // 2)
    waiting = iter([(1, half), (2, half), (3, half)])

    assert [n for n, _ in page(waiting, 9)] == [1, 2]
    assert [n for n, _ in page(waiting, 9)] == [3]
