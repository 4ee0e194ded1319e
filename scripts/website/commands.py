"""The page of the commands: what each says of itself with `--help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clarion.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100
HEAD = """# Commands

What each command says of itself with `--help`. [The command line](cli.md) shows them at work.
"""


def page() -> str:
    """The page, a section a command."""
    return HEAD + "".join(map(_section, _contexts(click.Context(cli, info_name="clarion"))))


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in sorted(context.command.commands.items()):
            settings = command.context_settings
            yield from _contexts(click.Context(command, parent=context, info_name=name, **settings))


def _section(context: click.Context) -> str:
    context.terminal_width = WIDTH
    return f"\n## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
