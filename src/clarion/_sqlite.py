"""SQLite files as Clarion uses them: opened with patience, changed in one go, and their troubles named.

Each kind of file (the journal of a job, a ledger) has a class of its own over this one: it says what the file is called
in a sentence, and which error of Clarion's stands for trouble with it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from clarion._errors import ClarionError

PATIENCE = 30.0  # seconds to wait for another process that writes

# What SQLite calls it, what it means, and the way out.
TROUBLES = {
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full. Free some space and try again; nothing recorded is lost",
    sqlite3.SQLITE_READONLY: "cannot be written: the file, its folder or the disk is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: does its folder exist, and may it be written to?",
    sqlite3.SQLITE_CORRUPT: "is damaged. Save what can be read with `sqlite3 FILE .recover`",
    sqlite3.SQLITE_NOTADB: "is none: the file is not an SQLite database",
    sqlite3.SQLITE_BUSY: "has been locked by another process for more than {patience:.0f} s",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error",
}


class SQLiteFile:
    """One open file. Use it in one thread at a time; other processes may have it open too."""

    KIND: ClassVar[str]  # what the file is called: "the journal"
    ERROR: ClassVar[type[ClarionError]]
    PATIENCE: ClassVar[float] = PATIENCE

    def __init__(
        self, path: Path, *, mode: Literal["rw", "rwc"], synchronous: Literal["off", "normal", "full"]
    ) -> None:
        self.path = path
        if mode == "rwc":
            _make(path)
        with self.named():
            self.db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True,
                timeout=self.PATIENCE,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=64,
            )
            try:
                self.db.execute(f"pragma synchronous = {synchronous}")
            except sqlite3.Error:
                self.db.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def marks(self) -> tuple[int, int]:
        """Return the application id and the version that the file bears; zeros where it bears none."""
        with self.named():
            (application,) = self.db.execute("pragma application_id").fetchone()
            (version,) = self.db.execute("pragma user_version").fetchone()
        return application, version

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Make what is done inside one change, or none."""
        with self.named():
            self.db.execute("begin immediate")
            try:
                yield self.db
            except BaseException:
                self.db.rollback()
                raise
            self.db.commit()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read what is read inside as of one moment: the file is locked once, not for each statement."""
        with self.named():
            self.db.execute("begin")
            try:
                yield
            finally:
                self.db.rollback()

    @contextlib.contextmanager
    def named(self) -> Iterator[None]:
        """Give what SQLite says the name of the file, and a way out."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what makes it an extended code
            trouble = TROUBLES.get(code, "cannot be used").format(patience=self.PATIENCE)
            raise self.ERROR(f"{self.KIND} {self.path} {trouble} ({error})") from error


def _make(path: Path) -> None:
    """Make a new file that its user alone can read, as it will hold what was said; what SQLite puts beside it follows.

    One that is there keeps the mode that it has. What cannot be made is for SQLite to tell.
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
