"""`clarion usage`: what the calls in a ledger used and cost, by model, tag, day or hour."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clarion._plural import number_of
from clarion.cli._talk import printable, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from clarion._ledger import By, UsageRow

SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
BAR, REST = 24, 54  # characters of the longest bar, and of what stands beside it and the keys
EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


class Since(click.ParamType[datetime]):
    """A date, or a span before now."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time that is meant, in UTC."""
        if isinstance(value, datetime):
            return value
        if found := re.fullmatch(r"(\d{1,5})([hdw])", value):
            return datetime.now(UTC) - int(found[1]) * SPANS[found[2]]
        try:
            return datetime.combine(date.fromisoformat(value), time(), UTC)
        except ValueError:
            self.fail(f"{value!r} is neither a span such as 24h, 7d or 2w nor a date such as 2026-10-07", param, ctx)


@click.command()
@click.option(
    "--by", type=click.Choice(["model", "tag", "day", "hour"]), default="model", show_default=True, help="One row each."
)
@click.option("--tag", help="Only what has this tag: NAME, or NAME=VALUE.")
@click.option("--since", type=Since(), metavar="SPAN|DATE", help="24h, 7d, 2w, or a date (UTC), to the hour.")
@click.option("--csv", "shape", flag_value="csv", help="CSV, with all classes of tokens.")
@click.option("--json", "shape", flag_value="json", help="JSON, likewise.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: the setting]")
@click.option("--emulated", is_flag=True, help="What the emulator has answered, instead of the API.")
def usage(
    by: By, tag: str | None, since: datetime | None, shape: str | None, ledger: Path | None, emulated: bool
) -> None:
    """Show what calls used and cost, by a ledger.

    A service records its calls if it has a ledger: ClaudeService(ledger="usage.db"), `ledger` in clarion.toml, or
    CLARION_LEDGER. Days and hours are those of UTC. By tag, a call counts under each of its tags.
    """
    from clarion._ledger import LedgerFile
    from clarion._settings import Settings

    path = ledger or Settings.load().ledger
    if path is None:
        raise click.UsageError("which ledger? Pass --ledger FILE, or set CLARION_LEDGER or `ledger` in clarion.toml")
    if not path.is_file():
        raise click.UsageError(f"there is no ledger at {path}: a service makes it with its first call")
    from_then = since.timestamp() if since else None
    with LedgerFile.open(path, create=False) as file:
        rows = file.usage(by, since=from_then, tag=_tag(tag), emulated=emulated)
    match shape:
        case "csv":
            _write_csv(by, rows)
        case "json":
            _write_json(by, rows)
        case _:
            _show(by, rows, since=since, emulated=emulated)


def _tag(text: str | None) -> tuple[str, str | None] | None:
    if text is None:
        return None
    name, equals, value = text.partition("=")
    return name, value if equals else None


def _plain(by: str, row: UsageRow) -> dict[str, object]:
    """Return a row as it is written: the key under its name, money in US dollars, exact."""
    counts = {field.name: getattr(row, field.name) for field in fields(row) if field.name not in ("key", "cost_nano")}
    return {by: row.key, **counts, "cost": f"{row.cost:f}"}


def _write_csv(by: str, rows: Sequence[UsageRow]) -> None:
    import csv

    from clarion._ledger import UsageRow

    names = [by, *(field.name for field in fields(UsageRow) if field.name not in ("key", "cost_nano")), "cost"]
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_plain(by, row) for row in rows)


def _write_json(by: str, rows: Sequence[UsageRow]) -> None:
    import orjson

    click.echo(orjson.dumps([_plain(by, row) for row in rows], option=orjson.OPT_INDENT_2))


def _show(by: By, rows: Sequence[UsageRow], *, since: datetime | None, emulated: bool) -> None:
    from rich.console import Console

    if not rows:
        say("nothing is recorded there" if emulated else "nothing is recorded there (--emulated shows the emulator's)")
        return
    console = Console()
    longest = max(len(row.key) for row in rows)
    console.print(_table(by, rows, since, bar=max(4, min(BAR, console.width - REST - longest))))
    if unpriced := sum(row.unpriced for row in rows):
        say(f"the cost of {number_of(unpriced, 'call')} is not known, and left out of the sums: no price, or no answer")


def _table(by: By, rows: Sequence[UsageRow], since: datetime | None, *, bar: int) -> Table:
    from rich.box import SIMPLE
    from rich.markup import escape
    from rich.table import Table

    from clarion.cli.bulk._words import dollars, many

    begins = f" since {since:%Y-%m-%d %H:00}" if since else ""
    table = Table(title=f"Usage by {by}{begins}, UTC", box=SIMPLE, pad_edge=False)
    table.add_column(by, overflow="fold")
    for heading in ("calls", "failed", "in", "out", "cost"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    most = max(row.cost_nano for row in rows) or 1
    for row in rows:
        read = row.input_tokens + row.cache_write_5m_tokens + row.cache_write_1h_tokens + row.cache_read_tokens
        table.add_row(
            escape(printable(row.key)),
            f"{row.attempts:,}",
            f"{row.failures:,}",
            many(read),
            many(row.output_tokens),
            dollars(row.cost),
            _bar(row.cost_nano / most, bar),
        )
    if by != "tag":  # where a call may count several times
        table.add_section()
        table.add_row(
            "all", f"{sum(row.attempts for row in rows):,}", "", "", "", dollars(sum(row.cost for row in rows))
        )
    return table


def _bar(share: float, longest: int) -> str:
    """Return a bar of whole and eighths of blocks."""
    eighths = round(share * longest * 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8]
