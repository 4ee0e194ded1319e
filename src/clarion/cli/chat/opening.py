"""How a chat begins, goes from message to message, and ends."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion.cli._talk import ExitCode
from clarion.cli.chat.commands import COMMANDS, TABLE
from clarion.cli.chat.recap import recap
from clarion.cli.chat.session import Session
from clarion.cli.chat.spoken import Message, Mistake, Order, understood

if TYPE_CHECKING:
    from clarion import AsyncClaudeService, AsyncConversation
    from clarion.cli.chat.prompt import Line
    from clarion.cli.chat.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options ask for. Without `store`, conversations that are kept are in the user's data folder."""

    resume: bool
    name: str | None
    store: Path | None
    is_kept: bool
    emulate: bool
    budget: Decimal | None
    markdown: bool
    quiet: bool
    options: dict[str, Any]


async def run(wanted: Wanted, *, is_interactive: bool) -> ExitCode:
    """Chat until the person leaves, or the input ends."""
    from clarion import AsyncClaudeService

    store = wanted.store or (data_folder() / "conversations.db" if wanted.is_kept else None)
    async with AsyncClaudeService(emulate=wanted.emulate or None) as claude:
        session = Session(
            claude,
            await _opened(claude, store, wanted),
            store=store,
            options=wanted.options,
            budget=wanted.budget,
            quiet=wanted.quiet,
        )
        if not is_interactive:
            from clarion.cli.chat.plain import Plain

            return await talk(session, Plain())
        from clarion.cli.chat.screen import Screen
        from clarion.cli.chat.signals import ended_by_signals

        history = data_folder() / "chat-history" if wanted.is_kept else None
        line = _line(session, history)
        with ended_by_signals(), line.session.input.raw_mode():  # keys between two lines wait for the next
            return await talk(session, Screen(line, markdown=wanted.markdown))


async def talk(session: Session, view: View) -> ExitCode:
    """Take one message or command after the other. Where nobody is there to mend a mistake, the first one ends it."""
    session.view = view
    view.greet(f"{session.model} · {_shown(session.store)} · /help lists the commands")
    if session.conversation.turns:
        recap(view, session.conversation.turns)
    while not session.is_over:
        before = "".join(f"[{attached.name}] " for attached in session.attached)
        draft, session.draft = session.draft, ""
        text = await view.ask(before, draft)
        if text is None:
            break
        if text.strip():
            session.code = None
            await _take(session, text)
        if session.code and view.stops_at_mistakes:
            return session.code
    return ExitCode.DONE


def _shown(store: Path | None) -> str:
    if store is None:
        return "nothing is kept"
    home = Path.home()
    return f"~/{store.relative_to(home)}" if store.is_relative_to(home) else str(store)


async def _take(session: Session, text: str) -> None:
    match understood(text, COMMANDS):
        case Message(said):
            await session.say(said)
        case Order(command, argument):
            try:
                await command.run(session, argument)
            except Exception as error:  # noqa: BLE001 -- tell() raises what is a bug
                session.tell(error)
        case Mistake(why):
            session.refuse(why)
            session.draft = text


async def _opened(claude: AsyncClaudeService, store: Path | None, wanted: Wanted) -> AsyncConversation:
    """Return the conversation to go on with. Raises UsageError if there is none."""
    name = wanted.name
    if wanted.resume and store is not None:
        from clarion import Conversations

        kept = Conversations(store).list()
        if not kept:
            raise click.UsageError(f"no conversation is kept in {store} yet: begin one without -c")
        name = kept[0].name
    return await claude.conversation(store=store, name=name, on_full="summarize", **wanted.options)


def data_folder() -> Path:
    """Return the user's data folder, for nobody else to read. Raises UsageError if it cannot be made."""
    from platformdirs import user_data_path

    folder = user_data_path("clarion", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = f"{error.strerror}: pass --store FILE, or --no-store to keep nothing"
        raise click.UsageError(f"cannot keep conversations in {folder}: {why}") from error
    return folder


def _line(session: Session, history: Path | None) -> Line:
    from prompt_toolkit.application import get_app

    from clarion.cli.chat.asking import LEVELS
    from clarion.cli.chat.prompt import Line, Words
    from clarion.cli.chat.status import fitted, status

    catalog = session.claude.catalog
    choices = {
        "model": lambda: sorted({*catalog.presets, *(sheet.id for sheet in catalog.sheets() if not sheet.is_retired)}),
        "effort": lambda: LEVELS,
        "conversation": session.names,
    }
    return Line(
        history=history,
        completer=Words([(command.name, command.kind, command.summary) for command in TABLE], choices),
        toolbar=lambda: fitted(status(session), get_app().output.get_size().columns),
    )
