"""A file of conversations as a whole: what is in it, where something was said, how to get it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clarion._conversation.export import exported
from clarion._conversation.store import Store
from clarion._errors import ConversationError

if TYPE_CHECKING:
    from os import PathLike

    from clarion._conversation.export import Format
    from clarion._conversation.history import ConversationTurn
    from clarion._conversation.store import Found, StoredConversation

NAMED = 10  # names that a message lists


class Conversations:
    """The conversations in one file: list, search, read, export and delete them.

    To go on with one, open it: `claude.conversation(store=path, name=...)`. In a program that awaits, call these
    through `asyncio.to_thread`. Raises ConversationError for a name that is not there, ConversationStoreError for a
    file that cannot be used.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._store = Store(self.path)

    def __repr__(self) -> str:
        return f"Conversations({str(self.path)!r})"

    def list(self) -> tuple[StoredConversation, ...]:
        """Return the conversations, those that changed last first; none if there is no file."""
        return tuple(self._store.entries())

    def search(self, words: str, *, most: int = 20) -> tuple[Found, ...]:
        """Return the turns in which all these words were said, the best matches first, at most so many.

        Whole words count, whatever their case and accents.
        """
        return tuple(self._store.search(words, most))

    def turns(self, name: str) -> tuple[ConversationTurn, ...]:
        """Return the turns of a conversation."""
        return tuple(self._store.turns(self._find(name).id))

    def export(self, name: str, *, format: Format = "markdown") -> str:
        """Return a conversation as text: "markdown" to be read, "json" with everything."""
        entry = self._find(name)
        return exported(entry, self._store.turns(entry.id), format)

    def delete(self, name: str) -> None:
        """Delete a conversation for good."""
        self._store.delete(self._find(name).id)

    def _find(self, name: str) -> StoredConversation:
        if (entry := self._store.find(name)) is not None:
            return entry
        known = ", ".join(repr(entry.name) for entry in self.list()[:NAMED]) or "none"
        raise ConversationError(f"no conversation named {name!r} in {self.path}; there are: {known}")
