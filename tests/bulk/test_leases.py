"""What a worker leases ahead, reads when there is room, shares with others, and gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clarion.bulk.journal import Journal
from clarion.bulk.lease import Budget
from clarion.bulk.leases import Leases
from clarion.bulk.record import Entry
from clarion.bulk.settlement import Postponed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarion.bulk.lease import Row

PLENTY = 10**9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.create(path, {}, now=0.0) as journal:
        yield journal


def fill(journal: Journal, rows: int, *, length: int = 1) -> None:
    journal.add(Entry(input="x" * length, place=f"line {n}") for n in range(1, rows + 1))


def worker(journal: Journal, *, concurrency: int = 1_000) -> Leases:
    leases = Leases(journal, concurrency=concurrency)
    leases.join("one", till=10.0)
    return leases


def read(leases: Leases, most: int, *, now: float = 0.0, room: int = PLENTY, budget: Budget | None = None) -> list[Row]:
    return leases.read(now, most=most, room=room, budget=budget)


def test_rows_are_read_as_far_as_there_is_room_for_their_inputs(journal: Journal) -> None:
    fill(journal, 50, length=998)  # and two quotes
    leases = worker(journal)

    assert [row.size for row in read(leases, 9, room=3_000)] == [1_000] * 3
    assert len(read(leases, 9, room=3_001)) == 4


def test_a_row_that_is_larger_than_the_room_is_read_alone(journal: Journal) -> None:
    fill(journal, 3, length=5_000)
    leases = worker(journal)

    assert [len(read(leases, 9, room=10)) for _ in range(4)] == [1, 1, 1, 0]


def test_no_more_is_leased_than_a_window(journal: Journal) -> None:
    fill(journal, 6_000)
    leases = worker(journal)

    most = max(journal.counts().leased - 100 * turn for turn in range(50) if read(leases, 100))

    assert 1_000 < most < 2_000


def test_a_postponed_row_comes_as_soon_as_its_time_has_come(journal: Journal) -> None:
    fill(journal, 3_000)
    leases = worker(journal)
    (row,) = read(leases, 1)
    journal.settle([Postponed(seq=row.seq, attempt=row.attempt, due=5.0)])
    read(leases, 1_000)

    (again,) = read(leases, 1, now=5.0)

    assert (again.seq, again.attempt) == (row.seq, 2)


def test_a_budget_bounds_what_is_leased(journal: Journal) -> None:
    fill(journal, 100)

    rows = read(worker(journal), 50, budget=Budget(limit_nano=100, each_nano=10))

    assert len(rows) == journal.counts().leased == 10


def test_a_row_whose_lease_was_lost_is_not_read(journal: Journal) -> None:
    fill(journal, 20)
    mine = worker(journal)
    first = read(mine, 1)
    journal.reclaim(99.0, is_dead=lambda _: False)
    yours = worker(journal)
    taken = {row.seq for row in read(yours, 15)}

    rest = {row.seq for row in read(mine, 20)}

    assert len(first) == 1
    assert not taken & rest


def test_two_who_work_alike_have_about_the_same_left_at_the_end(journal: Journal) -> None:
    fill(journal, 5_000)
    one, other = worker(journal), worker(journal)
    done = [0, 0]

    while rows := [len(read(one, 20)), len(read(other, 20))]:
        done = [before + more for before, more in zip(done, rows, strict=True)]
        if not all(rows):
            break

    assert abs(done[0] - done[1]) <= 40
    assert sum(done) >= 4_950


def test_the_last_rows_of_two_are_not_leased_one_by_one(journal: Journal) -> None:
    fill(journal, 1_000)
    one, other = worker(journal), worker(journal)
    begun: list[str] = []
    journal.db.set_trace_callback(lambda sql: begun.append(sql) if sql.startswith("begin immediate") else None)

    while read(one, 20) + read(other, 20):
        pass

    assert journal.counts().leased == 1_000
    assert len(begun) < 40


def test_who_comes_late_is_given_a_part_of_what_another_has_leased(journal: Journal) -> None:
    fill(journal, 210)
    one = worker(journal)
    read(one, 10)
    late = worker(journal)
    assert read(late, 10) == []

    one.share()

    assert journal.counts().ready == 100
    assert len(read(late, 10)) == 10


def test_who_works_alone_keeps_what_is_leased(journal: Journal) -> None:
    fill(journal, 200)
    one = worker(journal)
    read(one, 10)

    one.share()

    assert journal.counts().leased == 200


def test_what_was_leased_and_not_read_counts_as_never_leased(journal: Journal) -> None:
    fill(journal, 500)
    leases = worker(journal)
    (row,) = read(leases, 1)

    leases.leave()

    assert journal.counts().ready == 500
    assert [record.attempt for record in journal.records() if record.attempt] == [1]
    assert next(record.seq for record in journal.records() if record.attempt) == row.seq
