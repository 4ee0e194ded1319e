from __future__ import annotations

import threading
from typing import Any

import anthropic
import pytest

import clarion
from clarion import Completion
from clarion.emulator import Emulator, Response
from colours import Make


class Crowd(Emulator):
    """An emulator that knows how many calls it was serving at once, at most."""

    def __init__(self) -> None:
        super().__init__(first_token_delay=0.01)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def respond(self, *request: Any) -> Response:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        threading.Event().wait(0.005)
        with self._lock:
            self._now -= 1
        return super().respond(*request)


def test_results_come_in_the_order_of_the_prompts(claude: Any) -> None:
    results = claude.batch_process([f"Prompt number {n}." for n in range(50)], concurrency=8)

    assert all(f"Prompt number {n}." in result.text for n, result in enumerate(results))


def test_prompts_may_come_from_a_generator(claude: Any) -> None:
    assert len(claude.batch_process(f"Prompt {n}" for n in range(3))) == 3


def test_no_prompts_give_no_results(claude: Any) -> None:
    assert claude.batch_process([]) == []


def test_no_more_than_the_bound_are_under_way_at_once() -> None:
    crowd = Crowd()

    clarion.ClaudeService(emulate=crowd).batch_process(["Hi"] * 30, concurrency=3)

    assert crowd.most == 3


def test_a_prompt_that_fails_leaves_its_error_and_loses_no_other(claude: Any) -> None:
    results = claude.batch_process(["One", "", "Three"])

    assert [type(result) for result in results] == [Completion, clarion.InvalidPromptError, Completion]


def test_an_error_of_the_api_is_a_result(claude: Any) -> None:
    results = claude.batch_process(["One", "Two"], model="claude-unheard-of")

    assert [type(result) for result in results] == [anthropic.NotFoundError] * 2


def test_errors_can_be_raised_at_the_end_with_all_results(claude: Any) -> None:
    with pytest.raises(clarion.BatchError, match="1 of 3 prompts failed") as error:
        claude.batch_process(["One", "", "Three"], errors="raise")

    assert [isinstance(result, Completion) for result in error.value.results] == [True, False, True]
    assert len(error.value.failures) == 1


def test_progress_is_told_after_each_prompt(claude: Any) -> None:
    told: list[tuple[int, int]] = []

    claude.batch_process(["a", "b", ""], on_progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_options_go_for_every_prompt(claude: Any) -> None:
    results = claude.batch_process(["a", "b"], model="claude-haiku-5-5")

    assert {result.model for result in results} == {"claude-haiku-5-5"}


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, "8"])
def test_a_concurrency_that_cannot_be_is_refused(claude: Any, concurrency: object) -> None:
    with pytest.raises(clarion.InvalidSettingError, match="concurrency"):
        claude.batch_process(["a"], concurrency=concurrency)


def test_another_way_with_errors_is_refused(make_claude: Make) -> None:
    with pytest.raises(clarion.InvalidSettingError, match="'return' or 'raise'; got 'ignore'"):
        make_claude(emulate=True).batch_process(["a"], errors="ignore")
