"""What a journal tells: the job, its rows and what has come of them. Nothing is written here.

Whatever is long is read page by page, so that nobody who writes has to wait for it.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import orjson

from clarion._sqlite import SQLiteFile
from clarion.bulk.errors import JournalError
from clarion.bulk.pages import page
from clarion.bulk.record import Record
from clarion.bulk.tally import Counts, Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = 1_000  # rows read at a time

READY, LEASED, DONE, FAILED, POSTPONED, TWIN = range(6)

COLUMNS = """
    select each.key, group_concat(distinct each.type), min(seq) as first, each.id as place
      from inputs, json_each(input) as each
     group by each.key
     order by first, place
"""
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


class JournalReader(SQLiteFile):
    """One job's file, to be read. Raises JournalError where it cannot be."""

    KIND = "the journal"
    ERROR = JournalError

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

    def workers(self) -> int:
        """Return how many workers have come and not left, dead ones included until they are found."""
        with self.named():
            (workers,) = self.db.execute("select count(*) from workers").fetchone()
        return int(workers)

    def is_worked_on(self, now: float, *, is_dead: Callable[[str], bool]) -> bool:
        """Whether there is a worker who is heard of, and not known to be dead."""
        with self.named():
            workers = self.db.execute("select name, alive_till from workers").fetchall()
        return any(alive_till >= now and not is_dead(name) for name, alive_till in workers)

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
