"""Where the turns of one conversation are added: in memory, and on disk if it is kept there."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion._errors import ConversationMovedError

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


class Log:
    """The turns of one conversation. Safe to share between threads; what is on disk goes before what is in memory."""

    def __init__(self, history: History, kept: Kept | None = None) -> None:
        self.history = history
        self.kept = kept
        self._lock = threading.Lock()

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
                raise ConversationMovedError(self.kept.name if self.kept else UNKEPT)
            if self.kept is not None and not self.kept.store.append(self.kept.id, turn, after=after):
                self._catch_up()
                raise ConversationMovedError(self.kept.name)
            self.history = self.history.then(turn)
            return self.history

    def move(self, store: Store, name: str | None, settings: Mapping[str, object]) -> None:
        """Keep the conversation in a store from now on, with all that was said so far."""
        with self._lock:
            self.kept = Kept(store, *store.create(name, settings, self.history.turns))

    def _catch_up(self) -> None:
        if self.kept is not None:
            self.history = self.history.then(*self.kept.store.turns(self.kept.id, after=len(self.history.turns)))
