from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace

import pytest

from clarion import ClaudeService, Job
from clarion._event_loop import run

LANGUAGE: ContextVar[str] = ContextVar("LANGUAGE", default="none")


async def language_and_thread() -> tuple[str, threading.Thread]:
    return LANGUAGE.get(), threading.current_thread()


async def beside(function: object) -> object:
    """Call a blocking function where a loop runs."""
    return function() if callable(function) else None


def test_where_no_loop_runs_a_coroutine_is_run_in_place() -> None:
    assert run(language_and_thread()) == ("none", threading.current_thread())


def test_where_a_loop_runs_a_coroutine_is_run_in_another_thread_with_the_callers_context() -> None:
    def call() -> tuple[str, threading.Thread]:
        LANGUAGE.set("Norwegian")
        return run(language_and_thread())

    came = asyncio.run(beside(call))

    assert isinstance(came, tuple)
    assert came[0] == "Norwegian"
    assert came[1] is not threading.current_thread()


def test_what_a_coroutine_raises_is_raised() -> None:
    async def fails() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        asyncio.run(beside(lambda: run(fails())))


def test_ctrl_c_cancels_the_coroutine_and_is_raised_when_it_has_ended() -> None:
    told: list[str] = []

    async def waits() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("cancelled")
            raise

    async def main() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a notebook: not the loop's own
        with pytest.raises(KeyboardInterrupt):
            run(waits())
        told.append("raised")

    asyncio.run(main())

    assert told == ["cancelled", "raised"]


def test_a_job_and_a_map_run_in_a_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: object()))
    claude = ClaudeService(emulate=True)

    def cell() -> tuple[int, int]:
        with Job.create(tmp_path / "a.job", ["One?", "Two?"]) as job:
            return job.run(service=claude).counts.done, len(claude.map(["Three?"], journal=tmp_path / "b.job"))

    assert asyncio.run(beside(cell)) == (2, 1)
