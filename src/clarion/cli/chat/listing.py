"""The commands that show something: help, models, conversations, what was found, what it cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from clarion._cost import Cost
from clarion._usage import Usage
from clarion.cli._talk import printable
from clarion.cli.bulk._words import dollars, many, span
from clarion.cli.chat.keeping import UNKEPT

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from clarion.cli.chat.session import Session

MOST = 20  # conversations, or turns that were found
KEYS = (
    ("Enter", "Send. A backslash before it, or Alt-Enter, begins a new line; a paste is sent as it is."),
    ("Ctrl-C", "Stop the answer, whose beginning is kept; or clear the line. Ctrl-D leaves."),
    ("Up, Ctrl-R", "What was written before. Ctrl-X Ctrl-E opens the editor, Tab completes commands."),
    ("//", "At the beginning of a message: sends one that begins with a slash."),
)


def help_page(commands: Sequence[tuple[str, str]]) -> RenderableType:
    """Return the commands and keys."""
    table = _grid()
    for name, summary in (*commands, ("", ""), *KEYS):
        table.add_row(_text(name, "bold"), _text(summary))
    return table


def models(session: Session) -> RenderableType:
    """Return the models that can be asked, with what names them in short."""
    catalog = session.claude.catalog
    table = _grid()
    for sheet in catalog.sheets():
        if sheet.lifecycle == "active" and not sheet.restricted:
            names = [name for name, id in catalog.presets.items() if id == sheet.id]
            mark = "→" if sheet.id == session.model else " "
            table.add_row(_text(f"{mark} {sheet.id}", "bold"), _text(", ".join(names)))
    return table


async def conversations(session: Session, argument: str) -> None:
    """List the conversations, those that changed last first."""
    if session.conversations is None:
        session.refuse(UNKEPT)
        return
    entries = await asyncio.to_thread(session.conversations.list)
    session.listed = [entry.name for entry in entries[:MOST]]
    if not entries:
        session.view.note("no conversation is kept yet")
        return
    table = _grid(number=True)
    for number, entry in enumerate(entries[:MOST], 1):
        mark = "→" if entry.name == session.conversation.name else " "
        more = "" if entry.first_words.startswith(entry.name) else entry.first_words
        turns = f"{entry.turns} turn{'s' * (entry.turns != 1)}"
        table.add_row(f"{mark}{number:>3}", _text(entry.name, "bold"), turns, _ago(entry.changed), _text(more, "dim"))
    session.view.show(table)
    if len(entries) > MOST:
        session.view.note(f"… and {len(entries) - MOST} more: /open completes their names, /search finds words")


async def search(session: Session, words: str) -> None:
    """Show where words were said."""
    if session.conversations is None:
        session.refuse(UNKEPT)
        return
    found = await asyncio.to_thread(session.conversations.search, words)
    session.listed = list(dict.fromkeys(place.name for place in found))
    if not found:
        session.view.note(f"nothing was said with {words!r}: whole words count")
        return
    table = _grid(number=True)
    for place in found:
        number = session.listed.index(place.name) + 1
        text = " ".join(place.text.split())
        table.add_row(f"{number:>4}", _text(place.name, "bold"), f"turn {place.turn}", "", _text(text))
    session.view.show(table)


async def cost(session: Session, argument: str) -> None:
    """Show what the conversation has used and cost, by model."""
    turns = session.conversation.turns
    if not turns:
        session.view.note("nothing has been said yet, and nothing spent")
        return
    table = _table("model", "turns", "in", "from cache", "out", "cost")
    for model in dict.fromkeys(turn.model for turn in turns):
        own = [turn for turn in turns if turn.model == model]
        usage = sum((turn.usage for turn in own), Usage())
        costs = [turn.cost for turn in own]
        price = dollars(sum((c.total for c in costs if c), Cost().total)) if all(costs) else "unknown"
        table.add_row(
            _text(model, "bold"),
            f"{len(own)}",
            many(usage.total_input_tokens),
            many(usage.cache_read_input_tokens),
            many(usage.output_tokens),
            price,
        )
    session.view.show(table)
    limit = f" of the budget of {dollars(session.budget)}" if session.budget is not None else ""
    session.view.note(f"this chat has spent {dollars(session.spent)}{limit}")


def _table(first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _grid(*, number: bool = False) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    if number:
        table.add_column(no_wrap=True)
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=2)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=3)
    else:
        table.add_column(no_wrap=True)
        table.add_column()
    return table


def _text(words: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(printable(words), style=style)


def _ago(then: float) -> str:
    """Return how long ago a time was, or its day."""
    seconds = time.time() - then
    if seconds < 60:
        return "just now"
    return f"{span(seconds)} ago" if seconds < 86_400 else f"{datetime.fromtimestamp(then):%Y-%m-%d}"
