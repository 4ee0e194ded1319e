"""The file of a ledger: what is written to it and read from it, in one transaction each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Literal

from clarion._budget import NANO
from clarion._errors import LedgerError
from clarion._sqlite import SQLiteFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from clarion._budget import Budget
    from clarion._ledger.entry import Entry

APPLICATION_ID = 1129073735
VERSION = 1

By = Literal["model", "tag", "day", "hour"]

COLLECTED = "insert into collected (key) values (?) on conflict do nothing"
TAGGED = "insert into tag_sets (tags) values (?) on conflict do nothing"
LATER = "create table if not exists collected (key blob primary key) strict, without rowid"  # for older ledgers
RECORD = """
    insert into attempts
        (at, model, tag_set, status, error, request_id, latency, first_token, emulated, input_tokens,
         cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, searches, cost_nano)
    values (?, ?, (select id from tag_sets where tags = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
HOLD = """
    insert into holds (id, day, tag_set, cost_nano, till)
        values (?, ?, (select id from tag_sets where tags = ?), ?, ?)
"""
SPENT = """
    select coalesce(sum(cost_nano), 0) from days
     where name = :name and value = :value and day >= :first and day < :after
"""
HELD = """
    select coalesce(sum(cost_nano), 0) from holds
     where day >= :first and day < :after and till > :now
       and (:name = '' or tag_set in (select tag_set from tags where name = :name and value = :value))
"""
SUMS = """
           sum(attempts), sum(failures), sum(unpriced), sum(input_tokens), sum(cache_write_5m_tokens),
           sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(output_tokens), sum(searches), sum(cost_nano)
      from hours
"""
CHOSEN = """
     where hour >= :since and emulated = :emulated
       and (:name is null
            or tag_set in (select tag_set from tags where name = :name and (:value is null or value = :value)))
"""
USAGE = {
    "model": f"select model, {SUMS} {CHOSEN} group by model order by sum(cost_nano) desc, model",
    "day": f"select date(hour / 24 * 86400, 'unixepoch'), {SUMS} {CHOSEN} group by hour / 24 order by hour / 24",
    "hour": f"""
        select strftime('%Y-%m-%d %H:00', hour * 3600, 'unixepoch'), {SUMS} {CHOSEN} group by hour order by hour
    """,
    "tag": f"""
        select coalesce(tags.name || '=' || tags.value, '(no tag)'), {SUMS} left join tags using (tag_set) {CHOSEN}
           and (:name is null or tags.name = :name and (:value is null or tags.value = :value))
         group by tags.name, tags.value order by sum(cost_nano) desc, tags.name, tags.value
    """,
}  # built of the pieces above, and of nothing that comes from outside


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What was used under one `key`: a model, a tag, a day or an hour (UTC).

    `attempts` counts calls, `failures` those among them that failed, `unpriced` those whose cost is not known: they are
    in the tokens and not in the cost.
    """

    key: str
    attempts: int
    failures: int
    unpriced: int
    input_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_read_tokens: int
    output_tokens: int
    searches: int
    cost_nano: int

    @property
    def cost(self) -> Decimal:
        """US dollars."""
        return Decimal(self.cost_nano) / NANO


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Why money cannot be held, in billionths of a US dollar: what is spent of a budget, and held by other calls."""

    budget: Budget
    spent_nano: int
    held_nano: int
    cost_nano: int

    @property
    def is_temporary(self) -> bool:
        """Whether only calls under way stand in between, which may turn out cheaper than they can be."""
        return self.spent_nano + self.cost_nano <= self.budget.limit_nano


class LedgerFile(SQLiteFile):
    """An open ledger. Use it in one thread at a time; what writes does so within `writing`."""

    KIND = "the ledger"
    ERROR = LedgerError

    @classmethod
    def open(cls, path: Path, *, create: bool) -> LedgerFile:
        """Open a ledger, and make it if that is asked for. Raises LedgerError."""
        if not create and not path.is_file():
            raise LedgerError(f"there is no ledger at {path}")
        file = cls(path, mode="rwc" if create else "rw", synchronous="normal")
        try:
            file._prepare(create=create)
        except BaseException:
            file.close()
            raise
        return file

    def _prepare(self, *, create: bool) -> None:
        application, version = self.marks()
        with self.named():
            (tables,) = self.db.execute("select count(*) from sqlite_master").fetchone()
            if create and not application and not tables:
                self.db.execute("pragma journal_mode = wal")
                self.db.executescript(resources.files(__package__).joinpath("schema.sql").read_text("utf-8"))
                return
        if application != APPLICATION_ID:
            raise LedgerError(f"{self.path} is a database, but not a ledger")
        if version != VERSION:
            raise LedgerError(f"{self.path} was made by another version of Clarion (ledger {version}, here {VERSION})")
        if create:
            with self.named():
                self.db.execute(LATER)

    def record(self, entry: Entry, hold: int | None, *, key: bytes | None = None) -> None:
        """Record an attempt, and give back what was held for it. One with a key that is known is there already."""
        if key is not None and not self.db.execute(COLLECTED, (key,)).rowcount:
            return
        self.db.execute(TAGGED, (entry.tags,))
        self.db.execute(RECORD, entry.row())
        self.release(hold)

    def hold(
        self, hold: int, cost_nano: int, budgets: Sequence[Budget], *, tags: str, at: float, till: float
    ) -> Shortage | None:
        """Hold what a call may cost until it is recorded, or a time, under a number; return why not, if so."""
        self.db.execute("delete from holds where till <= ?", (at,))
        for budget in budgets:
            spent, held = self._standing(budget, at)
            if spent + held + cost_nano > budget.limit_nano:
                return Shortage(budget=budget, spent_nano=spent, held_nano=held, cost_nano=cost_nano)
        self.db.execute(TAGGED, (tags,))
        self.db.execute(HOLD, (hold, int(at // 86_400), tags, cost_nano, till))
        return None

    def release(self, hold: int | None) -> None:
        """Give back what was held."""
        if hold is not None:
            self.db.execute("delete from holds where id = ?", (hold,))

    def _standing(self, budget: Budget, at: float) -> tuple[int, int]:
        """Return what is spent of a budget, and what is held."""
        name, value = budget.tag or ("", "")
        first, after = budget.period(at)
        chosen = {"name": name, "value": value, "first": first, "after": after, "now": at}
        ((spent,), (held,)) = self.db.execute(SPENT, chosen).fetchone(), self.db.execute(HELD, chosen).fetchone()
        return spent, held

    def usage(
        self, by: By, *, since: float | None, tag: tuple[str, str | None] | None, emulated: bool
    ) -> list[UsageRow]:
        """Return what was used from the hour of a time on, by model, tag, day or hour."""
        name, value = tag or (None, None)
        chosen: Mapping[str, object] = {
            "since": int((since or 0) // 3600),
            "name": name,
            "value": value,
            "emulated": emulated,
        }
        with self.named():
            return [UsageRow(*row) for row in self.db.execute(USAGE[by], chosen)]
