"""`clarion check`: what in a code base will fail, or cost more than it must, on today's API."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clarion._plural import number_of
from clarion.cli._options import options
from clarion.cli._talk import ExitCode, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion.check.config import Config
    from clarion.check.inspection import Report

FORMATS = ("text", "json", "sarif", "github")

CODES = click.option("--select", multiple=True, help="Look only for these codes or names (CLA1 is all that begin so).")
IGNORE = click.option("--ignore", multiple=True, help="Do not look for these.")
EXCLUDE = click.option("--exclude", multiple=True, help="Leave out files and directories of this pattern.")
WHEN = (
    click.option(
        "--horizon", type=click.IntRange(min=0), help="Days within which a retirement is near.  [default: 90]"
    ),
    click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by.  [default: today]"),
)
FIXING = (
    click.option("--fix", is_flag=True, help="Mend what can be mended safely, and show what was changed."),
    click.option("--diff", is_flag=True, help="Show what --fix would change."),
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How findings are printed."
)
JOBS = click.option("-j", "--jobs", type=click.IntRange(min=1), help="Processes.  [default: as many as cores]")
TELLING = (
    click.option("--list", "as_list", is_flag=True, help="List what can be found, and exit."),
    click.option("--explain", metavar="CODE", help="Say what a code is about and what to do, and exit."),
)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@options(CODES, IGNORE, EXCLUDE, *WHEN, *FIXING, FORMAT, JOBS, *TELLING)
def check(
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    horizon: int | None,
    today: datetime | None,
    fix: bool,
    diff: bool,
    form: str,
    jobs: int | None,
    as_list: bool,
    explain: str | None,
) -> None:
    """Find what will fail, or cost too much, on today's API.

    PATHS are files and directories; without any, the working directory. [tool.clarion.check] in the pyproject.toml
    above the first of them has defaults.

    Exit codes: 0 nothing was found but notes, 1 something was, 2 wrong usage.
    """
    if as_list or explain is not None:
        _tell(explain)
        return
    from clarion.check.config import find

    paths = paths or (Path(),)
    config = find(paths[0])
    if select:
        config = replace(config, select=_split(select))
    config = replace(config, ignore=(*config.ignore, *_split(ignore)), exclude=(*config.exclude, *exclude))
    if horizon is not None:
        config = replace(config, horizon=horizon)
    reports = _reports(paths, config, today.date() if today else date.today(), jobs, form, fix=fix, diff=diff)
    if any(each.finding.gravity != "note" for report in reports for each in report.findings):
        click.get_current_context().exit(ExitCode.FAILED)


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _tell(explain: str | None) -> None:
    from clarion.check.codes import BY_CODE, CODES, codes_of

    if explain is None:
        for code in CODES:
            click.echo(f"{code.code} {code.name} ({code.severity}{', --fix' if code.fix else ''}): {code.summary}")
        return
    for each in sorted(codes_of(explain)):
        code = BY_CODE[each]
        click.echo(f"{code.code} {code.name} ({code.severity})\n{code.summary}\n{code.advice}")
        click.echo(f"--fix {code.fix}.\n{code.link}" if code.fix else code.link)


def _reports(
    paths: Sequence[Path], config: Config, today: date, jobs: int | None, form: str, *, fix: bool, diff: bool
) -> Sequence[Report]:
    """Look into all files, mend them if asked to, print what was found and say how much; return the reports."""
    from clarion._catalog import Catalog
    from clarion._settings import Settings
    from clarion.check.facts import Facts
    from clarion.check.sweep import Inspector, sweep
    from clarion.check.tree import files
    from clarion.cli._check import Mender, show, watched

    facts = Facts(catalog=Catalog.load(Settings.load().catalog), today=today, horizon=config.horizon)
    inspector = Inspector(config, facts)
    found = [*files(paths, exclude=config.exclude, root=config.root, gitignore=config.gitignore)]
    reports = [*watched(sweep(found, inspector, jobs), len(found))]
    mended = 0
    if fix or diff:
        mender = Mender(inspector, write=fix, to_stderr=form != "text")
        reports, mended = [*map(mender, reports)], mender.count
    show(reports, form)
    _sum_up(reports, mended=mended, wrote=fix)
    return reports


def _sum_up(reports: Sequence[Report], *, mended: int, wrote: bool) -> None:
    placed = [each for report in reports for each in report.findings]
    parts = [f"{number_of(len(placed), 'finding')} in {number_of(len(reports), 'file')}"]
    if mended:
        parts.append(f"{mended} {'mended' if wrote else 'would be mended'}")
    elif can := sum(bool(each.finding.edits) for each in placed):
        parts.append(f"--fix mends {can}, marked [*]")
    if placed:
        parts.append(f"--explain {placed[0].finding.code} says more")
    say("; ".join(parts))
