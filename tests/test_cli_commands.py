"""What the command line says of its commands before it has imported them."""

from __future__ import annotations

import click
import pytest

from clarion.cli import cli
from clarion.cli._lazy import LazyCommand
from commands import COMMANDS

GROUPS = {"": cli, **{path: command for path, command in COMMANDS.items() if isinstance(command, click.Group)}}
LISTED = {f"{path} {name}".strip(): listed for path, group in GROUPS.items() for name, listed in group.commands.items()}


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_is_listed_with_the_first_sentence_of_its_help(path: str) -> None:
    listed, command = LISTED[path], COMMANDS[path]

    assert isinstance(listed, LazyCommand)
    assert listed.name == command.name
    assert listed.short_help == command.get_short_help_str(limit=1000)


@pytest.mark.parametrize("path", GROUPS)
def test_a_list_shows_every_summary_whole(path: str) -> None:
    group = GROUPS[path]
    context = click.Context(group, info_name=path, terminal_width=80)

    listing = group.get_help(context).rpartition("Commands:")[2]

    assert listing.split() == [
        word for name, command in sorted(group.commands.items()) for word in f"{name} {command.short_help}".split()
    ]


def test_a_misspelt_command_is_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    from clarion.cli import run

    assert run(["modles"]) == 2
    assert "Did you mean 'models'?" in capsys.readouterr().err
