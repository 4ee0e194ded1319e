"""The file in which processes meet that share their pace."""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import signal
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeService, Usage
from clarion._pace_file import QUIET, SILENT, TURN, PaceFile, Seat, shared_pacer
from clarion._pacing import BoardTrouble, Limits, Pacer, Page, SharedPacer, Work
from clarion._sdk import account_of

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pace.db"


@pytest.fixture
def file(path: Path) -> Iterator[PaceFile]:
    with PaceFile(path) as file:
        yield file


def met(seat: Seat, now: float, work: dict[str, Work] | None = None) -> Page:
    """Return the page as a turn found it, in which so much work was told."""
    pages = []

    def act(page: Page) -> None:
        pages.append(Page(dict(page.known), list(page.others)))
        page.ours = work or {}

    seat.meet(now, act)
    return pages[0]


def test_what_one_writes_the_next_one_reads(path: Path, file: PaceFile) -> None:
    known: dict[str, list[Any]] = {"claude-opus-5-5": [[1.5, True, None], [0.25]]}
    with PaceFile(path) as another:
        Seat(file, "an account").meet(1.0, lambda page: page.known.update(known))

        assert met(Seat(another, "an account"), 1.1).known == known


def test_each_hears_what_the_others_do_and_not_what_it_does_itself(file: PaceFile) -> None:
    one, other = Seat(file, "an account"), Seat(file, "an account")
    met(one, 1.0, {"a model": Work(3, 0.5, 700.0)})
    met(other, 1.0, {"a model": Work(4, None, 0.0)})

    assert met(one, 1.1).others == [{"a model": Work(4, None, 0.0)}]


def test_accounts_have_nothing_to_do_with_one_another(file: PaceFile) -> None:
    Seat(file, "an account").meet(1.0, lambda page: page.known.update({"a model": [1]}))

    page = met(Seat(file, "another"), 1.0)

    assert page.known == {}
    assert page.others == []


def test_who_leaves_is_gone_and_the_last_one_takes_what_is_known_along(path: Path, file: PaceFile) -> None:
    one, other = Seat(file, "an account"), Seat(file, "an account")
    for seat in (one, other):
        seat.meet(1.0, lambda page: page.known.update({"a model": [1]}))

    one.leave()
    assert met(other, 1.1).others == []
    other.leave()

    with sqlite3.connect(path) as db:
        assert db.execute("select (select count(*) from accounts), (select count(*) from members)").fetchone() == (0, 0)


def _sit(path: Path, now: float) -> None:
    with PaceFile(path) as file:
        met(Seat(file, "an account"), now, {"a model": Work(7, None, 0.0)})
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_process_did_no_longer_counts_after_a_second(path: Path, file: PaceFile) -> None:
    process = SPAWN.Process(target=_sit, args=(path, 1.0))
    process.start()
    process.join()
    seat = Seat(file, "an account")

    assert met(seat, 1.0).others == [{"a model": Work(7, None, 0.0)}]
    assert met(seat, 1.1 + SILENT).others == []


def test_what_a_process_does_that_has_been_quiet_for_a_minute_does_not_count_until_it_is_heard_of(
    file: PaceFile,
) -> None:
    seat, quiet = Seat(file, "an account"), Seat(file, "an account")
    met(quiet, 1.0)

    assert met(seat, 1.0 + QUIET).others == [{}]
    assert met(seat, 1.1 + QUIET).others == []
    met(quiet, 1.2 + QUIET)
    assert met(seat, 1.2 + QUIET).others == [{}]


def test_what_was_done_before_the_machine_started_anew_is_forgotten(file: PaceFile) -> None:
    met(Seat(file, "an account"), 1e6)

    assert met(Seat(file, "an account"), 5.0).others == []


def test_turns_that_were_asked_for_in_another_order_than_they_were_had_do_no_harm(file: PaceFile) -> None:
    one, other = Seat(file, "an account"), Seat(file, "an account")
    met(one, 1.002, {"a model": Work(3, None, 0.0)})

    assert met(other, 1.001).others == [{"a model": Work(3, None, 0.0)}]


