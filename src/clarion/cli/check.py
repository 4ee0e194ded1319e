"""`clarion check`: what in a code base will fail, or cost more than it must, on today's API."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clarion.cli._talk import ExitCode, say

if TYPE_CHECKING:
    from clarion.check.inspection import Report


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--list", "as_list", is_flag=True, help="List what can be found, and exit.")
@click.option("--horizon", type=click.IntRange(min=0), help="Days within which a retirement is near.  [default: 90]")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by.  [default: today]")
def check(paths: tuple[Path, ...], as_list: bool, horizon: int | None, today: datetime | None) -> None:
    """Find what will fail, or cost too much, on today's API.

    PATHS are files and directories; without any, the working directory.

    Exit codes: 0 nothing was found but notes, 1 something was, 2 wrong usage.
    """
    from clarion._catalog import Catalog
    from clarion._settings import Settings
    from clarion.check.codes import BY_CODE, CODES
    from clarion.check.facts import HORIZON, Facts
    from clarion.check.inspection import inspect
    from clarion.check.tree import files

    if as_list:
        for code in CODES:
            click.echo(f"{code.code} {code.name} ({code.severity}{', --fix' if code.fix else ''}): {code.summary}")
        return
    facts = Facts(
        catalog=Catalog.load(Settings.load().catalog),
        today=today.date() if today else date.today(),
        horizon=HORIZON if horizon is None else horizon,
    )
    reports = [inspect(path, facts, frozenset(BY_CODE)) for path in files(paths or (Path(),))]
    for report in reports:
        _print(report)
    found = [each for report in reports for each in report.findings]
    say(f"{len(found)} finding{'s' * (len(found) != 1)} in {len(reports)} file{'s' * (len(reports) != 1)}")
    if any(each.finding.gravity != "note" for each in found):
        click.get_current_context().exit(ExitCode.FAILED)


def _print(report: Report) -> None:
    if report.unread:
        say(f"{report.path} was not looked into: it {report.unread}")
    for each in report.findings:
        click.echo(f"{report.path}:{each.line}:{each.column}: {each.finding.code} {each.finding.message}")
