"""What a person has written: a message, a command, or a mistake. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion.cli.chat.commands import Command

LEAVING = ("exit", "quit", ":q")


@dataclass(frozen=True, slots=True)
class Message:
    """Something to send."""

    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """A command to carry out."""

    command: Command
    argument: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with what was written; nothing is sent."""

    why: str


def understood(text: str, commands: Mapping[str, Command]) -> Message | Order | Mistake:
    """Return what is meant by a text. A line that begins with // is sent with one slash."""
    bare = text.strip()
    if bare.lower() in LEAVING:
        return Order(commands["/quit"], "")
    if not bare.startswith("/"):
        return Message(text)
    if bare.startswith("//"):
        return Message(text.replace("/", "", 1))
    name, argument = [*bare.split(maxsplit=1), ""][:2]
    command = commands.get(name.lower())
    if command is None:
        return Mistake(_unknown(name, commands))
    if argument and not command.argument:
        return Mistake(f"{command.name} takes nothing after it")
    if not argument and command.argument and not command.argument.startswith("["):
        return Mistake(f"{command.name} needs {command.argument}")
    return Order(command, argument)


def _unknown(name: str, commands: Mapping[str, Command]) -> str:
    begun = [known for known in commands if len(name) > 1 and known.startswith(name.lower())]
    near = begun or difflib.get_close_matches(name.lower(), commands, n=1)
    meant = f"did you mean {' or '.join(near)}?" if near else "/help lists them."
    return f"no command {name!r}: {meant} To send it as it is, begin with //"
