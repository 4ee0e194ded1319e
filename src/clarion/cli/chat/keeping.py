"""The commands that change which conversation goes on, and where it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from clarion._plural import number_of
from clarion.cli.chat.asking import path_of
from clarion.cli.chat.recap import recap

if TYPE_CHECKING:
    from clarion import AsyncConversation
    from clarion.cli.chat.session import Session

FORMATS: dict[str, Literal["markdown", "json"]] = {".md": "markdown", ".markdown": "markdown", ".json": "json"}
UNKEPT = "conversations are not kept here (--no-store)"


async def new(session: Session, argument: str) -> None:
    """Begin another conversation."""
    await session.begin()
    session.view.note("a new conversation")


async def fork(session: Session, argument: str) -> None:
    """Go on in another conversation: from all turns, some, or with the answer that could not be added to this one."""
    if session.moved is not None and not argument:
        conversation = await session.conversation.fork(moved=session.moved)
    else:
        count = _count(session, argument)
        if count is None:
            return
        conversation = await session.conversation.fork(at=count if argument else None)
    _go_on(session, conversation)


async def rewind(session: Session, argument: str) -> None:
    """Go back before the last messages; the first of them is there to be changed."""
    count = _count(session, argument or "1")
    if not count:
        return
    text = session.conversation.turns[-count].prompt
    _go_on(session, await session.conversation.fork(at=-count))
    session.draft = text


async def open_(session: Session, name: str) -> None:
    """Go on with another conversation, and show where it stands."""
    if session.conversations is None:
        session.refuse(UNKEPT)
        return
    names = [entry.name for entry in await asyncio.to_thread(session.conversations.list)]
    found = chosen(name, names, session.listed)
    if len(found) != 1:
        session.refuse(
            f"{name!r} may be {', '.join(map(repr, found[:5]))}"
            if found
            else f"no conversation {name!r}: /list shows them"
        )
        return
    await session.open(found[0])
    recap(session.view, session.conversation.turns)


async def rename(session: Session, name: str) -> None:
    """Give the conversation another name."""
    if session.store is None:
        session.refuse(UNKEPT)
        return
    await session.conversation.rename(name)
    session.view.note(f"this is {name!r} now")


async def delete(session: Session, name: str) -> None:
    """Delete a conversation for good."""
    if session.conversations is None:
        session.refuse(UNKEPT)
        return
    await asyncio.to_thread(session.conversations.delete, name)
    session.view.note(f"deleted {name!r}")
    if session.conversation.name == name:
        await session.begin()
        session.view.note("a new conversation")


async def save(session: Session, target: str) -> None:
    """Write the conversation to a file, whole or not at all; none that somebody else made is replaced."""
    path = path_of(target)
    format = FORMATS.get(path.suffix.lower())
    if format is None:
        session.refuse(f"{path}: the name ends in .md to be read, or in .json to have everything")
        return
    if path.exists() and path.resolve() not in session.saved:
        session.refuse(f"{path} is there already: take another name")
        return
    try:
        await asyncio.to_thread(_write, path, session.conversation.export(format=format))
    except OSError as error:
        session.refuse(f"cannot write {path}: {error.strerror or error}")
        return
    session.saved.add(path.resolve())
    session.view.note(f"saved to {path}")


def chosen(name: str, names: Sequence[str], listed: Sequence[str]) -> list[str]:
    """Return the conversations that are meant by a name, the beginning of one, or a number in the last list."""
    if name in names:
        return [name]
    if name.isdecimal() and 1 <= int(name) <= len(listed):
        return [listed[int(name) - 1]]
    return [known for known in names if known.lower().startswith(name.lower())]


def _count(session: Session, argument: str) -> int | None:
    """Return a number of turns; None, and say so, if there are not so many."""
    turns = len(session.conversation.turns)
    if not argument:
        return turns
    if not argument.isdecimal() or not 1 <= int(argument) <= turns:
        session.refuse(
            f"{argument!r} is no number of turns: there are {turns}" if turns else "nothing has been said yet"
        )
        return None
    return int(argument)


def _go_on(session: Session, conversation: AsyncConversation) -> None:
    before = session.conversation.name
    session.go_on_with(conversation)
    stays = f"; {before!r} stays as it is" if before else ""
    turns = len(conversation.turns)
    here = repr(conversation.name) if conversation.name else "a new conversation"
    session.view.note(f"going on in {here} with {number_of(turns, 'turn')}{stays}")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
