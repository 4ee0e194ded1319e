"""Many conversations in one SQLite file. `schema.sql` has the tables.

Several processes may have the file open. Each change is one transaction that is on disk before it counts
(`synchronous = full`), so a process that is killed, or power that fails, loses no turn that was acknowledged.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion._conversation.history import ConversationTurn, json_of
from clarion._cost import NAMES, Cost
from clarion._errors import ConversationError, ConversationStoreError, InvalidSettingError
from clarion._prompt import Answered
from clarion._sqlite import SQLiteFile
from clarion._usage import Usage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

APPLICATION_ID = 1129071190
VERSION = 1
TITLE = 60  # characters of the first prompt that name a conversation

ADD = """
    insert into turns (conversation, seq, at, kind, model, ground, tokens, usage, cost, messages)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
READ = """
    select at, kind, model, ground, tokens, usage, cost, messages
      from turns where conversation = ? and seq > ? order by seq
"""
ADVANCE = "update conversations set turns = turns + 1, changed = ? where id = ? and turns = ?"
ENTRIES = """
    select id, name, turns, created, changed, settings, (
             select substr(words.text, 1, 500)
               from turns join words on words.rowid = turns.id where turns.conversation = conversations.id and seq = 1
           )
      from conversations order by changed desc, id desc
"""
SEARCH = """
    select conversations.name, turns.seq, snippet(words, 0, '', '', '…', 24)
      from words join turns on turns.id = words.rowid join conversations on conversations.id = turns.conversation
     where words match ? order by rank, turns.id desc limit ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConversation:
    """A conversation in a file: its name, how many turns it has, and when it was begun and changed last.

    Times are in seconds since the epoch; `settings` are the options it was begun with, or given later. `first_words`
    are those of its first turn.
    """

    id: int
    name: str
    turns: int
    created: float
    changed: float
    settings: dict[str, Any]
    first_words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A turn in which the words of a search were found: the conversation, the number of the turn, from 1, its words."""

    name: str
    turn: int
    text: str


class _File(SQLiteFile):
    KIND = "the file of conversations"
    ERROR = ConversationStoreError


class Store:
    """A file of conversations, made when the first is put into it. Raises ConversationStoreError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the file if it is not there, and see that it can be used."""
        with self._opened("rwc"):
            return

    def create(
        self, name: str | None, settings: Mapping[str, object], turns: Sequence[ConversationTurn] = ()
    ) -> tuple[int, str]:
        """Put a conversation into the file, and return its id and name; without a name, one is made.

        Raises ConversationError if there is one of the name.
        """
        _refuse_blank(name)
        with self._changing("rwc") as db:
            taken = _names(db)
            if name in taken:
                raise self._taken(name)
            name = _free(turns, taken) if name is None else name
            return _put(db, name, settings, turns), name

    def opened(
        self, name: str | None, settings: Mapping[str, object], turns: Sequence[ConversationTurn]
    ) -> StoredConversation:
        """Return the conversation of a name; if it is not there, or without a name, a new one that has these turns.

        Raises InvalidSettingError for one that is there, and turns to put into it.
        """
        _refuse_blank(name)
        with self._changing("rwc") as db:
            taken = _names(db)
            if name is None or name not in taken:
                name = _free(turns, taken) if name is None else name
                _put(db, name, settings, turns)
            elif turns:
                raise InvalidSettingError(f"{self.path} has a conversation named {name!r}: it takes no messages=")
            return next(entry for entry in _entries(db) if entry.name == name)

    def find(self, name: str) -> StoredConversation | None:
        """Return the conversation of a name; None if there is none, or no file."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def entries(self) -> list[StoredConversation]:
        """Return all conversations, those that changed last first."""
        if not self.path.exists():
            return []
        with self._reading() as db:
            return _entries(db)

    def turns(self, id: int, *, after: int = 0) -> list[ConversationTurn]:
        """Return the turns of a conversation that come after so many. Raises ConversationError if it was deleted."""
        with self._reading() as db:
            rows = db.execute(READ, (id, after)).fetchall()
            if not rows and not _is_there(db, id):
                raise self._gone()
        return [_turn(*row) for row in rows]

    def append(self, id: int, turn: ConversationTurn, *, after: int) -> bool:
        """Add a turn to a conversation that has so many; return whether it still had. Then it is on disk.

        Raises ConversationError if the conversation was deleted.
        """
        with self._changing() as db:
            if not db.execute(ADVANCE, (turn.at, id, after)).rowcount:
                if not _is_there(db, id):
                    raise self._gone()
                return False
            _add(db, id, after + 1, turn)
        return True

    def remember(self, id: int, settings: Mapping[str, object]) -> None:
        """Put settings of a conversation over those it has. Raises ConversationError if it was deleted."""
        with self._changing() as db:
            row = db.execute("select settings from conversations where id = ?", (id,)).fetchone()
            if row is None:
                raise self._gone()
            known = {**orjson.loads(row[0]), **settings}
            db.execute("update conversations set settings = ? where id = ?", (json_of(known).decode(), id))

    def rename(self, id: int, name: str) -> None:
        """Give a conversation another name. Raises ConversationError if that is taken, or it was deleted."""
        _refuse_blank(name)
        with self._changing() as db:
            if db.execute("select 1 from conversations where name = ? and id != ?", (name, id)).fetchone():
                raise self._taken(name)
            if not db.execute("update conversations set name = ? where id = ?", (name, id)).rowcount:
                raise self._gone()

    def search(self, words: str, most: int) -> list[Found]:
        """Return the turns that have all these words, the best first."""
        query = " ".join('"{}"'.format(word.replace('"', '""')) for word in words.split())
        if not query or not self.path.exists():
            return []
        with self._reading() as db:
            return [Found(*row) for row in db.execute(SEARCH, (query, most))]

    def delete(self, id: int) -> None:
        """Delete a conversation with all its turns."""
        with self._changing() as db:
            db.execute("delete from turns where conversation = ?", (id,))
            db.execute("delete from conversations where id = ?", (id,))

    def _taken(self, name: str | None) -> ConversationError:
        return ConversationError(
            f"{self.path} has a conversation named {name!r} already: open it, or choose another name"
        )

    def _gone(self) -> ConversationError:
        return ConversationError(
            f"the conversation was deleted from {self.path}: save() what is in memory under a name to go on"
        )

    @contextlib.contextmanager
    def _changing(self, mode: Literal["rw", "rwc"] = "rw") -> Iterator[sqlite3.Connection]:
        """Open the file for one change."""
        with self._opened(mode) as file, file.writing() as db:
            yield db

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one look."""
        with self._opened("rw") as file, file.named():
            yield file.db

    @contextlib.contextmanager
    def _opened(self, mode: Literal["rw", "rwc"]) -> Iterator[_File]:
        with _File(self.path, mode=mode, synchronous="full") as file:
            self._check(file)
            yield file

    def _check(self, file: _File) -> None:
        """Make the tables of a new file; refuse a file that is something else."""
        with file.named():
            (tables,) = file.db.execute("select count(*) from sqlite_schema").fetchone()
        found, version = file.marks()
        if tables == 0 and found == 0:
            _begin(file)
        elif found != APPLICATION_ID:
            raise ConversationStoreError(f"{self.path} is a database, but not one of conversations")
        elif version != VERSION:
            raise ConversationStoreError(
                f"{self.path} was made by another version of Clarion (file {version}, here {VERSION})"
            )


