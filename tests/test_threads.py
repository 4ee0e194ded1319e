"""Threads that work for others."""

from __future__ import annotations

import contextvars
import threading
from functools import partial

import pytest

from clarion._threads import Crew, start

WHO = contextvars.ContextVar("who", default="nobody")


def test_a_thread_that_is_free_is_used_again() -> None:
    with Crew("test-crew") as crew:
        idents = {crew.start(threading.get_ident).result(30) for _ in range(50)}

    assert len(idents) == 1
    assert threading.get_ident() not in idents


def test_there_are_as_many_threads_as_there_is_work_at_once() -> None:
    meeting = threading.Barrier(4)

    def met() -> int:
        meeting.wait(30)
        return threading.get_ident()

    with Crew("test-crew") as crew:
        rounds = [{work.result(30) for work in [crew.start(met) for _ in range(4)]} for _ in range(5)]

    assert {len(idents) for idents in rounds} == {4}
    assert len(set().union(*rounds)) == 4


def test_free_threads_end_with_the_crew_and_the_others_after_their_work() -> None:
    let_go = threading.Event()

    with Crew("crew-that-ends") as crew:
        busy = crew.start(partial(let_go.wait, 30))
        crew.start(threading.get_ident).result(30)
        threads = [thread for thread in threading.enumerate() if thread.name == "crew-that-ends"]
    let_go.set()
    for thread in threads:
        thread.join(30)

    assert busy.result(0)
    assert len(threads) == 2
    assert not any(thread.is_alive() for thread in threads)


def test_an_error_is_raised_where_the_future_is_asked_and_the_thread_goes_on() -> None:
    with Crew("test-crew") as crew:
        failing = crew.start(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            failing.result(30)

        assert crew.start(lambda: 7).result(30) == 7


def test_work_sees_the_context_it_was_begun_in_and_leaves_none_behind() -> None:
    def renamed() -> str:
        who = WHO.get()
        WHO.set("somebody else")
        return who

    with Crew("test-crew") as crew:
        token = WHO.set("me")
        seen = [crew.start(renamed).result(30), crew.start(renamed).result(30)]
        WHO.reset(token)

        assert [*seen, crew.start(renamed).result(30)] == ["me", "me", "nobody"]


def test_threads_hold_up_no_end_of_a_program() -> None:
    with Crew("test-crew") as crew:
        assert crew.start(lambda: threading.current_thread().daemon).result(30)
    assert start(lambda: threading.current_thread().daemon, name="test-work").result(30)
