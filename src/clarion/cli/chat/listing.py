"""The commands that show something: help, models, conversations, what was found, what it cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from clarion._cost import Cost
from clarion._plural import number_of
from clarion._usage import Usage
from clarion.cli.bulk._words import dollars, span
from clarion.cli.chat.keeping import UNKEPT
from clarion.cli.chat.tables import grid, headed, table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

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
    rows = grid()
    for name, summary in (*commands, ("", ""), *KEYS):
        rows.add_row(text(name, "bold"), text(summary))
    return rows


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
    rows = grid()
    for number, entry in enumerate(entries[:MOST], 1):
        mark = "→" if entry.name == session.conversation.name else " "
        first = "" if entry.first_words.startswith(entry.name) else entry.first_words
        turns = number_of(entry.turns, "turn")
        more = " · ".join(filter(None, (turns, _ago(entry.changed), first)))
        rows.add_row(f"{mark}{number:>3}", headed(entry.name, more))
    session.view.show(rows)
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
    rows = grid()
    for place in found:
        number = session.listed.index(place.name) + 1
        rows.add_row(f"{number:>4}", headed(place.name, f"turn {place.turn} · {' '.join(place.text.split())}"))
    session.view.show(rows)


async def cost(session: Session, argument: str) -> None:
    """Show what the conversation has used and cost, by model."""
    turns = session.conversation.turns
    if not turns:
        session.view.note("nothing has been said yet, and nothing spent")
        return
    rows = table("model", "turns", "in", "from cache", "out", "cost")
    for model in dict.fromkeys(turn.model for turn in turns):
        own = [turn for turn in turns if turn.model == model]
        usage = sum((turn.usage for turn in own), Usage())
        costs = [turn.cost for turn in own]
        price = dollars(sum((c.total for c in costs if c), Cost().total)) if None not in costs else "unknown"
        rows.add_row(
            text(model, "bold"),
            f"{len(own)}",
            f"{usage.total_input_tokens:,}",
            f"{usage.cache_read_input_tokens:,}",
            f"{usage.output_tokens:,}",
            price,
        )
    session.view.show(rows)
    limit = f" of the budget of {dollars(session.budget)}" if session.budget is not None else ""
    session.view.note(f"this chat has spent {dollars(session.spent)}{limit}")


def _ago(then: float) -> str:
    """Return how long ago a time was, or its day."""
    seconds = time.time() - then
    if seconds < 60:
        return "just now"
    return f"{span(seconds)} ago" if seconds < 86_400 else f"{datetime.fromtimestamp(then):%Y-%m-%d}"
