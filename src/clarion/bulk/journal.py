"""The journal of a job: one SQLite file in which every row is recorded once, whoever works on it and dies.

`schema.sql` has the picture and the tables. A worker leases rows, asks, and settles them; a lease holds as long as its
worker is heard of, and the number of the attempt keeps a worker that comes back late from undoing what another has
done. Several processes may work on one journal.

A process that is killed loses nothing that was settled, and the rows it held are leased again: what was asked but not
yet settled is paid twice, since the API takes no idempotency key. Every settlement reaches the disk before it counts
(`synchronous = full`), so the same holds when the power fails.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson

from clarion.bulk.errors import JobError
from clarion.bulk.journal_reader import FAILED, POSTPONED, READY, TWIN, JournalReader
from clarion.bulk.lease import Lease, Row
from clarion.bulk.pages import page
from clarion.bulk.settlement import NOTHING, Done, Failed, Postponed, Released

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from clarion.bulk.lease import Budget
    from clarion.bulk.record import Entry
    from clarion.bulk.settlement import Outcome, Settlement

APPLICATION_ID = 1129071170
SQLITE = b"SQLite format 3\0"  # the first bytes of a database; the application id is the last four of HEAD
HEAD = 72
VERSION = 2
CHUNK = 5_000  # rows added in one transaction

ADD = """
    insert into rows (custom_id, place, state, digest, twin_of) values (?, ?, ?, ?, ?)
        on conflict (custom_id) do nothing
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


class Journal(JournalReader):
    """One job's file. Use it in one thread at a time; other processes may have it open too.

    Raises JournalError wherever the file cannot be read or written.
    """

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

    def reclaim(self, now: float, *, is_dead: Callable[[str], bool]) -> int:
        """Make ready what is held by workers that are not heard of any more, or known to be dead; return how many."""
        with self.writing():
            workers = self.db.execute("select id, name, alive_till from workers").fetchall()
            gone = [(id,) for id, name, alive_till in workers if alive_till < now or is_dead(name)]
            self.db.executemany("delete from workers where id = ?", gone)
            return self.db.execute(FREE).rowcount

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
