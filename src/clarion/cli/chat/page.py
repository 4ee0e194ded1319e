"""Markdown as lines for a terminal, block by block, so that a block looks the same whenever it is rendered.

Lines are not padded, and code is not broken: the terminal breaks it, and gives it back whole when it is copied.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import ClassVar

from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, HorizontalRule, Markdown, MarkdownElement, TableElement
from rich.segment import Segment, SegmentLines
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from clarion.cli.chat.markdown import Block

Line = list[Segment]

CODE = "ansi_dark"  # takes the colours of the terminal
CODES = ("fence", "code_block")
RULE = "─" * 24
DIM = Style(dim=True)

THEME = Theme(
    {
        "markdown.h1": "bold underline",
        "markdown.h2": "bold underline",
        "markdown.h3": "bold",
        "markdown.h4": "bold italic",
        "markdown.code": "cyan",
        "markdown.code_block": "cyan",
        "markdown.block_quote": "dim",
        "markdown.hr": "dim",
        "markdown.item.bullet": "bold",
        "markdown.item.number": "bold",
        "markdown.link": "bold",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
        "markdown.link_url": "underline",
    }
)


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class _Code(CodeBlock):
    """Code within a list or a quotation, which has to be broken there."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(str(self.text).rstrip(), self.lexer_name, theme=CODE, word_wrap=True, background_color="default")


class _Rule(HorizontalRule):
    new_line = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(RULE, style=console.get_style("markdown.hr"))


class _Table(TableElement):
    """A table of which nothing is left out where it is too wide: its cells are broken."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Tokens(Markdown):
    """Markdown that has been parsed already."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "hr": _Rule,
        "table_open": _Table,
    }

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__("", code_theme=CODE, hyperlinks=False)
        self.parsed = [*tokens]


class Page:
    """Renders blocks for one terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def lines(self, blocks: Iterable[Block], *, dim: bool = False) -> list[Line]:
        """Return the lines of finished blocks, an empty one after each."""
        return [line for block in blocks for line in [*self._block(block, dim=dim), []]]

    def growing(self, blocks: Sequence[Block], *, most: int, dim: bool = False) -> list[Line]:
        """Return at most so many lines, the last ones, of blocks that are not finished; all fit the terminal."""
        lines: list[Line] = []
        for block in reversed(blocks):
            if len(lines) >= most:
                break
            lines = [*self._block(_end_of(block, most), dim=dim, broken=True), [], *lines]
        return lines[:-1][-most:] if most > 0 else []

    def ansi(self, lines: Iterable[Line]) -> str:
        """Return lines as text with escape sequences, each with its end."""
        with self.console.capture() as captured:
            self.console.print(SegmentLines(lines, new_lines=True), end="", crop=False, soft_wrap=True)
        return captured.get()

    def _block(self, block: Block, *, dim: bool, broken: bool = False) -> list[Line]:
        first = block.tokens[0]
        lines = self._code(first) if first.type in CODES and not broken else self._rendered(block.tokens)
        return [list(Segment.apply_style(line, post_style=DIM)) if dim else line for line in lines]

    def _rendered(self, tokens: Sequence[Token]) -> list[Line]:
        options = self.console.options.update(height=None)
        lines = self.console.render_lines(_Tokens(tokens), options, pad=False)
        return _without_edges([_without_end(line) for line in lines])

    def _code(self, token: Token) -> list[Line]:
        language = token.info.partition(" ")[0] or "text"
        code = Syntax("", language, theme=CODE, background_color="default").highlight(token.content.rstrip("\n"))
        code.rstrip()
        options = self.console.options.update(width=max(1, *(line.cell_len for line in code.split("\n"))))
        return [
            list(self.console.render_lines(line, options, pad=False)[0]) for line in code.split("\n", allow_blank=True)
        ]


def _end_of(block: Block, most: int) -> Block:
    """Return a block of code with its last lines alone, as many as will be seen."""
    first = block.tokens[0]
    if first.type not in CODES:
        return block
    code = first.content.rstrip("\n").split("\n")[-most:]
    return Block((first.copy(content="\n".join(code)),), block.line)


def _without_end(line: Line) -> Line:
    """Return a line without the blanks at its end."""
    kept = list(line)
    while kept:
        last = kept[-1]
        if last.style and (last.style.bgcolor or last.style.underline):
            break
        if text := last.text.rstrip(" "):
            kept[-1] = Segment(text, last.style)
            break
        kept.pop()
    return kept


def _without_edges(lines: list[Line]) -> list[Line]:
    """Return lines without empty ones at the beginning and the end."""
    inner = itertools.dropwhile(lambda line: not line, lines)
    return [*itertools.dropwhile(lambda line: not line, reversed([*inner]))][::-1]
