"""Tables and texts as a chat shows them, without what could steer the terminal."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from clarion.cli._talk import printable


def grid() -> Table:
    """Return a table of names, or numbers, and what is said of them."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    return table


def table(first: str, *others: str) -> Table:
    """Return a table of figures, below headings."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def text(words: str, style: str = "") -> Text:
    """Return words in a style."""
    return Text(printable(words), style=style)


def headed(heading: str, more: str) -> Text:
    """Return a heading with more below it."""
    return Text.assemble((printable(heading), "bold"), "\n", (printable(more), "dim"))
