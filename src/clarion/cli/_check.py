"""What `clarion check` shows while it runs and when it is done, and the files it mends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from clarion.check import formats
from clarion.check.fixes import diff, mended, write
from clarion.check.inspection import Opened, Report, opened
from clarion.check.unparsable import Unparsable
from clarion.cli._talk import printable, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarion.check.sweep import Inspector

MANY = 500  # files from which on progress is shown


def watched(reports: Iterable[Report], total: int) -> Iterator[Report]:
    """Pass reports on, with a bar on a terminal where there are many."""
    if total < MANY or not sys.stderr.isatty():
        yield from reports
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        yield from progress.track(reports, total=total)


LINES = {"text": formats.text, "github": formats.github}
DOCUMENTS = {"json": formats.as_json, "sarif": formats.sarif}


def show(reports: Sequence[Report], form: str) -> None:
    """Print what was found, and say what was not looked into."""
    for report in reports:
        if report.unread:
            say(printable(f"{report.path} was not looked into: it {report.unread}"))
        if form in LINES:
            for line in LINES[form](report):
                click.echo(printable(line))
    if form in DOCUMENTS:
        import orjson

        click.echo(orjson.dumps(DOCUMENTS[form](reports), option=orjson.OPT_INDENT_2))


class Mender:
    """Mends files, or shows how they would be; `count` is how many findings that took away."""

    def __init__(self, inspector: Inspector, *, write: bool, to_stderr: bool) -> None:
        self._inspector = inspector
        self._write = write
        self._to_stderr = to_stderr
        self.count = 0

    def __call__(self, report: Report) -> Report:
        """Mend a file, and return what is left to be found in it; if it is only shown, the report as it was."""
        path = report.path
        if not any(placed.finding.edits for placed in report.findings) or not isinstance(file := opened(path), Opened):
            return report
        source, language = file
        try:
            done = mended(source.text, lambda text: self._inspector.findings(path, text, language))
        except Unparsable:  # it changed meanwhile
            return report
        if done.is_broken:
            say(f"{path} was not mended further: the change would have broken it; please report that")
        if done.text == source.text:
            return report
        if self._write:
            try:
                write(path, source.encode(done.text))
            except OSError as error:
                say(f"{path} cannot be written: {error.strerror or error}")
                return report
        self.count += done.findings
        click.echo(diff(path, source.text, done.text), nl=False, err=self._to_stderr)
        return self._inspector(path) if self._write else report