def test_a_file_that_is_held_by_somebody_who_stands_still_holds_nobody_up_for_long(path: Path, file: PaceFile) -> None:
    seat = Seat(file, "an account")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    start = time.monotonic()

    with pytest.raises(BoardTrouble, match=r"the file of paces .* has been locked by another process"):
        met(seat, 1.0)

    assert time.monotonic() - start >= TURN
    holder.execute("rollback")
    holder.close()
    assert met(seat, 1.2).others == []


def test_a_change_that_fails_in_its_middle_is_none(file: PaceFile) -> None:
    seat = Seat(file, "an account")

    def fail(page: Page) -> None:
        page.known["a model"] = [1]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        seat.meet(1.0, fail)

    assert met(seat, 1.0).known == {}


def test_only_its_user_can_read_the_file(path: Path, file: PaceFile) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_pacers_of_one_account_share_and_those_of_another_or_of_none_do_not() -> None:
    with (
        shared_pacer("an account") as one,
        shared_pacer("an account") as other,
        shared_pacer("another") as strange,
        shared_pacer(None) as alone,
    ):
        for pacer in (one, strange, alone):
            booked = pacer.reserve(time.monotonic(), input_tokens=700)
            pacer.settle(time.monotonic(), booked, Usage())

        assert isinstance(one, SharedPacer)
        assert type(alone) is Pacer
        assert not strange.reserve(time.monotonic(), input_tokens=700).delay
        other.reserve(time.monotonic(), input_tokens=700)
        assert isinstance(other, SharedPacer)
        assert other._is_held


def test_an_account_tells_nothing_of_its_key(path: Path, file: PaceFile) -> None:
    account = account_of(ClaudeService(api_key="sk-ant-SECRETKEY").sdk)
    assert account is not None

    met(Seat(file, account), 1.0)
    file.close()

    assert account.encode() in path.read_bytes()
    assert b"SECRET" not in path.read_bytes()


def test_an_account_is_a_key_at_an_address_and_services_of_both_colours_have_the_same() -> None:
    account = account_of(ClaudeService(api_key="one").sdk)

    assert account_of(AsyncClaudeService(api_key="one").sdk) == account
    assert account_of(ClaudeService(api_key="another").sdk) != account
    assert account_of(ClaudeService(api_key="one", base_url="http://127.0.0.1:9").sdk) != account
    assert account_of(ClaudeService(emulate=True).sdk) is None


def test_limits_of_ones_own_are_those_of_the_pacer() -> None:
    with shared_pacer("an account", Limits(requests=5)) as pacer:
        assert pacer.limits.requests == 5


@pytest.mark.parametrize("trouble", ["damaged", "a folder"])
def test_without_a_file_that_can_be_used_everybody_paces_alone_and_says_so(
    trouble: str, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pace.db"
    monkeypatch.setattr("clarion._pace_file._path", lambda: path)
    if trouble == "damaged":
        path.write_bytes(b"something else" * 1_000)
    else:
        path.mkdir()

    with shared_pacer("an account") as pacer:
        assert type(pacer) is Pacer

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert str(path) in caplog.text


def _take_turns(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    with PaceFile(path) as file:
        pacer = SharedPacer(Seat(file, "an account"))
        while True:
            booked = pacer.reserve(time.monotonic(), input_tokens=rng.randrange(10_000))
            if booked.delay:
                pacer.cancel(time.monotonic(), booked)
            else:
                pacer.settle(time.monotonic(), booked, Usage(input_tokens=700, output_tokens=100))


def test_processes_that_are_killed_at_any_moment_leave_a_file_that_the_others_use_on(path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed={seed}")
    rng = random.Random(seed)
    with PaceFile(path) as file:
        pacer = SharedPacer(Seat(file, "an account"))
        for turn in range(3):
            processes = [
                SPAWN.Process(target=_take_turns, args=(path, seed + 2 * turn + each), daemon=True) for each in range(2)
            ]
            for process in processes:
                process.start()
            until = time.monotonic() + 60
            while time.monotonic() < until:
                pacer.cancel(time.monotonic(), pacer.reserve(time.monotonic(), input_tokens=10))
                if pacer._is_held:
                    until = min(until, time.monotonic() + 0.3 * rng.random())
            assert pacer._is_held
            for process in processes:
                process.kill()
                process.join()

        assert file.db.execute("pragma integrity_check").fetchone() == ("ok",)
        later = time.monotonic() + SILENT + 1
        pacer.cancel(later, pacer.reserve(later, input_tokens=10))
        assert not pacer._is_held
