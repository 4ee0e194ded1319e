"""The batches of a job in its journal: which rows are in which, how far it has come, and who looks after it.

The picture is in `schema.sql`. Every method is one change, so that a process may die before or after it, not within. A
worker's batches are anybody's once the worker is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import orjson

from clarion.bulk.lease import Lease, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion.bulk.journal import Journal

State = Literal["planned", "posting", "created", "collected", "void"]

HELD = """
    select count(*)
      from json_each(:rows) as asked
      join rows on rows.seq = asked.value ->> 0 and rows.attempt = asked.value ->> 1
     where rows.state = 1 and rows.worker = :worker
"""
HAND_OVER = "update rows set worker = null where seq in (select value ->> 0 from json_each(:rows))"
PLAN = "insert into batches (state, rows, newest, posted, worker) values ('posting', ?, ?, ?, ?)"
FILL = "insert into batch_rows select :id, value ->> 0, value ->> 1 from json_each(:rows)"
FREE = """
    update rows set state = 0, attempt = attempt - 1, worker = null
     where state = 1 and worker is null
       and (seq, attempt) in (select seq, attempt from batch_rows where batch = ?)
"""
LEFT = """
    select rows.seq, rows.attempt, failures, (select cast(input as blob) from inputs where inputs.seq = rows.seq)
      from batch_rows
      join rows using (seq, attempt)
     where batch = :batch and state = 1 and worker is null
"""
LEFT_OF = """
    select rows.seq, rows.attempt, failures, (select cast(input as blob) from inputs where inputs.seq = rows.seq)
      from json_each(:rows) as asked
     cross join batch_rows on batch_rows.batch = :batch
                          and batch_rows.seq = asked.value ->> 0 and batch_rows.attempt = asked.value ->> 1
     cross join rows on rows.seq = batch_rows.seq and rows.attempt = batch_rows.attempt
     where state = 1 and worker is null
"""  # "cross" keeps SQLite to this order: a batch has up to 100,000 rows
FILED = "select id, state, batch_id, rows, newest, posted, doubtful from batches"
UNATTENDED = f"{FILED} where worker is null and state in ('planned', 'posting', 'created')"


@dataclass(frozen=True, slots=True)
class Filed:
    """A batch as it stands in the journal. `id` is the journal's name for it, `batch_id` the API's."""

    id: int
    state: State
    batch_id: str | None
    rows: int
    newest: str | None
    posted: float
    doubtful: float | None


class Register:
    """The batches in a journal. Use it in the journal's thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @property
    def key(self) -> str:
        """What names the job in the custom ids of its requests."""
        with self._journal.named():
            (key,) = self._journal.db.execute("select key from job").fetchone()
        return str(key)

    def open(self) -> int:
        """Return how many batches are to be looked after, whoever does it."""
        with self._journal.named():
            (count,) = self._journal.db.execute(
                "select count(*) from batches where state in ('planned', 'posting', 'created')"
            ).fetchone()
        return int(count)

    def filed(self, batch: int) -> Filed:
        """Return a batch as it stands."""
        with self._journal.named():
            return Filed(*self._journal.db.execute(f"{FILED} where id = ?", (batch,)).fetchone())

    def known(self) -> frozenset[str]:
        """Return the API's names of all batches of the job."""
        with self._journal.named():
            return frozenset(
                id for (id,) in self._journal.db.execute("select batch_id from batches where batch_id is not null")
            )

    def plan(self, worker: int, rows: Sequence[tuple[int, int]], *, newest: str | None, now: float) -> int | None:
        """Write down that a worker is about to post rows that it has leased; None if they are not all its any more."""
        listed = orjson.dumps(rows).decode()
        with self._journal.writing() as db:
            (held,) = db.execute(HELD, {"rows": listed, "worker": worker}).fetchone()
            if held != len(rows):
                return None
            db.execute(HAND_OVER, {"rows": listed})
            id = db.execute(PLAN, (len(rows), newest, now, worker)).lastrowid or 0
            db.execute(FILL, {"id": id, "rows": listed})
        return id

    def refused(self, batch: int) -> None:
        """Write down that a batch was surely not created."""
        with self._journal.writing() as db:
            db.execute("update batches set state = 'planned' where id = ? and state = 'posting'", (batch,))

    def post_again(self, batch: int, worker: int, *, newest: str | None, now: float) -> bool:
        """Write down that a planned batch is about to be posted again; False if it is not the worker's any more."""
        sql = """
            update batches set state = 'posting', newest = ?, posted = ?
             where id = ? and state = 'planned' and worker = ?
        """
        with self._journal.writing() as db:
            return db.execute(sql, (newest, now, batch, worker)).rowcount == 1

    def doubt(self, batch: int, *, now: float) -> None:
        """Write down that nobody knows whether a batch was created."""
        with self._journal.writing() as db:
            db.execute("update batches set doubtful = ? where id = ? and state = 'posting'", (now, batch))

    def created(self, batch: int, batch_id: str) -> bool:
        """Write down how the API calls a batch; False if it was given up before, as one that never got there."""
        sql = "update batches set state = 'created', batch_id = ?, doubtful = null where id = ? and state = 'posting'"
        with self._journal.writing() as db:
            return db.execute(sql, (batch_id, batch)).rowcount == 1

    def void(self, batch: int) -> bool:
        """Give up a batch that was surely never created: its rows are ready again. False if it was, after all."""
        sql = "update batches set state = 'void', worker = null where id = ? and state in ('planned', 'posting')"
        with self._journal.writing() as db:
            if not db.execute(sql, (batch,)).rowcount:
                return False
            db.execute(FREE, (batch,))
            db.execute("delete from batch_rows where batch = ?", (batch,))
        return True

    def collected(self, batch: int) -> None:
        """Write down that all that came of a batch is recorded."""
        with self._journal.writing() as db:
            db.execute("update batches set state = 'collected', worker = null where id = ?", (batch,))
            db.execute("delete from batch_rows where batch = ?", (batch,))

    def adopt(self, worker: int, *, now: float) -> list[Filed]:
        """Take over the batches that nobody looks after. What was about to be posted is in doubt from now on."""
        with self._journal.named():
            if not self._journal.db.execute(f"select exists ({UNATTENDED})").fetchone()[0]:
                return []
        with self._journal.writing() as db:
            db.execute("update batches set doubtful = ? where state = 'posting' and worker is null", (now,))
            found = db.execute(
                f"{FILED} where worker is null and state in ('planned', 'posting', 'created')"
            ).fetchall()
            db.executemany("update batches set worker = ? where id = ?", [(worker, id) for id, *_ in found])
        return [Filed(*row) for row in found]

    def left(self, batch: int, attempts: Sequence[tuple[int, int]] | None = None) -> list[Row]:
        """Return the rows of a batch of which nothing is recorded yet: all, or some of them."""
        chosen = None if attempts is None else orjson.dumps(attempts).decode()
        sql = LEFT if chosen is None else LEFT_OF
        with self._journal.named():
            found = self._journal.db.execute(sql, {"batch": batch, "rows": chosen}).fetchall()
        return [Row.of(Lease(*lease), read) for *lease, read in found]
