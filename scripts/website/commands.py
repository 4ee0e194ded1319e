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
    return HEAD + "".join(map(_section, _contexts(click.Context(cli, info_name="clarion", **cli.context_settings))))


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            _, command, _ = group.resolve_command(context, [name])
            assert command, name  # noqa: S101 -- a group has the commands that it lists
            yield from _contexts(click.Context(command, parent=context, info_name=name, **command.context_settings))


def _section(context: click.Context) -> str:
    context.terminal_width = WIDTH
    return f"\n## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
