"""Checks of files: the ledger, and the journals of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion import _process
from clarion._errors import ClarionError, LedgerError
from clarion._ledger import file as ledgers
from clarion._sqlite import SQLiteFile
from clarion.bulk import journal as journals
from clarion.bulk.errors import JournalError
from clarion.doctor.line import fail, ok, skipped, warn

if TYPE_CHECKING:
    from pathlib import Path

    from clarion.doctor.line import Line
    from clarion.doctor.surroundings import Surroundings

PATIENCE = 1.0  # seconds to wait for another process that writes
LARGE = 2**30  # bytes from which a file is not read through
LITTLE, NOTHING = 500 * 2**20, 20 * 2**20  # bytes free on a disk that will soon be full, and on one that is
RECOVER = "save what can be read: sqlite3 FILE .recover"
STATES = "select name, rows from counts join states using (state) where rows > 0 order by state"
HELD = "select name, alive_till, count(*) from rows join workers on workers.id = worker where state = 1 group by worker"
ORPHANS = "select count(*) from rows where state = 1 and worker is not null and worker not in (select id from workers)"


class _Ledger(SQLiteFile):
    KIND = "the ledger"
    ERROR = LedgerError
    PATIENCE = PATIENCE


class _Journal(SQLiteFile):
    KIND = "the journal"
    ERROR = JournalError
    PATIENCE = PATIENCE


def ledger(around: Surroundings) -> Line:
    """Whether the ledger can be written, is whole, and is of this version."""
    path = around.ledger or around.usable_settings.ledger
    if path is None:
        return skipped("none is set: calls are not recorded")
    if not path.exists():
        if not path.parent.is_dir():
            return fail(f"{path}: its folder is not there", f"make it: mkdir -p {path.parent}")
        return _with_room(around, path, f"{path} will be made by the first call")
    try:
        with _Ledger(path, mode="rw", synchronous="normal") as file:
            if wrong := _wrong(file, ledgers.APPLICATION_ID, ledgers.VERSION, "ledger"):
                return wrong
    except ClarionError as error:
        return _trouble(path, error)
    return _with_room(around, path, f"{path}: {_size(path)}")


def job(around: Surroundings, path: Path) -> Line:
    """Whether the journal of a job is whole, and where its rows stand."""
    if not path.is_file():
        return fail(f"there is no job at {path}", "check the path")
    try:
        with _Journal(path, mode="rw", synchronous="normal") as file:
            if wrong := _wrong(file, journals.APPLICATION_ID, journals.VERSION, "journal"):
                return wrong
            with file.named():
                states = dict(file.db.execute(STATES).fetchall())
                held = file.db.execute(HELD).fetchall()
                (orphans,) = file.db.execute(ORPHANS).fetchone()
    except ClarionError as error:
        return _trouble(path, error)
    now = around.now()
    stale = orphans + sum(rows for name, till, rows in held if till < now or _process.is_dead(name))
    said = ", ".join(f"{rows:,} {name}" for name, rows in states.items()) or "no rows"
    found = f"{path}: {said}; {_size(path)}"
    if stale:
        return warn(f"{found}; {stale:,} held by workers that are gone", f"clarion bulk run {path} takes them up")
    if states.get("failed"):
        return warn(found, f"clarion bulk status {path} says why; clarion bulk retry {path} asks again")
    return _with_room(around, path, found)


def _wrong(file: SQLiteFile, application: int, version: int, kind: str) -> Line | None:
    """Return what is wrong with an open file, if anything is: another file, another version, damage, no writing."""
    found, made_by = file.marks()
    if found != application:
        return fail(f"{file.path} is a database, but no {kind}", "name another file")
    if made_by != version:
        fix = "upgrade Clarion" if made_by > version else "move it away: another is made"
        return fail(f"{file.path} was made by another version of Clarion ({kind} {made_by}, here {version})", fix)
    with file.named():
        is_small = file.path.stat().st_size < LARGE
        (first,) = file.db.execute("pragma quick_check(1)").fetchone() if is_small else ("ok",)
        if first != "ok":
            return fail(f"{file.path} is damaged: {first.splitlines()[-1][:120]}", RECOVER)
        file.db.execute("begin immediate")
        file.db.execute("rollback")
    return None


def _trouble(path: Path, error: ClarionError) -> Line:
    text = str(error)
    if "locked" in text:
        return warn(text, "see who has it open: fuser FILE. Calls wait for it, then fail")
    if "damaged" in text or "is none" in text:
        return fail(text, RECOVER)
    return fail(text, f"see to {path}: may it be written to?")


def _with_room(around: Surroundings, path: Path, found: str) -> Line:
    """Return that all is well, unless the disk is full or soon will be."""
    free = around.free(path.parent)
    said = f"{found}; {free / 2**20:,.0f} MB free"
    if free < NOTHING:
        return fail(said, "free some space: calls are refused when the ledger cannot grow, and jobs stop")
    return warn(said, "free some space") if free < LITTLE else ok(said)


def _size(path: Path) -> str:
    size = path.stat().st_size
    if size >= LARGE:
        return f"{size / 2**30:,.1f} GB, too large to read through here"
    return f"{size / 2**20:,.1f} MB, whole" if size >= 2**20 else f"{size / 2**10:,.0f} KB, whole"
