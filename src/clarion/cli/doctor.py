"""`clarion doctor`: what keeps a program from calling Claude on this machine."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clarion.cli._options import EMULATE, options
from clarion.cli._talk import ExitCode, printable, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarion.doctor import Line, Surroundings

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


@click.command()
@options(EMULATE)
@click.option("--deep", is_flag=True, help="Make one paid call, of one token, to see the rate limits of answers.")
@click.option("--job", "jobs", multiple=True, type=click.Path(path_type=Path), help="A job to look at; repeatable.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: the setting]")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=10, show_default=True, help="Seconds for an answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def doctor(
    emulate: bool, deep: bool, jobs: tuple[Path, ...], ledger: Path | None, timeout: float, as_json: bool
) -> None:
    """Find what keeps a program from calling Claude on this machine.

    It looks at the installation, the settings, credentials, the way to the API, its clock, models and limits, the
    ledger, and jobs. Each line is ok, warn, fail or skipped, with what to do. Secrets are never shown.

    Exit codes: 0 nothing failed, 1 something did.
    """
    from clarion.doctor import Surroundings, examine

    around = Surroundings(
        environ=os.environ,
        now=time.time,
        today=date.today(),
        free=lambda folder: shutil.disk_usage(folder).free,
        timeout=timeout,
        jobs=jobs,
        ledger=ledger,
        deep=deep,
        emulate=emulate,
    )
    if deep:
        say(_price(around))
    lines = list(_shown(examine(around), as_json=as_json))
    if any(line.verdict == "fail" for line in lines):
        click.get_current_context().exit(ExitCode.FAILED)


def _price(around: Surroundings) -> str:
    """Say what the call of --deep costs at most."""
    from clarion._cost import Unpriced, cost_of
    from clarion._usage import Usage
    from clarion.doctor.access import deep_call

    body = deep_call(around)
    usage = Usage(input_tokens=50, output_tokens=body["max_tokens"])
    cost = cost_of(body["model"], usage, served={}, facts=around.model)
    price = cost.reason if isinstance(cost, Unpriced) else f"at most ${cost.total:.6f}"
    return f"--deep makes one call of {body['model']}: {price}"


def _shown(lines: Iterable[Line], *, as_json: bool) -> Iterator[Line]:
    """Show lines as they come, or all of them at the end, and yield them."""
    if as_json:
        yield from _as_json(lines)
    elif sys.stdout.isatty():
        yield from _as_table(lines)
    else:
        yield from _as_text(lines)


def _as_json(lines: Iterable[Line]) -> Iterator[Line]:
    from dataclasses import asdict

    import orjson

    found = list(lines)
    told = {"ok": all(line.verdict != "fail" for line in found), "lines": [asdict(line) for line in found]}
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    yield from found


def _as_text(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        click.echo(printable(f"{line.verdict:<8}{line.name}: {line.found}").replace("\n", " "))
        if line.fix:
            click.echo(printable(f"{'':8}-> {line.fix}").replace("\n", " "))
        yield line


def _as_table(lines: Iterable[Line]) -> Iterator[Line]:
    from rich.box import SIMPLE
    from rich.live import Live
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("found", ratio=3, overflow="fold")
    table.add_column("what to do", ratio=2, overflow="fold")
    with Live(table, auto_refresh=False) as live:
        for line in lines:
            colour = COLOURS[line.verdict]
            found, fix = (escape(printable(text).replace("\n", " ")) for text in (line.found, line.fix))
            table.add_row(f"[{colour}]{line.verdict}[/]", line.name, found, fix)
            live.update(table, refresh=True)
            yield line
