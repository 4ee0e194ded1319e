"""`clarion chat`: a conversation in the terminal, or in a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from clarion.cli._options import ASKING, asked, options
from clarion.cli._talk import ExitCode
from clarion.cli.chat.typeahead import waiting


@click.command()
@click.option("-c", "--continue", "resume", is_flag=True, help="Go on with the conversation that changed last.")
@click.option("--name", help="Go on with the conversation of this name, or begin it.")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep conversations here.  [default: your data folder]",
)
@click.option("--no-store", is_flag=True, help="Keep nothing: no conversation, and no history of what you write.")
@options(*ASKING)
@click.option("--budget", type=click.FloatRange(min=0), help="US dollars all of the chat may cost.")
@click.option("--markdown/--no-markdown", default=True, help="Render Markdown, or show text as it comes.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what each turn used and cost.")
def chat(
    resume: bool,
    name: str | None,
    store: Path | None,
    no_store: bool,
    emulate: bool,
    budget: float | None,
    markdown: bool,
    quiet: bool,
    **asking: Any,
) -> ExitCode:
    """Talk with Claude in the terminal.

    Answers are rendered as they come; Ctrl-C stops one and keeps its beginning. /help lists the commands, for models,
    images, costs, forks and more. Conversations are kept in your data folder. In a pipe, each line is a message.

    \b
    clarion chat
    clarion chat -c
    clarion chat --name thesis -m opus --think high
    echo "What is a monad?" | clarion chat
    """  # noqa: D301 -- click wants the character
    if resume and name:
        raise click.UsageError("-c goes on with the conversation that changed last, --name with one that you name")
    if no_store and (resume or name or store):
        raise click.UsageError("--no-store keeps nothing, so there is nothing to go on with")
    is_interactive = sys.stdin.isatty() and sys.stdout.isatty()
    with waiting() if is_interactive else contextlib.nullcontext():
        from clarion.cli.chat.opening import Wanted, run

        wanted = Wanted(
            resume=resume,
            name=name,
            store=store,
            is_kept=not no_store,
            emulate=emulate,
            budget=None if budget is None else Decimal(str(budget)),
            markdown=markdown,
            quiet=quiet,
            options=asked(**asking),
        )
        try:
            return asyncio.run(run(wanted, is_interactive=is_interactive))
        except asyncio.CancelledError:  # by a signal
            return ExitCode.TERMINATED
