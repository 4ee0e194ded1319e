"""A chat on a terminal: answers rendered as they come, above the line in which the next message is written."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleDimensions
from rich.text import Text

from clarion._plural import number_of
from clarion.cli._talk import printable
from clarion.cli.chat.keys import watched
from clarion.cli.chat.markdown import blocks
from clarion.cli.chat.page import DIM, THEME, Page
from clarion.cli.chat.plain import PlainAnswer
from clarion.cli.chat.rendered import RenderedAnswer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clarion.cli.chat.prompt import Line

SHOWN = 12  # lines of a message that are shown again


class Noted(io.TextIOBase):
    """A file whose lines are said in another way: what the log and warnings say while an answer is drawn."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._begun = ""

    def write(self, text: str) -> int:
        """Say the lines that are whole."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._say(line)
        return len(text)


class Screen:
    """A person's terminal, in which `line` asks for the next message."""

    stops_at_mistakes = False

    def __init__(self, line: Line, *, markdown: bool) -> None:
        self._line = line
        self._console = Console(theme=THEME, highlight=False)
        self._page = Page(self._console)
        self._markdown = markdown and not self._console.is_dumb_terminal

    def greet(self, line: str) -> None:
        """Say it in a dim line."""
        self.note(line)

    async def ask(self, before: str, default: str) -> str | None:
        """Return what the person has written."""
        text = await self._line.ask(before, default)
        if text and text.lstrip().startswith("/"):
            self.note(f"> {text.strip().splitlines()[0]}")
        return text

    @contextlib.asynccontextmanager
    async def answering(
        self, model: str, interrupt: Callable[[], object]
    ) -> AsyncIterator[PlainAnswer | RenderedAnswer]:
        """Show an answer; Ctrl-C interrupts it."""
        with watched(self._line.session.input, self._line.session.output, interrupt):
            if self._markdown:
                answer = RenderedAnswer(self._fitted, self._write, model)
                async with answer.drawn():
                    with contextlib.redirect_stderr(Noted(answer.note)):
                        yield answer
            else:
                plain = PlainAnswer(clean=True, note=self.note)
                try:
                    yield plain
                finally:
                    plain.end()
                    self._console.print()

    def note(self, line: str) -> None:
        """Say something in a dim line."""
        self._fitted().console.print(Text(printable(line), style=DIM))

    def show(self, what: RenderableType) -> None:
        """Show what was asked for."""
        self._fitted().console.print(what)
        self._console.print()

    def said(self, text: str) -> None:
        """Show what the person has said; of a long text, how it begins."""
        lines = printable(text).split("\n")
        self._console.print()
        marks = itertools.chain(">", itertools.repeat("·"))
        for mark, line in zip(marks, lines[:SHOWN], strict=False):
            self._console.print(Text.assemble((f"{mark} ", DIM), (line, "bold")), soft_wrap=True)
        if len(lines) > SHOWN:
            self.note(f"· … {number_of(len(lines) - SHOWN, 'more line')}, {len(text):,} characters in all")
        self._console.print()

    def answered(self, text: str) -> None:
        """Show an answer of before."""
        if self._markdown:
            page = self._fitted()
            self._write(page.ansi(page.lines(blocks(printable(text)))))
        else:
            self._console.print(Text(f"{printable(text)}\n"), soft_wrap=True)

    def _fitted(self) -> Page:
        """Return the page, as wide as the terminal is now."""
        size = self._line.session.output.get_size()
        self._console.size = ConsoleDimensions(size.columns, size.rows)
        return self._page

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
