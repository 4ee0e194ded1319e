"""`clarion demo`: what Clarion does, seen in seconds, offline: a code review and a picture's description, streamed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clarion.cli._complete import files
from clarion.cli._talk import printable

if TYPE_CHECKING:
    from rich.table import Table

    from clarion import ClaudeService, Completion

PACE = 600.0  # tokens per second: quick, yet one sees it stream

REVIEW = "Review this code for security issues: name each one, its line and how to mend it."
REVIEWER = "You are a senior security reviewer. Be brief and exact."
DESCRIBE = "Describe this picture in a few sentences."


@click.command()
@click.argument("source", required=False, shell_complete=files)
@click.argument("picture", required=False, shell_complete=files)
def demo(source: str | None, picture: str | None) -> None:
    """See a code review and a picture's description, offline.

    Both are streamed, and what they would cost is shown. The emulator answers: with no key, for nothing. SOURCE and
    PICTURE are files of your own; by default, two that come with Clarion.
    """
    from clarion import ClaudeService
    from clarion.emulator import Emulator

    source, picture = source or _example("login_service.py"), picture or _example("coffee.jpg")
    with ClaudeService(emulate=Emulator(tokens_per_second=PACE)) as claude:
        review = _show(claude, source, REVIEW, system=REVIEWER)
        description = _show(claude, picture, DESCRIBE)
    _print_table({source: review, picture: description})


def _example(name: str) -> str:
    """Return a file that comes with Clarion: beside the package where it is installed, else in the checkout."""
    import clarion

    package = Path(clarion.__file__).parent
    homes = (package / "examples", package.parent.parent / "examples")
    return str(next((home / name for home in homes if (home / name).exists()), homes[0] / name))


def _show(claude: ClaudeService, file: str, question: str, system: str | None = None) -> Completion:
    from clarion._media import attachment

    click.secho(f"\n> {question}  [{Path(file).name}]\n", bold=True)
    with claude.stream([attachment(file), question], system=system) as stream:
        for text in stream:
            click.echo(printable(text), nl=False)
            sys.stdout.flush()
    click.echo()
    return stream.completion


def _print_table(sent: dict[str, Completion]) -> None:
    from rich.console import Console

    click.echo()
    Console().print(_table(sent))
    click.echo("No request left this machine: the emulator answered. Costs are what the API would have charged.")


def _table(sent: dict[str, Completion]) -> Table:
    from rich.table import Table

    models = ", ".join({completion.model for completion in sent.values()})
    table = Table(title="What was sent, and what it would cost", caption=f"to {models}")
    table.add_column("file", no_wrap=True)
    for heading in ("bytes", "tokens in", "tokens out", "cost", "first token"):
        table.add_column(heading, justify="right")
    for file, completion in sent.items():
        usage, first = completion.usage, completion.time_to_first_token
        table.add_row(
            Path(file).name,
            f"{Path(file).stat().st_size:,}",
            f"{usage.total_input_tokens:,}",
            f"{usage.output_tokens:,}",
            "unknown" if completion.cost is None else str(completion.cost),
            "-" if first is None else f"{first:.2f} s",
        )
    return table
