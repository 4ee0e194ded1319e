"""The commands that say how the next message is asked, and what goes with it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from clarion.cli._options import EFFORTS
from clarion.cli.chat.session import Attached
from clarion.cli.chat.tables import grid, text

if TYPE_CHECKING:
    from rich.table import Table

    from clarion.cli.chat.session import Session

URL = re.compile(r"https?://", re.IGNORECASE)
LEVELS = (*EFFORTS, "off")


async def model(session: Session, name: str) -> None:
    """Go on with another model, or list those there are."""
    catalog = session.claude.catalog
    if not name:
        session.view.show(_models(session))
        return
    if catalog.find(name) is None and not name.startswith("claude-"):
        near = catalog.near(name)
        session.refuse(f"no model {name!r}: " + (f"did you mean {' or '.join(near)}?" if near else "/model lists them"))
        return
    await session.conversation.change(model=name)
    unknown = "" if catalog.find(name) else ", which is not in the catalogue and is asked for as it is"
    session.view.note(f"the next answer is from {session.model}{unknown}")


async def system(session: Session, text: str) -> None:
    """Set, remove or show the system prompt."""
    if not text:
        session.view.note(f"system prompt: {session.conversation.config.system or 'none'}")
        return
    await session.conversation.change(system=None if text == "-" else text)
    session.view.note("there is no system prompt now" if text == "-" else "the system prompt is set")


async def think(session: Session, level: str) -> None:
    """Set or show how hard is thought."""
    if not level:
        session.view.note(f"thinking: {session.conversation.config.thinking or 'as the model has it'}")
    elif level.lower() not in LEVELS:
        session.refuse(f"no level {level!r}: it is one of {', '.join(LEVELS)}")
    else:
        await session.conversation.change(thinking=level.lower())  # type: ignore[arg-type]  # one of LEVELS
        session.view.note(f"thinking: {level.lower()}")


async def image(session: Session, source: str) -> None:
    """Attach an image, which is looked at now, or by the API if it is at an address."""
    from clarion._media import Image

    if URL.match(source):
        _attach(session, Attached(source, Image(source)), "which the API fetches")
        return
    path = path_of(source)
    part = Image(path)
    tokens = await asyncio.to_thread(part.tokens)
    _attach(session, Attached(path.name, part), f"{tokens:,} tokens")


async def file(session: Session, source: str) -> None:
    """Attach a file, by what it holds."""
    from clarion._media import attachment

    path = path_of(source)
    part = await asyncio.to_thread(attachment, path)
    _attach(session, Attached(path.name, part), f"{path.stat().st_size:,} bytes")


async def drop(session: Session, argument: str) -> None:
    """Drop what is attached."""
    session.view.note(
        f"dropped {', '.join(a.name for a in session.attached)}" if session.attached else "nothing is attached"
    )
    session.attached = []


async def retry(session: Session, argument: str) -> None:
    """Ask again what has no answer, or, in a fork, what has one."""
    if session.unanswered is not None:
        await session.send(session.unanswered)
        return
    turns = session.conversation.turns
    if not turns or turns[-1].kind == "summary":
        session.refuse("there is no message to ask again")
        return
    prompt = turns[-1].messages[0]["content"]
    session.go_on_with(await session.conversation.fork(at=-1))
    await session.send(prompt)


def path_of(text: str) -> Path:
    """Return the path that a person wrote, or dropped into the terminal: quoted, escaped, from the home directory."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return Path(text.replace("\\ ", " ")).expanduser()


def _attach(session: Session, attached: Attached, more: str) -> None:
    session.attached.append(attached)
    session.view.note(f"attached {attached.name} ({more}); it goes with the next message")


def _models(session: Session) -> Table:
    """Return the models that can be asked, with what names them in short."""
    catalog = session.claude.catalog
    rows = grid()
    for sheet in catalog.sheets():
        if sheet.lifecycle == "active" and not sheet.restricted:
            names = [name for name, id in catalog.presets.items() if id == sheet.id]
            mark = "→" if sheet.id == session.model else " "
            rows.add_row(text(f"{mark} {sheet.id}", "bold"), text(", ".join(names)))
    return rows
