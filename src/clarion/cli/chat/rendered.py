"""An answer as Markdown while it comes: what is finished stands, the rest is drawn anew from time to time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence

from rich.cells import set_cell_size
from rich.segment import Segment

from clarion.cli._live_lines import LiveLines
from clarion.cli._talk import printable
from clarion.cli.chat.markdown import Block, GrowingMarkdown
from clarion.cli.chat.page import DIM, Line, Page

FRAME = 0.08  # seconds between two pictures, at least
REST = 4  # times as long as a picture took, until the next
AROUND = 3  # rows that an answer under way leaves free
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class RenderedAnswer:
    """An answer, its thinking dim before it, notes, and below all a line that says what is going on."""

    def __init__(self, page: Callable[[], Page], write: Callable[[str], object], model: str) -> None:
        self._page = page
        self._model = model
        self._live = LiveLines(write)
        self._growing = GrowingMarkdown()
        self._is_thinking = False
        self._done: list[tuple[Sequence[Block], bool]] = []  # blocks that are not drawn yet, and whether dim
        self._notes: list[str] = []
        self._begun = time.monotonic()

    def text(self, piece: str) -> None:
        """Take a piece of the text."""
        self._take(piece, is_thinking=False)

    def thinking(self, piece: str) -> None:
        """Take a piece of the thinking."""
        self._take(piece, is_thinking=True)

    def note(self, line: str) -> None:
        """Say something above the answer."""
        self._notes.append(line)

    @contextlib.asynccontextmanager
    async def drawn(self) -> AsyncIterator[None]:
        """Draw it as it comes, and in the end what it has come to."""
        drawing = asyncio.create_task(self._draw_again_and_again())
        try:
            yield
        finally:
            drawing.cancel()
            await asyncio.wait([drawing])
            self._done.append((self._growing.end(), self._is_thinking))
            self._live.end(self._above(self._page()))
        if not drawing.cancelled():
            drawing.result()  # what went wrong with drawing

    async def _draw_again_and_again(self) -> None:
        for spinner in itertools.cycle(SPINNER):
            before = time.monotonic()
            self._draw(spinner)
            await asyncio.sleep(max(FRAME, REST * (time.monotonic() - before)))

    def _draw(self, spinner: str) -> None:
        page = self._page()
        self._done.append((self._growing.finished(), self._is_thinking))
        most = max(1, page.console.height - AROUND)
        lines = page.growing(self._growing.unfinished(), most=most, dim=self._is_thinking)
        seconds = time.monotonic() - self._begun
        doing = f"{spinner} {self._model} · {seconds:.0f} s · Ctrl-C stops"
        status = [Segment(set_cell_size(doing, page.console.width - 1).rstrip(), DIM)]
        below = [*lines, *([[]] if lines else []), status][-page.console.height :]
        self._live.draw(self._above(page), page.ansi(below).split("\n")[: len(below)])

    def _above(self, page: Page) -> str:
        """Return what has been finished since, as it will stand."""
        notes: list[Line] = [[Segment(printable(note), DIM)] for note in self._notes]
        lines = [line for blocks, dim in self._done for line in page.lines(blocks, dim=dim)]
        self._notes, self._done = [], []
        return page.ansi([*notes, *lines])

    def _take(self, piece: str, *, is_thinking: bool) -> None:
        if is_thinking != self._is_thinking:
            self._done.append((self._growing.end(), self._is_thinking))
            self._growing = GrowingMarkdown()
            self._is_thinking = is_thinking
        self._growing.add(printable(piece))
