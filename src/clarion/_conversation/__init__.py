"""Conversations: turns that build on each other, kept in memory or in a file.

`history` says what was said and what of it is sent, `fullness` when it is too much, `exchange` is one turn as a
dialogue, `log` and `store` keep it, `chat` has the two classes, `collection` the file as a whole.
"""

from __future__ import annotations

from clarion._conversation.chat import AsyncConversation, Conversation, Opening
from clarion._conversation.collection import Conversations
from clarion._conversation.history import ConversationTurn
from clarion._conversation.store import Found, StoredConversation

__all__ = [
    "AsyncConversation",
    "Conversation",
    "ConversationTurn",
    "Conversations",
    "Found",
    "Opening",
    "StoredConversation",
]
