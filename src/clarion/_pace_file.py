"""The board where processes of one machine meet that call by the same key: a small SQLite file for each user.

It holds nothing that matters longer than they run. Where it cannot be used, each process paces itself as if it were
alone: then they take one another for strangers with the same key.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import time
import warnings
from typing import TYPE_CHECKING, Any

import orjson

from clarion import _process
from clarion._pacing import BoardTrouble, Pacer, Page, SharedPacer, Work
from clarion._pacing.state import LAYOUT
from clarion._sqlite import SQLiteFile

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from clarion._pacing import Limits

log = logging.getLogger(__name__)

# seconds
PATIENCE = 5.0  # for the file, when it is opened
TURN = 0.02  # for a turn; then it is asked for again later
SILENT = 1.0  # without a turn, after which a process may be dead
QUIET = 60.0  # without a turn, after which what a process does no longer counts

SCHEMA = """
    create table if not exists accounts (account text primary key, known blob not null) strict, without rowid;
    create table if not exists members (
        account text not null,
        process text not null,
        number  integer not null,   -- of those in one process
        seen    real not null,      -- by the clock of the machine, which begins anew when it starts
        work    blob not null,
        primary key (account, process, number)
    ) strict, without rowid;
"""
OTHERS = "select process, number, seen, work from members where account = ? and not (process = ? and number = ?)"
KNOW = "insert into accounts values (?, ?) on conflict do update set known = excluded.known"
BE = "insert into members values (?, ?, ?, ?, ?) on conflict do update set seen = excluded.seen, work = excluded.work"
GO = "delete from members where account = ? and process = ? and number = ?"
FORGET = "delete from accounts where account not in (select account from members)"

_numbers = itertools.count()


@contextlib.contextmanager
def shared_pacer(account: str | None, limits: Limits | None = None) -> Iterator[Pacer]:
    """Make a pacer that decides as one with those of this user's other processes that use the same account here.

    `account` stands for it; with None nobody shares. `limits` are this pacer's own. The time must be `time.monotonic`.
    """
    file = None if account is None else _opened()
    if account is None or file is None:
        yield Pacer(limits)
        return
    with file:
        pacer = SharedPacer(Seat(file, account), limits)
        try:
            yield pacer
        finally:
            pacer.close(time.monotonic())


class PaceFile(SQLiteFile):
    """The open file."""

    KIND = "the file of paces"
    ERROR = BoardTrouble
    PATIENCE = PATIENCE

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="rwc", synchronous="off")  # nobody misses it after a power failure
        try:
            with self.named():
                self.db.execute("pragma journal_mode = wal")
                self.db.executescript(SCHEMA)
                self.db.execute(f"pragma busy_timeout = {TURN * 1000:.0f}")
        except BaseException:
            self.close()
            raise


class Seat:
    """One pacer's place at the board of an account."""

    def __init__(self, file: PaceFile, account: str) -> None:
        self._file = file
        self._me = (account, _process.name(), next(_numbers))

    def meet(self, now: float, act: Callable[[Page], None]) -> None:
        """Let `act` read the page and change it, and keep it. Raises BoardTrouble."""
        with self._file.writing() as db:
            page = self._page(db, now)
            act(page)
            self._keep(db, page, now)

    def leave(self) -> None:
        """Be gone for the others."""
        with contextlib.suppress(BoardTrouble), self._file.writing() as db:
            db.execute(GO, self._me)
            db.execute(FORGET)

    def _page(self, db: sqlite3.Connection, now: float) -> Page:
        account = self._me[0]
        row = db.execute("select known from accounts where account = ?", (account,)).fetchone()
        others = []
        for process, number, seen, work in db.execute(OTHERS, self._me).fetchall():
            silence = now - seen  # below 0 for a turn that was asked for later and had earlier
            if silence < -QUIET or (silence > SILENT and _process.is_dead(process)):
                db.execute(GO, (account, process, number))
            elif silence <= QUIET:
                others.append({group: Work(*values) for group, values in orjson.loads(work).items()})
        known: dict[str, list[Any]] = orjson.loads(row[0]) if row else {}
        return Page(known, others)

    def _keep(self, db: sqlite3.Connection, page: Page, now: float) -> None:
        db.execute(KNOW, (self._me[0], orjson.dumps(page.known)))
        work = {group: list(work) for group, work in page.ours.items()}
        db.execute(BE, (*self._me, now, orjson.dumps(work)))


def _opened() -> PaceFile | None:
    try:
        return PaceFile(_path())
    except (BoardTrouble, OSError) as error:
        log.warning("%s: other processes are not regarded in the pace", error)
        return None


def _path() -> Path:
    """Return the path of the file, of which there is one for each layout of what is known."""
    from platformdirs import user_runtime_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that XDG_RUNTIME_DIR is not set: then it is a folder of the user's in /tmp
        return user_runtime_path("clarion", ensure_exists=True) / f"pace-{LAYOUT}.db"
