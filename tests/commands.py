"""The commands of the command line, whole, as its groups find them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from clarion.cli import cli

__all__ = ["COMMANDS", "found"]


def found(words: Sequence[str]) -> tuple[click.Command, list[str]]:
    """Return the command that a command line names, and the words that are left for it."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        _, inner, rest = command.resolve_command(click.Context(command), rest)
        assert inner is not None
        command = inner
    return command, rest


def _walk(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.commands:
        words = (*path, name)
        command, _ = found(words)
        yield " ".join(words), command
        if isinstance(command, click.Group):
            yield from _walk(command, *words)


COMMANDS = dict(_walk(cli))
