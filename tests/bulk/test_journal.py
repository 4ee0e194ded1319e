"""The journal of a job: what is recorded, once, whoever does it and dies."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.bulk.errors import JobError, JournalError
from clarion.bulk.journal import VERSION, Journal
from clarion.bulk.lease import Lease
from clarion.bulk.record import Entry
from clarion.bulk.settlement import Done, Failed, Outcome, Postponed, Released, Spent
from clarion.bulk.tally import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPENT = Spent(input_tokens=10, output_tokens=5, cost_nano=700, attempts=1)
NOBODY: Callable[[str], bool] = lambda _: False  # noqa: E731 -- nobody is known to be dead


def entries(number: int) -> list[Entry]:
    return [Entry(input={"n": n}, place=f"line {n}", custom_id=f"row-{n}") for n in range(1, number + 1)]


def done(row: Lease, text: str = "yes") -> Done:
    answer = f'{{"content": [{{"type": "text", "text": "{text}"}}]}}'
    return Done(seq=row.seq, attempt=row.attempt, outcome=Outcome(at=1.0, answer=answer, model="m"), spent=SPENT)


def failed(row: Lease, error: str = "refusal") -> Failed:
    return Failed(seq=row.seq, attempt=row.attempt, outcome=Outcome(at=1.0, error=error, detail="no"), spent=SPENT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.create(path, {"model": "cheap"}, now=0.0) as journal:
        journal.add(entries(5))
        yield journal


def counted(journal: Journal) -> dict[str, int]:
    counts = journal.counts()
    return {name: getattr(counts, name) for name in Counts.__slots__ if getattr(counts, name)}


def test_rows_are_leased_in_the_order_of_the_input(journal: Journal) -> None:
    me = journal.join("me", till=10.0)

    assert [lease.seq for lease in journal.claim(me, 0.0, 2)] == [1, 2]
    assert [lease.seq for lease in journal.claim(me, 0.0, 9)] == [3, 4, 5]
    assert journal.claim(me, 0.0, 9) == []
    assert counted(journal) == {"leased": 5}


def test_two_workers_never_hold_the_same_row(journal: Journal, path: Path) -> None:
    with Journal.open(path) as other:
        mine = journal.claim(journal.join("me", till=10.0), 0.0, 3)
        yours = other.claim(other.join("you", till=10.0), 0.0, 3)

    assert [row.seq for row in mine] == [1, 2, 3]
    assert [row.seq for row in yours] == [4, 5]


def test_an_outcome_is_recorded_with_what_it_cost(journal: Journal) -> None:
    (row, *_) = journal.claim(journal.join("me", till=10.0), 0.0, 1)

    assert journal.settle([done(row)]) == 1

    record = next(journal.records())
    assert (record.state, record.model, record.cost_nano, record.input_tokens) == ("done", "m", 700, 10)
    assert journal.totals().cost_nano == 700
    assert counted(journal) == {"ready": 4, "done": 1}


def test_a_second_outcome_of_a_row_that_is_done_does_not_count(journal: Journal) -> None:
    (row,) = journal.claim(journal.join("me", till=10.0), 0.0, 1)
    journal.settle([done(row, "first")])

    assert journal.settle([done(row, "second")]) == 0
    assert "first" in (next(journal.records()).answer or "")


def test_what_a_late_answer_cost_is_added_up_all_the_same(journal: Journal) -> None:
    (row,) = journal.claim(journal.join("me", till=10.0), 0.0, 1)

    journal.settle([done(row), done(row)])

    assert journal.totals().attempts == 2


def test_a_late_failure_does_not_undo_the_lease_of_another_worker(journal: Journal) -> None:
    (mine,) = journal.claim(journal.join("me", till=10.0), 0.0, 1)
    journal.reclaim(11.0, is_dead=NOBODY)
    (yours,) = journal.claim(journal.join("you", till=30.0), 12.0, 1)

    assert yours.attempt == mine.attempt + 1
    assert journal.settle([failed(mine), Postponed(seq=mine.seq, attempt=mine.attempt, due=99.0)]) == 0
    assert journal.settle([done(yours)]) == 1


def test_a_late_answer_counts_if_nobody_else_has_one_yet(journal: Journal) -> None:
    (mine,) = journal.claim(journal.join("me", till=10.0), 0.0, 1)
    journal.reclaim(11.0, is_dead=NOBODY)

    assert journal.settle([done(mine)]) == 1
    assert counted(journal) == {"ready": 4, "done": 1}


def test_a_postponed_row_comes_back_when_its_time_has_come(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    (row,) = journal.claim(me, 0.0, 1)
    journal.settle([Postponed(seq=row.seq, attempt=row.attempt, due=5.0, spent=SPENT)])

    assert journal.next_due() == 5.0
    assert 1 not in {row.seq for row in journal.claim(me, 4.9, 9)}
    (again,) = journal.claim(me, 5.0, 9)
    assert (again.seq, again.attempt) == (1, 2)


def test_a_row_that_was_not_asked_is_given_back_as_if_never_leased(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    (row,) = journal.claim(me, 0.0, 1)
    journal.settle([Released(seq=row.seq, attempt=row.attempt)])

    assert journal.claim(me, 0.0, 1) == [row]


def test_the_leases_of_a_worker_that_is_not_heard_of_end(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    journal.claim(me, 0.0, 3)

    assert journal.reclaim(10.0, is_dead=NOBODY) == 0
    journal.stay(me, "me", till=20.0)
    assert journal.reclaim(15.0, is_dead=NOBODY) == 0
    assert journal.reclaim(20.1, is_dead=NOBODY) == 3
    assert counted(journal) == {"ready": 5}


def test_the_leases_of_a_worker_known_to_be_dead_end_at_once(journal: Journal) -> None:
    journal.claim(journal.join("dead", till=99.0), 0.0, 2)
    journal.claim(journal.join("alive", till=99.0), 0.0, 2)

    assert journal.reclaim(0.0, is_dead="dead".__eq__) == 2


def test_a_worker_that_was_given_up_and_comes_back_loses_no_row_when_it_dies(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    journal.reclaim(10.1, is_dead=NOBODY)

    journal.claim(me, 11.0, 2)
    journal.stay(me, "me", till=20.0)

    assert journal.reclaim(12.0, is_dead=NOBODY) == 0
    assert journal.reclaim(20.1, is_dead=NOBODY) == 2


def test_what_is_leased_by_nobody_that_is_known_is_free(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    journal.reclaim(10.1, is_dead=NOBODY)
    journal.claim(me, 11.0, 2)

    assert journal.reclaim(11.0, is_dead=NOBODY) == 2
    assert journal.join("another", till=20.0) != me


def test_a_worker_that_leaves_gives_back_what_it_holds(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    journal.claim(me, 0.0, 3)

    journal.leave(me)

    assert counted(journal) == {"ready": 5}


def test_failed_rows_are_put_back_by_the_name_of_their_error(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    rows = journal.claim(me, 0.0, 3)
    journal.settle([failed(rows[0], "refusal"), failed(rows[1], "api_error"), done(rows[2])])

    assert journal.retry(["api_error"]) == 1
    assert counted(journal) == {"ready": 3, "failed": 1, "done": 1}
    assert [record.error for record in journal.records()][:2] == ["refusal", None]
    assert journal.retry() == 1
    assert counted(journal) == {"ready": 4, "done": 1}


def test_identical_rows_share_the_outcome_of_the_first(path: Path) -> None:
    with Journal.create(path, {}, now=0.0) as journal:
        journal.add(Entry(input=n, place=f"line {n}", digest=bytes([n % 2])) for n in range(1, 5))
        rows = journal.claim(journal.join("me", till=10.0), 0.0, 9)
        journal.settle([done(rows[0], "odd"), failed(rows[1], "refusal")])

        assert [row.seq for row in rows] == [1, 2]
        assert [record.error for record in journal.records()] == [None, "refusal", None, "refusal"]
        assert "odd" in (list(journal.records())[2].answer or "")
        assert counted(journal) == {"done": 1, "failed": 1, "twins": 2}


def test_a_row_whose_custom_id_is_there_already_is_left_out_and_named(journal: Journal) -> None:
    left_out = journal.add([Entry(input={}, place="line 6", custom_id="new"), *entries(1)])

    assert left_out == [("line 1", "row-1")]
    assert journal.counts().all == 6


def test_the_views_answer_in_plain_sql(journal: Journal, path: Path) -> None:
    rows = journal.claim(journal.join("me", till=10.0), 0.0, 2)
    journal.settle([done(rows[0], "seven"), failed(rows[1])])

    with sqlite3.connect(path) as db:
        assert db.execute("select custom_id, text, cost from results").fetchall() == [("row-1", "seven", 7e-7)]
        assert db.execute("select custom_id, error, detail from failures").fetchall() == [("row-2", "refusal", "no")]
        assert db.execute("select model, rows, input_tokens from costs").fetchall() == [("m", 1, 10)]
    db.close()


def test_a_journal_is_opened_again_as_it_was(journal: Journal, path: Path) -> None:
    journal.claim(journal.join("me", till=10.0), 0.0, 2)

    with Journal.open(path) as again:
        assert again.recipe == {"model": "cheap"}
        assert again.is_read
        assert counted(again) == {"ready": 3, "leased": 2}


def test_a_job_is_not_made_over_another(journal: Journal, path: Path) -> None:
    with pytest.raises(JobError, match="there is a job at"):
        Journal.create(path, {}, now=0.0)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (None, JobError, "there is no job at"),
        (b"", JobError, "not the journal of a job"),
        (b"hello, this is not a database at all" * 40, JournalError, "is not an SQLite database"),
    ],
)
def test_what_is_no_journal_is_named(path: Path, content: bytes | None, error: type[Exception], said: str) -> None:
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(error, match=said):
        Journal.open(path)


@pytest.mark.parametrize(
    ("version", "way_out"), [(VERSION - 1, "export it with the Clarion"), (VERSION + 1, "up to date")]
)
def test_a_journal_of_another_version_is_refused_with_the_way_out(
    journal: Journal, path: Path, version: int, way_out: str
) -> None:
    journal.db.execute(f"pragma user_version = {version}")

    with pytest.raises(
        JobError, match=rf"another version of Clarion \(journal {version}, here {VERSION}\): .*{way_out}"
    ):
        Journal.open(path)


def test_a_journal_of_another_layout_has_another_version() -> None:
    schema = resources.files("clarion.bulk").joinpath("schema.sql").read_text("utf-8")
    statements = " ".join(re.sub(r"--.*", "", schema).split())

    assert (VERSION, f"{crc32(statements.encode()):08x}") == (2, "d0c3abe3"), "raise the version when this changes"


def test_a_folder_is_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="is a folder, and a job is a file"):
        Journal.open(tmp_path)


def test_a_damaged_journal_is_named(journal: Journal, path: Path, tmp_path: Path) -> None:
    journal.close()
    damaged = tmp_path / "damaged.db"
    shutil.copy(path, damaged)
    with damaged.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(damaged.stat().st_size - 4096))

    with pytest.raises(JournalError, match="damaged"), Journal.open(damaged) as opened:
        list(opened.records())


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="does its folder exist"):
        Journal.create(tmp_path / "no" / "job.db", {}, now=0.0)


def test_a_full_disk_is_named_and_loses_nothing(journal: Journal) -> None:
    me = journal.join("me", till=10.0)
    rows = journal.claim(me, 0.0, 5)
    journal.settle([done(rows[0])])
    (pages,) = journal.db.execute("pragma page_count").fetchone()
    journal.db.execute(f"pragma max_page_count = {pages}")

    with pytest.raises(JournalError, match="the disk is full"):
        journal.settle([done(row, "x" * 50_000) for row in rows[1:]])

    assert counted(journal) == {"leased": 4, "done": 1}
    journal.db.execute("pragma max_page_count = 1000000")
    assert journal.settle([done(row) for row in rows[1:]]) == 4


Action = tuple[str, int]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["claim", "done", "failed", "postponed", "released", "die"]), st.integers(0, 9)))
)
def test_whatever_workers_do_every_row_ends_once(tmp_path_factory: Any, actions: list[Action]) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with Journal.create(folder / "job.db", {}, now=0.0) as journal:
        journal.add(entries(6))
        work = Work(journal)
        for action, choice in actions:
            work.do(action, choice)
        work.finish()

        states = [record.state for record in journal.records()]

        assert counted(journal) == {state: states.count(state) for state in sorted(set(states))}
        assert set(states) <= {"done", "failed"}
        assert {record.seq for record in journal.records() if record.state == "done"} == work.done
        assert sum(1 for record in journal.records() if record.answer) == len(work.done)


class Work:
    """Two workers that do anything at all, and what must come of it."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.now = 0.0
        self.held: list[Lease] = []  # also those whose lease has long been lost
        self.done: set[int] = set()
        self.me = journal.join("me", till=self.now + 10)

    def do(self, action: str, choice: int) -> None:
        self.now += 1
        if action == "claim":
            self.held += self.journal.claim(self.me, self.now, choice)
        elif action == "die":
            self.journal.reclaim(self.now, is_dead=lambda _: True)
            self.me = self.journal.join("me", till=self.now + 10)
        elif self.held:
            row = self.held[choice % len(self.held)]
            counted = self.journal.settle([self.settlement(action, row)])
            if action == "done":
                assert counted == (row.seq not in self.done)
                self.done.add(row.seq)

    def settlement(self, action: str, row: Lease) -> Any:
        match action:
            case "done":
                return done(row)
            case "failed":
                return failed(row)
            case "postponed":
                return Postponed(seq=row.seq, attempt=row.attempt, due=self.now + 1)
        return Released(seq=row.seq, attempt=row.attempt)

    def finish(self) -> None:
        self.do("die", 0)
        while rows := self.journal.claim(self.me, self.now + 100, 10):
            self.journal.settle([done(row) for row in rows])
            self.done |= {row.seq for row in rows}
