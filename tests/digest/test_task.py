from __future__ import annotations

from typing import Any

import pytest

from clarion import Catalog, ClaudeConfig, InvalidSettingError
from clarion._digest.task import Task

CATALOG = Catalog.load()


def task(**arguments: Any) -> Task:
    plain: dict[str, Any] = {"sources": "a", "instruction": "Sum up", "config": ClaudeConfig(), "origin": "emulator"}
    return Task(**(plain | arguments))


def test_one_call_reads_what_the_window_holds_beside_the_answer() -> None:
    assert task().whole(CATALOG.find("opus")) == pytest.approx(0.9 * (1_000_000 - 16_000))
    assert task(piece_tokens=5_000).whole(CATALOG.find("opus")) == 5_000


def test_one_call_stays_under_the_length_from_which_a_model_charges_more() -> None:
    haiku = CATALOG.find("haiku")

    assert task().whole(haiku) == pytest.approx(90_000)
    assert task().notes_read(haiku) == pytest.approx(90_000)
    assert task().notes_read(CATALOG.find("opus")) == 96_000


def test_notes_are_read_within_the_window() -> None:
    assert task(piece_tokens=150_000).notes_read(CATALOG.find("claude-haiku-4-5")) < 200_000


def test_a_model_that_is_not_known_gets_pieces() -> None:
    assert task().whole(None) == task().piece == 32_000


def test_pieces_that_no_window_holds_are_refused() -> None:
    with pytest.raises(InvalidSettingError, match="its window has 200,000 tokens"):
        task(piece_tokens=190_000).check(CATALOG.find("claude-haiku-4-5"))


def test_notes_are_taken_with_little_effort_unless_another_is_asked_for() -> None:
    opus = CATALOG.find("opus")

    assert task().asking(opus).noting.effort == "low"
    assert task().asking(opus).config.effort is None
    assert task(config=ClaudeConfig(effort="high")).asking(opus).noting.effort == "high"
    assert task(config=ClaudeConfig(thinking="medium")).asking(opus).noting.effort is None


def test_a_model_that_does_not_think_needs_no_room_for_it() -> None:
    assert task().room(CATALOG.find("claude-sonnet-4-5")) == 0
    assert task().room(CATALOG.find("opus")) == 4_000
    assert task(config=ClaudeConfig(thinking="off")).room(CATALOG.find("haiku")) == 0
    assert task(config=ClaudeConfig(thinking=10_000)).room(CATALOG.find("claude-sonnet-4-5")) == 10_000
