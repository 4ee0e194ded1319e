"""Where digests keep what they have read: one SQLite file. `schema.sql` has the table.

One process at a time works on a store (SQLite's exclusive locking mode, which ends with the process, however it dies),
so that no call is made twice. An answer is on disk before it counts (`synchronous = full`).
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from clarion._completion import TRUNCATING
from clarion._cost import NAMES, Cost
from clarion._digest.notes import Note
from clarion._digest.piece import Part
from clarion._errors import DigestStoreError
from clarion._sqlite import SQLiteFile
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from clarion._completion import Completion

APPLICATION_ID = 1129071200
VERSION = 1

PUT = "insert or ignore into calls (key, kind, name, parts) values (?, ?, ?, ?)"
FINISH = """
    insert into calls (key, kind, name, at, answer, said, model, stop, usage, cost, emulated, origin)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (key) do update
       set at = excluded.at, answer = excluded.answer, said = excluded.said, model = excluded.model,
           stop = excluded.stop, usage = excluded.usage, cost = excluded.cost, emulated = excluded.emulated,
           origin = excluded.origin
"""
ANSWER = """
    select answer, said, model, stop, usage, cost, emulated from calls
     where key = :key and answer is not null and (not emulated or :origin in (origin, 'emulator'))
"""
EMULATOR = "emulator"  # the origin of answers that are made up in this process


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call: its statements, its text, the model, why it stopped, what it used and cost.

    `emulated` says that the emulator answered.
    """

    notes: tuple[Note, ...]
    text: str
    model: str
    stop_reason: str | None
    usage: Usage
    cost: Cost | None
    emulated: bool

    @classmethod
    def of(cls, completion: Completion, notes: Sequence[Note]) -> Answer:
        """Return the answer of a turn, of which these are the statements."""
        return cls(
            notes=tuple(notes),
            text=completion.text,
            model=completion.model,
            stop_reason=completion.stop_reason,
            usage=completion.usage,
            cost=completion.cost,
            emulated=completion.emulated,
        )

    @property
    def truncated(self) -> bool:
        """Whether it was cut off."""
        return self.stop_reason in TRUNCATING


def opened(path: Path | None, origin: str = EMULATOR) -> tuple[Store, Callable[[], None]]:
    """Open a store, or one that is gone afterwards if no path is given; return it, and what closes it."""
    if path is not None:
        store = Store(path, origin)
        return store, store.close
    folder = tempfile.TemporaryDirectory(prefix="clarion-digest-", ignore_cleanup_errors=True)
    store = Store(Path(folder.name, "digest.db"), origin)

    def close() -> None:
        store.close()
        folder.cleanup()

    return store, close


class Store(SQLiteFile):
    """An open store; made if it is not there. Raises DigestStoreError, also while another process works on it.

    `origin` is the address of who answers, or EMULATOR. What an emulator has answered counts on an emulator only: in
    process, or at the same address.
    """

    KIND = "the store of digests"
    ERROR = DigestStoreError
    PATIENCE = 0.5

    def __init__(self, path: Path, origin: str = EMULATOR) -> None:
        self._origin = origin
        try:
            super().__init__(path, mode="rwc", synchronous="full")
            self._claim()
        except DigestStoreError as error:
            if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise DigestStoreError(
                f"another process is working on the digests in {path}: wait until it has ended, or choose another store"
            ) from None

    def put(self, key: bytes, kind: str, name: str, parts: Sequence[Part]) -> None:
        """Keep a piece, if it is not here already."""
        data = orjson.dumps([part.to_dict() for part in parts]).decode()
        with self.writing() as db:
            db.execute(PUT, (key, kind, name, data))

    def parts(self, key: bytes) -> tuple[Part, ...]:
        """Return the parts of a piece."""
        with self.named():
            (data,) = self.db.execute("select parts from calls where key = ?", (key,)).fetchone()
        return tuple(map(Part.of, orjson.loads(data)))

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget pieces that were not read."""
        with self.writing() as db:
            db.executemany("delete from calls where key = ? and answer is null", [(key,) for key in keys])

    def finish(self, key: bytes, kind: str, name: str, answer: Answer) -> None:
        """Record what came of a call."""
        notes = orjson.dumps([note.to_dict() for note in answer.notes]).decode()
        cost = None if answer.cost is None else orjson.dumps(answer.cost.to_dict()).decode()
        usage = orjson.dumps(answer.usage.to_dict()).decode()
        told = (notes, answer.text, answer.model, answer.stop_reason, usage, cost, int(answer.emulated), self._origin)
        with self.writing() as db:
            db.execute(FINISH, (key, kind, name, time.time(), *told))

    def answer(self, key: bytes) -> Answer | None:
        """Return what came of a call; None if it was not answered yet."""
        with self.named():
            found = self.db.execute(ANSWER, {"key": key, "origin": self._origin}).fetchone()
        return _answer(*found) if found else None

    def pieces(self) -> Iterator[tuple[str, tuple[Part, ...]]]:
        """Yield the name and the parts of every piece."""
        with self.named():
            keys = self.db.execute("select key, name from calls where parts is not null order by rowid").fetchall()
        for key, name in keys:
            yield name, self.parts(key)

    def _claim(self) -> None:
        """Take the store for this process alone, until it closes the file or ends; make its table if it is new."""
        try:
            with self.named():
                self.db.execute("pragma locking_mode = exclusive")
                (tables,) = self.db.execute("select count(*) from sqlite_master").fetchone()
                if not tables:
                    self.db.executescript(resources.files("clarion._digest").joinpath("schema.sql").read_text("utf-8"))
            found, version = self.marks()
            if found != APPLICATION_ID:
                raise DigestStoreError(f"{self.path} is a database, but not a store of digests: choose another path")
            if version != VERSION:
                raise DigestStoreError(
                    f"{self.path} was made by another version of Clarion (store {version}, here {VERSION})"
                )
            with self.writing():  # a lock for writing is what the exclusive mode keeps
                pass
        except BaseException:
            self.close()
            raise


def _answer(notes: str, text: str, model: str, stop: str | None, usage: str, cost: str | None, emulated: int) -> Answer:
    costs: dict[str, Any] | None = orjson.loads(cost) if cost else None
    return Answer(
        notes=tuple(map(Note.of, orjson.loads(notes))),
        text=text,
        model=model,
        stop_reason=stop,
        usage=Usage(**orjson.loads(usage)),
        cost=None if costs is None else Cost(**{name: Decimal(costs[name]) for name in NAMES}),
        emulated=bool(emulated),
    )
