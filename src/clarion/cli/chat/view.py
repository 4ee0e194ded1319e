"""What a chat is shown on: a terminal (`screen`), or a pipe (`plain`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import RenderableType


class Answer(Protocol):
    """An answer that is being shown."""

    def text(self, piece: str) -> None:
        """Show more of its text."""

    def thinking(self, piece: str) -> None:
        """Show more of the thinking before it."""

    def note(self, line: str) -> None:
        """Say something meanwhile."""


class View(Protocol):
    """Where a person, or a program, writes and reads."""

    stops_at_mistakes: bool  # nobody is there to mend them

    def greet(self, line: str) -> None:
        """Say what a person should know at the beginning."""

    async def ask(self, before: str, default: str) -> str | None:
        """Return the next message or command, None at the end."""
        ...

    def answering(self, model: str, interrupt: Callable[[], object]) -> AbstractAsyncContextManager[Answer]:
        """Show an answer; call `interrupt` if it shall stop."""
        ...

    def note(self, line: str) -> None:
        """Say something beside the conversation."""

    def show(self, what: RenderableType) -> None:
        """Show what a command was asked for."""

    def said(self, text: str) -> None:
        """Show what the person has said."""

    def answered(self, text: str) -> None:
        """Show an answer of before."""