def _begin(file: _File) -> None:
    """Make the tables, once, whoever else is at it."""
    schema = resources.files("clarion._conversation").joinpath("schema.sql").read_text("utf-8")
    with file.named():
        file.db.execute("pragma journal_mode = wal")
        file.db.executescript(f"begin immediate; {schema} commit;")


def _is_there(db: sqlite3.Connection, id: int) -> bool:
    return db.execute("select 1 from conversations where id = ?", (id,)).fetchone() is not None


def _refuse_blank(name: str | None) -> None:
    if name is not None and not name.strip():
        raise InvalidSettingError(f"name={name!r}: a conversation has a name to find it by")


def _names(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("select name from conversations")}


def _put(db: sqlite3.Connection, name: str, settings: Mapping[str, object], turns: Sequence[ConversationTurn]) -> int:
    now = time.time()
    values = (name, now, now, len(turns), json_of(settings).decode())
    sql = "insert into conversations (name, created, changed, turns, settings) values (?, ?, ?, ?, ?)"
    id = db.execute(sql, values).lastrowid or 0
    for seq, turn in enumerate(turns, 1):
        _add(db, id, seq, turn)
    return id


def _entries(db: sqlite3.Connection) -> list[StoredConversation]:
    return [
        StoredConversation(
            id=id,
            name=name,
            turns=turns,
            created=created,
            changed=changed,
            settings=orjson.loads(settings),
            first_words=_title(text or ""),
        )
        for id, name, turns, created, changed, settings, text in db.execute(ENTRIES)
    ]


def _add(db: sqlite3.Connection, id: int, seq: int, turn: ConversationTurn) -> None:
    cost = None if turn.cost is None else orjson.dumps(turn.cost.to_dict()).decode()
    usage = orjson.dumps(turn.usage.to_dict()).decode()
    said = (turn.model, turn.ground, turn.tokens, usage, cost, _packed(turn.messages))
    added = db.execute(ADD, (id, seq, turn.at, turn.kind, *said))
    db.execute("insert into words (rowid, text) values (?, ?)", (added.lastrowid, turn.text))


def _packed(messages: Iterable[Any]) -> str:
    """Return messages as JSON, each with the model that wrote it, if one did."""
    return json_of([[getattr(message, "model", None), dict(message)] for message in messages]).decode()


def _turn(
    at: float, kind: Any, model: str, ground: str, tokens: int | None, usage: str, cost: str | None, messages: str
) -> ConversationTurn:
    costs = None if cost is None else orjson.loads(cost)
    return ConversationTurn(
        messages=tuple(Answered(message, by) if by else message for by, message in orjson.loads(messages)),
        kind=kind,
        model=model,
        ground=ground,
        tokens=tokens,
        usage=Usage(**orjson.loads(usage)),
        cost=None if costs is None else Cost(**{name: Decimal(costs[name]) for name in NAMES}),
        at=at,
    )


def _free(turns: Sequence[ConversationTurn], taken: set[str]) -> str:
    """Return a name that is not taken, by the first words of a conversation."""
    title = _title(turns[0].prompt or turns[0].text if turns else "") or "conversation"
    names = (title if number == 1 else f"{title} ({number})" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _title(text: str) -> str:
    return " ".join(text.split())[:TITLE].strip()
