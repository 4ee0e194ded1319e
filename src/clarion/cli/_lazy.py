"""Groups of commands that import a command when it is run, so that `--help` and the other commands are quick."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyCommand(click.Command):
    """A command as its group lists it: a name and a summary. The whole one is imported from its own module."""

    def __init__(self, name: str, summary: str, *, package: str) -> None:
        super().__init__(name, short_help=summary)
        self._home = f"{package}.{name}", name

    def whole(self) -> click.Command:
        """Import the command: the attribute of its name in the module of its name."""
        module, attribute = self._home
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


class LazyGroup(click.Group):
    """A group made of a table: the names of its commands, each a module of `package`, and their summaries.

    Listing, completing and correcting commands needs the table alone.
    """

    def __init__(self, *, package: str, summaries: Mapping[str, str], **kwargs: Any) -> None:
        commands = [LazyCommand(name, summary, package=package) for name, summary in summaries.items()]
        super().__init__(commands=commands, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, as any group does, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.whole() if isinstance(command, LazyCommand) else command, rest
