"""The commands of a chat, in one table: what is carried out, completed and listed by /help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clarion.cli.chat import asking, keeping, listing

if TYPE_CHECKING:
    from clarion.cli.chat.session import Session

Kind = Literal["", "model", "effort", "file", "conversation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: what comes after its name, in brackets if it need not, and of which kind that is."""

    name: str
    argument: str = ""
    kind: Kind = ""
    summary: str
    run: Callable[[Session, str], Awaitable[None]]


async def help_(session: Session, argument: str) -> None:
    """Show the table, and the keys."""
    session.view.show(listing.help_page([(f"{c.name} {c.argument}".strip(), c.summary) for c in TABLE]))


async def leave(session: Session, argument: str) -> None:
    """End the chat."""
    session.is_over = True


TABLE = (
    Command(name="/help", summary="Show this.", run=help_),
    Command(
        name="/model",
        argument="[NAME]",
        kind="model",
        summary="Go on with another model; without a name, list them.",
        run=asking.model,
    ),
    Command(
        name="/system",
        argument="[TEXT]",
        summary="Set the system prompt; '-' removes it, nothing shows it.",
        run=asking.system,
    ),
    Command(
        name="/think",
        argument="[LEVEL]",
        kind="effort",
        summary="Think low, medium, high, xhigh, max or off, and show it.",
        run=asking.think,
    ),
    Command(
        name="/image",
        argument="FILE|URL",
        kind="file",
        summary="Attach an image to the next message.",
        run=asking.image,
    ),
    Command(name="/file", argument="FILE", kind="file", summary="Attach a text, PDF or image.", run=asking.file),
    Command(name="/drop", summary="Drop what is attached.", run=asking.drop),
    Command(name="/retry", summary="Ask the last message again; an answer to it stays where it is.", run=asking.retry),
    Command(
        name="/rewind",
        argument="[N]",
        summary="Go back before the last message, or N of them, in a fork.",
        run=keeping.rewind,
    ),
    Command(
        name="/fork",
        argument="[N]",
        summary="Go on in another conversation, from all turns or the first N.",
        run=keeping.fork,
    ),
    Command(name="/new", summary="Begin another conversation.", run=keeping.new),
    Command(name="/list", summary="List the conversations that are kept.", run=listing.conversations),
    Command(
        name="/open",
        argument="NAME",
        kind="conversation",
        summary="Go on with another, by its name or its number in the list.",
        run=keeping.open_,
    ),
    Command(name="/search", argument="WORDS", summary="Find where something was said.", run=listing.search),
    Command(name="/rename", argument="NAME", summary="Give this conversation a name.", run=keeping.rename),
    Command(
        name="/delete",
        argument="NAME",
        kind="conversation",
        summary="Delete a conversation for good, by its whole name.",
        run=keeping.delete,
    ),
    Command(name="/cost", summary="Show what this conversation has used and cost.", run=listing.cost),
    Command(
        name="/save",
        argument="FILE",
        kind="file",
        summary="Write this conversation to FILE.md, to be read, or FILE.json.",
        run=keeping.save,
    ),
    Command(name="/quit", summary="Leave; so does Ctrl-D.", run=leave),
)
COMMANDS = {command.name: command for command in TABLE}
