"""The journal of a job: one SQLite file in which every row is recorded once, whoever works on it and dies.

`schema.sql` has the picture and the tables. A worker leases rows, asks, and settles them; a lease holds as long as its
worker is heard of, and the number of the attempt keeps a worker that comes back late from undoing what another has
done. Several processes may work on one journal.

A process that is killed loses nothing that was settled, and the rows it held are leased again: what was asked but not
yet settled is paid twice, since the API takes no idempotency key. Every settlement reaches the disk before it counts
(`synchronous = full`), so the same holds when the power fails.
"""

from __future__ import annotations

from contextlib import closing
from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson

from clarion._sqlite import SQLiteFile
from clarion.bulk.errors import JobError, JournalError
from clarion.bulk.lease import Lease, Row
from clarion.bulk.pages import page
from clarion.bulk.record import Record
from clarion.bulk.settlement import NOTHING, Done, Failed, Postponed, Released
from clarion.bulk.tally import Counts, Totals

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from clarion.bulk.lease import Budget
    from clarion.bulk.record import Entry
    from clarion.bulk.settlement import Outcome, Settlement

APPLICATION_ID = 1129071170
SQLITE = b"SQLite format 3\0"  # the first bytes of a database; the application id is the last four of HEAD
HEAD = 72
VERSION = 2
CHUNK = 5_000  # rows added in one transaction
PAGE = 1_000  # rows read at a time, so that a long export holds up nobody

READY, LEASED, DONE, FAILED, POSTPONED, TWIN = range(6)

ADD = """
    insert into rows (custom_id, place, state, digest, twin_of) values (?, ?, ?, ?, ?)
        on conflict (custom_id) do nothing
"""
COLUMNS = """
    select each.key, group_concat(distinct each.type), min(seq) as first, each.id as place
      from inputs, json_each(input) as each
     group by each.key
     order by first, place
"""
STAY = """
    insert into workers (id, name, alive_till) values (?, ?, ?)
        on conflict (id) do update set alive_till = excluded.alive_till
"""
FREE = """
    update rows set state = 0, worker = null
     where state = 1 and worker is not null and worker not in (select id from workers)
"""
CLAIM_POSTPONED = """
    update rows
       set state = 1, worker = :worker, attempt = attempt + 1, due = null
     where seq in (select seq from rows where state = 4 and due <= :now order by due, seq limit :most)
    returning seq, attempt, failures
"""
CLAIM_READY = """
    update rows
       set state = 1, worker = :worker, attempt = attempt + 1
     where seq in (select seq from rows where state = 0 order by seq limit :most)
    returning seq, attempt, failures
"""
READ = """
    select cast(input as blob) from rows join inputs using (seq)
     where seq = ? and attempt = ? and state = 1 and worker = ?
"""
GIVE_BACK = """
    update rows set state = 0, worker = null, attempt = attempt - 1
     where seq = ? and attempt = ? and state = 1 and worker = ?
"""
RECORD = """
    insert or replace into outcomes
        (seq, attempt, at, answer, error, detail, model, stop_reason, request_id, latency,
         input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_nano)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD_UP = """
    update totals
       set input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
           cache_read_tokens = cache_read_tokens + ?, cache_creation_tokens = cache_creation_tokens + ?,
           cost_nano = cost_nano + ?, attempts = attempts + ?
"""
SPENT_AND_LEASED = "select cost_nano, rows from totals, counts where state = 1"
FAILED_WITH = """
    update rows set state = 0, attempt = 0, failures = 0
     where state = 3
       and (:all or (select error from outcomes where seq = rows.seq) in (select value from json_each(:errors)))
"""
FORGET = "delete from outcomes where seq in (select seq from rows where state = 0 and attempt = 0)"
INPUTS_AFTER = """
    select seq, place, (select input from inputs where inputs.seq = rows.seq)
      from rows where seq > :seq order by seq limit :most
"""
RECORDS_AFTER = """
    select rows.seq, custom_id, place, (select input from inputs where inputs.seq = rows.seq), states.name,
           rows.attempt, answer, error, detail, model, stop_reason, request_id, latency,
           input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_nano
      from rows
     cross join states using (state)  -- in this order, so that nothing is sorted
      left join outcomes on outcomes.seq = coalesce(rows.twin_of, rows.seq)
     where rows.seq > :seq order by rows.seq limit :most
