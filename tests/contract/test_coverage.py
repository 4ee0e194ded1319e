"""Every topic has its rows, and the documentation says how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.rows import ROWS
from contract.topics import TOPICS, table

GUIDE = Path(__file__).parents[2] / "docs/emulator.md"


@pytest.mark.parametrize("topic", sorted(TOPICS.keys() - {"http"}))
def test_a_topic_has_rows_that_are_taken_and_rows_that_are_refused(topic: str) -> None:
    outcomes = {row.is_accepted for row in ROWS if row.about == topic}

    assert outcomes == {True, False}


def test_every_row_is_under_a_topic() -> None:
    assert {row.about for row in ROWS} <= TOPICS.keys()


def test_the_guide_has_the_table_of_coverage() -> None:
    assert table() in GUIDE.read_text("utf-8"), f"put this table into {GUIDE.name}:\n\n{table()}"
