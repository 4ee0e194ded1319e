from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import anthropic
import pytest

import clarion
from clarion import Completion, InvalidPromptError
from clarion.emulator import Emulator, Response
from colours import Make

HANGING = """
import signal, threading
from clarion import ClaudeService
from clarion.emulator import Emulator

class Hanging(Emulator):
    def respond(self, method, path, headers, body):
        if b"Two" in body:
            threading.Event().wait()
        return super().respond(method, path, headers, body)

def press_twice(done, total):
    signal.raise_signal(signal.SIGINT)
    print("pressed once", flush=True)
    signal.raise_signal(signal.SIGINT)

ClaudeService(emulate=Hanging()).batch_process(["One", "Two"], concurrency=2, on_progress=press_twice)
"""


class Interrupted(Emulator):
    """An emulator under whose first call somebody presses Ctrl-C."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()

    def respond(self, *request: Any) -> Response:
        if next(self._numbers) == 0:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return super().respond(*request)


class Crowd(Emulator):
    """An emulator that answers calls by so many at once, and knows how many there were at most."""

    def __init__(self, size: int) -> None:
        super().__init__(first_token_delay=0.01)
        self._together = threading.Barrier(size, timeout=60)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def respond(self, *request: Any) -> Response:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._together.wait()
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


def test_no_more_and_no_fewer_than_the_bound_are_under_way_at_once() -> None:
    crowd = Crowd(3)

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


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_the_first_interrupt_drops_what_was_not_sent_and_sees_the_rest_through(tmp_path: Path) -> None:
    emulator = Interrupted()
    told: list[int] = []

    with (
        clarion.ClaudeService(emulate=emulator, ledger=tmp_path / "usage.db") as claude,
        pytest.raises(KeyboardInterrupt),
    ):
        claude.batch_process(["Hi"] * 100, concurrency=2, on_progress=lambda done, _total: told.append(done))

    calls = len(emulator.requests)
    ledger = clarion.Ledger(tmp_path / "usage.db")
    assert [line.attempts for line in ledger.usage(emulated=True)] == [calls]
    assert told == list(range(1, calls + 1))
    assert calls < 100
    ledger.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_after_the_second_interrupt_nothing_waits_for_calls_under_way() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=60)

    assert ended.stdout == "pressed once\n"
    assert ended.stderr.rstrip().endswith("KeyboardInterrupt")
    assert ended.returncode == -signal.SIGINT


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, "8"])
def test_a_concurrency_that_cannot_be_is_refused(claude: Any, concurrency: object) -> None:
    with pytest.raises(clarion.InvalidSettingError, match="concurrency"):
        claude.batch_process(["a"], concurrency=concurrency)


def test_another_way_with_errors_is_refused(make_claude: Make) -> None:
    with pytest.raises(clarion.InvalidSettingError, match="'return' or 'raise'; got 'ignore'"):
        make_claude(emulate=True).batch_process(["a"], errors="ignore")


def test_a_text_in_place_of_prompts_is_refused(claude: Any) -> None:
    with pytest.raises(InvalidPromptError, match="several prompts"):
        claude.batch_process("Hello")
