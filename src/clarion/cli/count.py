"""`clarion count`: how many input tokens files have, what share of a window that is, and what it costs to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clarion.cli import _complete
from clarion.cli._input import parts
from clarion.cli._options import EMULATE, SYSTEM, options
from clarion.cli._talk import say, show

if TYPE_CHECKING:
    from clarion.cli._counter import Row

DEFAULT_MODELS = ("fable", "opus", "sonnet", "haiku")


@click.command()
@click.argument("files", nargs=-1, required=True, shell_complete=_complete.files)
@click.option(
    "-m",
    "--model",
    "names",
    multiple=True,
    shell_complete=_complete.models,
    help="A model to count for.  [default: one of each line]",
)
@options(SYSTEM, EMULATE)
@click.option("--offline", is_flag=True, help="Estimate, without asking the API; no key is needed.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def count(
    files: tuple[str, ...], names: tuple[str, ...], system: str | None, emulate: bool, offline: bool, as_json: bool
) -> None:
    """Count the input tokens of FILES, model by model.

    FILES are texts, PDFs and images, in one prompt; '-' is standard input. The API counts, for nothing; with --offline,
    Clarion estimates. With several files, each is counted alone, too, for the first model.
    """
    if files.count("-") > 1:
        raise click.UsageError("standard input ('-') can be read only once")
    content = dict(zip(files, parts(files), strict=True))
    from clarion.cli._counter import Counter

    names = names or DEFAULT_MODELS
    counter = Counter(offline=offline, emulate=emulate, system=system)
    rows = [counter.row([*content.values()], name) for name in names]
    alone = {file: counter.tokens([part], names[0]) for file, part in content.items()}
    if as_json:
        _print_json(rows, alone, offline=offline)
    else:
        _print_table(rows)
        _print_alone(alone, rows[0].model)
    if offline:
        say("estimated offline; without --offline, the API counts exactly")


def _print_json(rows: list[Row], alone: dict[str, int], *, offline: bool) -> None:
    import json

    counts = {"estimated": offline, "models": [row._asdict() for row in rows], "files": alone}
    click.echo(json.dumps(counts, indent=2))


def _print_table(rows: list[Row]) -> None:
    """Print the rows as a table. A library that draws tables would take longer to import than the counting takes."""
    table = [("model", "tokens", "of the window", "$ to read"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for model, *numbers in table:
        cells = [f"{number:>{width}}" for number, width in zip(numbers, widths[1:], strict=True)]
        show("   ".join((f"{model:<{widths[0]}}", *cells)))


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.model,
        f"{row.tokens:,}",
        "?" if row.window is None else f"{row.window:.1%}",
        "?" if row.dollars is None else f"{row.dollars:.4f}",
    )


def _print_alone(alone: dict[str, int], model: str) -> None:
    if len(alone) < 2:
        return
    width = max(len(f"{tokens:,}") for tokens in alone.values())
    click.echo(f"\n{model}, each alone:")
    for file, tokens in alone.items():
        show(f"{tokens:>{width},}  {file}")
