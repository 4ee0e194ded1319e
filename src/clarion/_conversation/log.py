"""Where the turns of one conversation are added: in memory, and on disk if it is kept there."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion._errors import ConversationMovedError, InvalidSettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._conversation.history import ConversationTurn, History
    from clarion._conversation.store import Store

UNKEPT = "unnamed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation's place in a store."""

    store: Store
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Planned:
    """The place in a store that a conversation takes with its first turn, whose words become its name."""

    store: Store
    settings: Mapping[str, object]


class Log:
    """The turns of one conversation. Safe to share between threads; what is on disk goes before what is in memory."""

    def __init__(self, history: History, place: Kept | Planned | None = None) -> None:
        self.history = history
        self._place = place
        self._lock = threading.Lock()

    @property
    def kept(self) -> Kept | None:
        """Its place in a store; None if it has none, or none yet."""
        return self._place if isinstance(self._place, Kept) else None

    @property
    def store(self) -> Store | None:
        """The store it is kept in, or will be; None if it is in memory alone."""
        return self._place.store if self._place else None

    def catch_up(self) -> History:
        """Take in the turns that others have added to the file, and return the history."""
        with self._lock:
            self._catch_up()
            return self.history

    def append(self, turn: ConversationTurn, after: int) -> History:
        """Add a turn after so many, and return the history. When this returns, the turn is on disk.

        Raises ConversationMovedError if there are more by now, and takes those in.
        """
        turn = replace(turn, at=time.time())
        with self._lock:
            if len(self.history.turns) != after:
                raise ConversationMovedError(self.kept.name if self.kept else UNKEPT, turn=turn, after=after)
            match self._place:
                case Kept(store, id, name) if not store.append(id, turn, after=after):
                    self._catch_up()
                    raise ConversationMovedError(name, turn=turn, after=after)
                case Planned(store, settings):
                    self._place = Kept(store, *store.create(None, settings, (turn,)))
            self.history = self.history.then(turn)
            return self.history

    def move(self, store: Store, name: str | None, settings: Mapping[str, object]) -> None:
        """Keep the conversation in a store from now on, with all that was said so far."""
        with self._lock:
            self._place = Kept(store, *store.create(name, settings, self.history.turns))

    def plan(self, store: Store, settings: Mapping[str, object]) -> None:
        """Keep the conversation in a store from its first turn on."""
        self._place = Planned(store, settings)

    def remember(self, settings: Mapping[str, object]) -> None:
        """Have the store remember these settings, beside those it knows already."""
        with self._lock:
            match self._place:
                case Kept(store, id, _):
                    store.remember(id, settings)
                case Planned(store, planned):
                    self._place = Planned(store, {**planned, **settings})

    def rename(self, name: str) -> None:
        """Give the conversation another name in its store."""
        with self._lock:
            match self._place:
                case Kept(store, id, _):
                    store.rename(id, name)
                    self._place = Kept(store, id, name)
                case Planned(store, settings):
                    self._place = Kept(store, *store.create(name, settings))
                case None:
                    raise InvalidSettingError(f"name={name!r}: this conversation is in memory, save() it under a name")

    def _catch_up(self) -> None:
        if isinstance(kept := self._place, Kept):
            self.history = self.history.then(*kept.store.turns(kept.id, after=len(self.history.turns)))
