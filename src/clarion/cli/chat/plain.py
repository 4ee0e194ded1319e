"""A chat in a pipe: a message a line, answers on standard output, talk on standard error."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import click

from clarion.cli._talk import printable, say
from clarion.cli.chat.signals import ended_by_signals, interruptible

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 160  # of a table, where no terminal bounds it


class PlainAnswer:
    """Text as it comes. `clean` is for a terminal, which control characters could steer."""

    def __init__(self, *, clean: bool, note: Callable[[str], None]) -> None:
        self._clean = clean
        self._note = note
        self._is_thinking = self._is_within_line = False

    def text(self, piece: str) -> None:
        """Write a piece of the text."""
        if self._is_thinking:
            self.end()
            click.echo()
            self._is_thinking = False
        self._write(piece)

    def thinking(self, piece: str) -> None:
        """Write a piece of the thinking, where a person sees it: it is not part of the answer."""
        if self._clean:
            self._is_thinking = True
            self._write(piece)

    def note(self, line: str) -> None:
        """Say something on a line of its own."""
        self.end()
        self._note(line)

    def end(self) -> None:
        """End the line."""
        if self._is_within_line:
            click.echo()
        self._is_within_line = False

    def _write(self, piece: str) -> None:
        click.echo(printable(piece) if self._clean else piece, nl=False)
        self._is_within_line = not piece.endswith("\n")


class Plain:
    """Reads lines and writes text."""

    stops_at_mistakes = True

    def greet(self, line: str) -> None:
        """Say nothing: a program knows what it has called."""

    async def ask(self, before: str, default: str) -> str | None:
        """Return the next line of standard input; None at its end."""
        with interruptible():
            line = sys.stdin.buffer.readline()  # blocking: nothing else is going on
        return line.decode("utf-8", "replace").rstrip("\r\n") if line else None

    @contextlib.asynccontextmanager
    async def answering(self, model: str, interrupt: Callable[[], object]) -> AsyncIterator[PlainAnswer]:
        """Write an answer. Ctrl-C ends all of it."""
        answer = PlainAnswer(clean=sys.stdout.isatty(), note=self.note)
        with ended_by_signals():
            try:
                yield answer
            finally:
                answer.end()

    def note(self, line: str) -> None:
        """Say something on standard error."""
        say(line)

    def show(self, what: RenderableType) -> None:
        """Write to standard output."""
        from rich.console import Console

        Console(width=WIDTH, no_color=True).print(what)

    def said(self, text: str) -> None:
        """Show nothing: it stands in the input."""

    def answered(self, text: str) -> None:
        """Show nothing: who reads wants what is new."""