"""


class Journal(SQLiteFile):
    """One job's file. Use it in one thread at a time; other processes may have it open too.

    Raises JournalError wherever the file cannot be read or written.
    """

    KIND = "the journal"
    ERROR = JournalError

    @classmethod
    def create(cls, path: Path, recipe: Any, *, now: float) -> Journal:
        """Make the journal of a new job. Raises JobError if there is something at its path already."""
        if path.exists():
            raise JobError(f"there is a job at {path} already: run it, or choose another path for a new one")
        journal = cls(path, mode="rwc", synchronous="full")
        schema = resources.files("clarion.bulk").joinpath("schema.sql").read_text("utf-8")
        with journal.named():
            journal.db.executescript(schema)
            journal.db.execute(
                "insert into job (id, created, recipe) values (1, ?, ?)", (now, orjson.dumps(recipe).decode())
            )
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Open the journal of a job. Raises JobError if there is none."""
        if path.is_dir():
            raise JobError(f"{path} is a folder, and a job is a file: name that")
        if not path.is_file():
            raise JobError(f"there is no job at {path}")
        journal = cls(path, mode="rw", synchronous="full")
        found, version = journal.marks()
        if found != APPLICATION_ID:
            raise JobError(f"{path} is a database, but not the journal of a job")
        if version != VERSION:
            newer = "bring Clarion up to date"
            older = "export it with the Clarion that made it, and make the rest a new job"
            raise JobError(
                f"{path} was made by another version of Clarion (journal {version}, here {VERSION}): "
                f"{newer if version > VERSION else older}"
            )
        return journal

    @staticmethod
    def is_at(path: Path) -> bool:
        """Tell by its first bytes whether a file is a journal."""
        try:
            with path.open("rb") as file:
                head = file.read(HEAD)
        except OSError:
            return False
        return head.startswith(SQLITE) and head.endswith(APPLICATION_ID.to_bytes(4, "big"))

    @property
    def recipe(self) -> Any:
        """How the rows of the job become requests, as it was given."""
        with self.named():
            (recipe,) = self.db.execute("select recipe from job").fetchone()
        return orjson.loads(recipe)

    @property
    def is_read(self) -> bool:
        """Whether all input is in the journal."""
        with self.named():
            (is_read,) = self.db.execute("select is_read from job").fetchone()
        return bool(is_read)

    def add(self, entries: Iterable[Entry]) -> list[tuple[str, str]]:
        """Add all rows there are; leave out those whose custom ids are there already, and return places and ids."""
        waiting = ((entry, orjson.dumps(entry.input).decode()) for entry in entries)
        there = []
        while chunk := page(waiting, CHUNK):
            with self.writing():
                there += [(entry.place, str(entry.custom_id)) for entry, read in chunk if not self._add(entry, read)]
        with self.writing():
            self.db.execute("update job set is_read = 1")
        return there

    def _add(self, entry: Entry, read: str) -> bool:
        twin_of = None
        if entry.digest is not None:
            first = "select min(seq) from rows where digest = ? and twin_of is null"
            (twin_of,) = self.db.execute(first, (entry.digest,)).fetchone()
        state = READY if twin_of is None else TWIN
        values = (
            entry.custom_id, entry.place, state, entry.digest, twin_of,
        )  # fmt: skip
        added = self.db.execute(ADD, values)
        if added.rowcount:
            self.db.execute("insert into inputs values (?, ?)", (added.lastrowid, read))
        return added.rowcount == 1

    def counts(self) -> Counts:
        """Return how many rows are in each state, without counting."""
        with self.named():
            found = dict(self.db.execute("select state, rows from counts"))
        return Counts(
            ready=found[READY],
            leased=found[LEASED],
            done=found[DONE],
            failed=found[FAILED],
            postponed=found[POSTPONED],
            twins=found[TWIN],
        )

    def totals(self) -> Totals:
        """Return what the job has used so far."""
        sql = """
            select input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, cost_nano, attempts
              from totals
        """
        with self.named():
            row = self.db.execute(sql).fetchone()
        names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "cost_nano", "attempts")
        return Totals(**dict(zip(names, row, strict=True)))

    def errors(self) -> dict[str, int]:
        """Return with which errors rows have failed, and how many, the most frequent first."""
        sql = """
            select error, count(*) from rows join outcomes using (seq)
             where state = 3 group by error order by count(*) desc, error
        """
        with self.named():
            return dict(self.db.execute(sql))

    def sample(self, most: int) -> list[Any]:
        """Return the inputs of some rows that have not been asked, evenly spread and the same every time."""
        sql = """
            select seq, (select input from inputs where inputs.seq = rows.seq)
              from rows where state = 0 and seq >= ? order by seq limit 1
        """
        found = self._spread(sql, most)
        return [orjson.loads(read) for read in found]

    def answer_lengths(self, most: int) -> list[int]:
        """Return how many output tokens some of the answered rows took, evenly spread."""
        sql = "select seq, output_tokens from outcomes where answer is not null and seq >= ? order by seq limit 1"
        return self._spread(sql, most)

    def _spread(self, sql: str, most: int) -> list[Any]:
        """Return what a query finds from evenly spread rows on, each row once."""
        with self.named():
            (last,) = self.db.execute("select coalesce(max(seq), 0) from rows").fetchone()
            starts = dict.fromkeys(1 + place * last // most for place in range(most))
            return list(dict(filter(None, (self.db.execute(sql, (start,)).fetchone() for start in starts))).values())

    def join(self, name: str, *, till: float) -> int:
        """Enter a worker, who is taken for alive until a time; return its number."""
        with self.writing():
            found = self.db.execute("insert into workers (name, alive_till) values (?, ?)", (name, till))
        return found.lastrowid or 0

    def stay(self, worker: int, name: str, *, till: float) -> None:
        """Say that a worker is alive, and its leases hold, until another time; also of one that was given up."""
        with self.writing():
            self.db.execute(STAY, (worker, name, till))

    def leave(self, worker: int) -> None:
        """Let a worker go; what it still holds is ready again."""
        with self.writing():
            self.db.execute("update rows set state = 0, worker = null where state = 1 and worker = ?", (worker,))
            self.db.execute("delete from workers where id = ?", (worker,))

    def workers(self) -> int:
        """Return how many workers have come and not left, dead ones included until they are found."""
        with self.named():
            (workers,) = self.db.execute("select count(*) from workers").fetchone()
        return int(workers)

    def reclaim(self, now: float, *, is_dead: Callable[[str], bool]) -> int:
        """Make ready what is held by workers that are not heard of any more, or known to be dead; return how many."""
        with self.writing():
            workers = self.db.execute("select id, name, alive_till from workers").fetchall()
            gone = [(id,) for id, name, alive_till in workers if alive_till < now or is_dead(name)]
            self.db.executemany("delete from workers where id = ?", gone)
            return self.db.execute(FREE).rowcount

    def is_worked_on(self, now: float, *, is_dead: Callable[[str], bool]) -> bool:
        """Whether there is a worker who is heard of, and not known to be dead."""
        with self.named():
            workers = self.db.execute("select name, alive_till from workers").fetchall()
        return any(alive_till >= now and not is_dead(name) for name, alive_till in workers)

    def claim(self, worker: int, now: float, most: int, *, budget: Budget | None = None) -> list[Lease]:
        """Lease rows to a worker, at most so many: those whose postponement is over, then the next in order.

        With a budget, no more rows are leased, by all workers together, than it allows.
        """
        with self.writing():
            if budget is not None:
                most = min(most, budget.allows(*self.db.execute(SPENT_AND_LEASED).fetchone()))
            found = self.db.execute(CLAIM_POSTPONED, {"worker": worker, "now": now, "most": most}).fetchall()
            found += self.db.execute(CLAIM_READY, {"worker": worker, "most": most - len(found)}).fetchall()
        return sorted(Lease(*row) for row in found)

    def read(self, worker: int, lease: Lease) -> Row | None:
        """Return a leased row with its input; None if the worker does not hold it any more."""
        with self.named():
            found = self.db.execute(READ, (lease.seq, lease.attempt, worker)).fetchone()
        return None if found is None else Row.of(lease, *found)

    def give_back(self, worker: int, leases: Collection[Lease]) -> None:
        """Make rows ready again that were leased and not asked, as if they had never been leased."""
        if leases:
            with self.writing():
                self.db.executemany(GIVE_BACK, [(lease.seq, lease.attempt, worker) for lease in leases])

    def due(self, now: float, most: int) -> int:
        """Return how many rows have been postponed until now, but count no more than so many."""
        sql = "select count(*) from (select 1 from rows where state = 4 and due <= ? limit ?)"
        with self.named():
            (due,) = self.db.execute(sql, (now, most)).fetchone()
        return int(due)

    def next_due(self) -> float | None:
        """Return when the first postponed row may be leased; None if there is none."""
        with self.named():
            (due,) = self.db.execute("select min(due) from rows where state = 4").fetchone()
        return due  # type: ignore[no-any-return]  # a real or null, by the schema

    def settle(self, settlements: Collection[Settlement]) -> int:
        """Record what came of leased rows, all in one transaction; return how many counted.

        An outcome counts once: what comes after a row is done, and a failure or a postponement of an attempt that
        is not the row's last, changes nothing.
        """
        spent = [sum(column) for column in zip(NOTHING, *(each.spent for each in settlements), strict=True)]
        with self.writing():
            counted = sum(map(self._settle, settlements))
            self.db.execute(ADD_UP, spent)
        return counted

    def _settle(self, settlement: Settlement) -> bool:
        match settlement:
            case Done(seq=seq, outcome=outcome):
                moved = self.db.execute("update rows set state = 2, worker = null where seq = ? and state <> 2", (seq,))
                if moved.rowcount:
                    self._record(settlement, outcome)
            case Failed(seq=seq, attempt=attempt, outcome=outcome):
                moved = self._move(seq, attempt, FAILED)
                if moved.rowcount:
                    self._record(settlement, outcome)
            case Postponed(seq=seq, attempt=attempt, due=due, is_own_fault=is_own_fault):
                moved = self._move(seq, attempt, POSTPONED, due, is_own_fault)
            case Released(seq=seq, attempt=attempt):
                moved = self.db.execute(
                    """
                    update rows set state = 0, worker = null, attempt = attempt - 1
                     where seq = ? and attempt = ? and state = 1
                    """,
                    (seq, attempt),
                )
        return bool(moved.rowcount)

    def _move(
        self, seq: int, attempt: int, state: int, due: float | None = None, more_failures: int = 0
    ) -> sqlite3.Cursor:
        sql = """
            update rows set state = ?, due = ?, failures = failures + ?, worker = null
             where seq = ? and attempt = ? and state = 1
        """
        return self.db.execute(sql, (state, due, more_failures, seq, attempt))

    def _record(self, settlement: Done | Failed, outcome: Outcome) -> None:
        *used, _calls = settlement.spent
        self.db.execute(RECORD, (settlement.seq, settlement.attempt, *outcome, *used))

    def retry(self, errors: Collection[str] = ()) -> int:
        """Make failed rows ready again, all or those that failed with one of these errors; return how many."""
        chosen = {"all": not errors, "errors": orjson.dumps(list(errors)).decode()}
        with self.writing():
            put_back = self.db.execute(FAILED_WITH, chosen)
            self.db.execute(FORGET)
        return put_back.rowcount

    def inputs(self) -> Iterator[tuple[str, str]]:
        """Yield the place and the input, as JSON, of every row."""
        return ((place, read) for _, place, read in self._pages(INPUTS_AFTER, 0))

    def columns(self) -> dict[str, frozenset[str]]:
        """Return the columns of all rows, in order, and by which names SQLite knows the types of the JSON in each."""
        with self.named():
            found = self.db.execute(COLUMNS).fetchall()
        return {name: frozenset(kinds.split(",")) for name, kinds, *_ in found}

    def records(self, *, after: int = 0) -> Iterator[Record]:
        """Yield every row in the order of the input, with its outcome as far as there is one."""
        return (Record(*row) for row in self._pages(RECORDS_AFTER, after))

    def _pages(self, sql: str, after: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a query finds after a place, which is its first column, page by page."""
        while True:
            with self.named(), closing(self.db.execute(sql, {"seq": after, "most": PAGE})) as found:
                rows = page(found, PAGE)
            if not rows:
                return
            yield from rows
            after = rows[-1][0]
