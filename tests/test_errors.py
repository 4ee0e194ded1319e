"""Errors travel whole: from a worker process to its parent, and through copies."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import clarion
from clarion import Budget, BudgetExceeded, ClarionError, ClaudeService, OutputError, RetryPolicy, StreamInterrupted
from clarion.emulator import Emulator
from clarion.emulator.script import drop, say

WAYS: list[Callable[[Any], Any]] = [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy]


def kinds(root: type[ClarionError]) -> Iterator[type[ClarionError]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def all_kinds() -> list[type[ClarionError]]:
    for module in pkgutil.walk_packages(clarion.__path__, "clarion."):
        if module.name.endswith("errors"):
            importlib.import_module(module.name)
    return sorted(set(kinds(ClarionError)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("way", WAYS, ids=["pickled", "copied", "copied deeply"])
@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.__name__)
def test_every_error_keeps_its_words_its_notes_and_what_it_carries(kind: Any, way: Callable[[Any], Any]) -> None:
    error = kind.__new__(kind)
    error.args = ("what was wrong",)
    error.carried = ["what is needed to go on"]
    error.add_note("why it was the last")

    came = way(error)

    assert type(came) is kind
    assert (str(came), came.carried, came.__notes__) == (str(error), error.carried, error.__notes__)


@pytest.mark.parametrize("way", WAYS, ids=["pickled", "copied", "copied deeply"])
def test_the_answer_that_did_not_fit_travels_with_its_error(way: Callable[[Any], Any]) -> None:
    claude = ClaudeService(emulate=Emulator(script=[say("no number")]))

    with pytest.raises(OutputError) as caught:
        claude.complete("How many?", output_type=int, repair_rounds=0)
    came = way(caught.value)

    assert came.text == "no number"
    assert came.problems == caught.value.problems
    assert came.completion.to_dict() == caught.value.completion.to_dict()


def ask_under_a_budget(path: str) -> str:
    return ClaudeService(emulate=True, ledger=path, budgets=[Budget(limit=0.0001)]).complete("Hi").text


def ask_on_a_line_that_breaks(_: str) -> str:
    claude = ClaudeService(emulate=Emulator(script=[say("One, two, three.") & drop(after=1)]))
    with claude.stream("Count.", retry=RetryPolicy(attempts=1), resume=False) as stream:
        return "".join(stream)


def test_errors_of_a_worker_process_reach_its_parent(tmp_path: Any) -> None:
    path = str(tmp_path / "usage.db")

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        over = pool.submit(ask_under_a_budget, path).exception()
        broken = pool.submit(ask_on_a_line_that_breaks, path).exception()

    assert isinstance(over, BudgetExceeded)
    assert over.cost > over.limit
    assert isinstance(broken, StreamInterrupted)
    assert "One, two, three.".startswith(broken.text)


@pytest.mark.parametrize("way", WAYS, ids=["pickled", "copied", "copied deeply"])
def test_a_service_and_its_conversations_say_why_they_do_not_travel(way: Callable[[Any], Any]) -> None:
    claude = ClaudeService(emulate=True)

    with pytest.raises(TypeError, match="make one a process"):
        way(claude)
    if way is not copy.copy:
        with pytest.raises(TypeError, match="make one a process"):
            way(claude.conversation())
