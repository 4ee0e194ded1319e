"""A run on a terminal: a bar, numbers and limits that change in place."""

from __future__ import annotations

import contextlib
import io
import threading
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.segment import SegmentLines
from rich.table import Table
from rich.text import Text

from clarion._plural import number_of
from clarion.cli._live_lines import LiveLines
from clarion.cli._talk import printable, say
from clarion.cli.bulk._shows import conclude, money
from clarion.cli.bulk._words import many, span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, RenderableType

    from clarion.cli.bulk._view import View

SHOWN = 3  # errors, and adjustments
LIMITS = {"requests": "requests", "input_tokens": "tokens in", "output_tokens": "tokens out"}


class Live:
    """Shows a run in place, on standard error. Whatever else is written there meanwhile stands above it."""

    every = 0.5

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines = LiveLines(self._write)
        self._drawn: list[str] = []
        self._redirection = contextlib.ExitStack()
        self._turn = threading.RLock()  # others write from their threads
        self._is_open = False

    def __enter__(self) -> Self:
        self._redirection.enter_context(contextlib.redirect_stderr(_Above(self._put_above)))
        self._is_open = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._turn:
            self._redirection.close()
            self._is_open = False
            self._lines.end()

    def say(self, line: str) -> None:
        """Say something above what changes."""
        if self._is_open:
            self._put_above(f"{printable(f'clarion: {line}')}\n")
        else:
            say(line)

    def show(self, view: View) -> None:
        """Put this view in the place of the last."""
        with self._turn:
            most = max(1, self._console.height - 1)
            lines = self._console.render_lines(picture(view), pad=False)[:most]
            with self._console.capture() as captured:
                self._console.print(SegmentLines(lines, new_lines=True), end="", crop=False, soft_wrap=True)
            self._drawn = captured.get().split("\n")[: len(lines)]
            self._lines.draw("", self._drawn)

    def end(self, view: View) -> None:
        """Leave on the screen what stays true."""
        for adjustment, rows in view.adjustments.items():
            say(f"{adjustment} ({number_of(rows, 'row')})")
        conclude(view)

    def _put_above(self, lines: str) -> None:
        with self._turn:
            self._lines.draw(lines, self._drawn[: max(1, self._console.height - 1)])

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()


class _Above(io.TextIOBase):
    """Stands in for standard error, and passes on whole lines."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self._put = put
        self._begun = ""

    def write(self, text: str) -> int:
        *whole, self._begun = f"{self._begun}{text}".split("\n")
        if whole:
            self._put("".join(f"{line}\n" for line in whole))
        return len(text)


def picture(view: View) -> RenderableType:
    """Return a view as something to print."""
    lines: list[RenderableType] = [_bar(view), _rows(view), _money(view)]
    if limits := _limits(view):
        lines.append(limits)
    lines += [
        _line("adjusted", f"{adjustment} ({rows:,})") for adjustment, rows in list(view.adjustments.items())[:SHOWN]
    ]
    if view.refused:
        lines.append(_line("failed calls", " · ".join(f"{rows:,} {name}" for name, rows in view.refused.items())))
    lines += [_line("error", error) for error in _last(view.errors)]
    return Group(*lines)


def _bar(view: View) -> Table:
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(ratio=1)
    for _ in range(2):
        grid.add_column(justify="right", no_wrap=True)
    bar = ProgressBar(total=1, completed=view.share)
    grid.add_row(bar, f"{_percent(view.share)} of {view.counts.all - view.counts.twins:,}", f"{span(view.left)} to go")
    return grid


def _rows(view: View) -> Text:
    counts = view.counts
    parts = [("done", f"{counts.done:,}"), ("failed", f"{counts.failed:,}")]
    parts += [("in batches", f"{view.batches:,}")] if view.batches else [("in flight", f"{view.in_flight:,}")]
    parts += [("waiting", f"{view.waiting:,}"), ("postponed", f"{counts.postponed:,}")]
    if view.rates:
        parts.append(("rows/s", many(view.rates.rows)))
    return _facts(parts)


def _money(view: View) -> Text:
    return _facts([("", money(view)), ("", f"after {span(view.elapsed)}")])


def _limits(view: View) -> Table | None:
    """Return a row for each limit: how fast it is used, and of what."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    for group, standing in view.standings.items():
        if len(view.standings) > 1:
            table.add_row(group)
        for name, (limit, left, _) in standing.limits.items():
            rate = _rate(view, name)
            used = f"{many(60 * rate)} a minute" if rate is not None else ""
            share = f"{_percent(60 * rate / limit)} of {many(limit)}" if rate is not None else f"of {many(limit)}"
            table.add_row(LIMITS[name], used, share, f"{many(max(0.0, left))} left")
        if standing.opens_in:
            table.add_row("closed", f"{span(standing.opens_in)}", "", "")
    return table if table.row_count else None


def _rate(view: View, name: str) -> float | None:
    """Return how fast a limit is used, a second; where several groups have limits of their own, none is known."""
    return getattr(view.rates, name) if view.rates and len(view.standings) == 1 else None


def _facts(parts: list[tuple[str, str]]) -> Text:
    text = Text(overflow="ellipsis", no_wrap=True)
    for index, (name, value) in enumerate(parts):
        text.append(" · " if index else "", "dim")
        text.append(value)
        text.append(f" {name}" if name else "", "dim")
    return text


def _line(name: str, what: str) -> Text:
    return Text.assemble((f"{name} ", "dim"), " ".join(printable(what).split()), overflow="ellipsis", no_wrap=True)


def _last(errors: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(reversed(errors)))[:SHOWN]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"
