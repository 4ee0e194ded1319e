"""Showing how a digest goes, in place on a terminal and in lines elsewhere; and stopping it by signals."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from clarion._plural import number_of
from clarion.cli._talk import printable, say
from clarion.cli.bulk._words import dollars, span

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clarion import DigestProgress

PHASES = {
    "reading": "reading the documents",
    "noting": "taking notes",
    "merging": "putting notes together",
    "answering": "answering",
    "done": "done",
}
LIVE_EVERY, LINE_EVERY = 0.1, 5.0  # seconds
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Watch:
    """Shows how a digest goes, and takes SIGINT and SIGTERM over while its context lasts.

    The first signal lets the calls end that are under way; the second drops them.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._region: Any = None
        self._started = time.monotonic()
        self._shown_at = float("-inf")
        self._phase = ""
        self._progress: DigestProgress | None = None
        self._before: dict[signal.Signals, Any] = {}
        self.signal: signal.Signals | None = None

    def __enter__(self) -> Self:
        for each in SIGNALS:
            self._before[each] = signal.signal(each, self._came)
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._region = Live(console=Console(stderr=True), auto_refresh=False, transient=True, redirect_stderr=False)
            self._region.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.end()
        for each, before in self._before.items():
            signal.signal(each, before)

    def end(self) -> None:
        """Show nothing more."""
        if self._region is not None:
            self._region.stop()
            self._region = None

    def show(self, progress: DigestProgress) -> None:
        """Show where it stands, unless that was shown just now."""
        self._progress = progress
        if self.signal:
            progress.stop()
        if self._quiet:
            return
        now = time.monotonic()
        is_new = progress.phase != self._phase
        if not is_new and now - self._shown_at < (LIVE_EVERY if self._region else LINE_EVERY):
            return
        self._shown_at, self._phase = now, progress.phase
        if self._region is not None:
            self._region.update(self._picture(progress), refresh=True)
        elif progress.phase != "done":
            say(self._line(progress))

    def _came(self, number: int, _: object) -> None:
        is_first, self.signal = self.signal is None, signal.Signals(number)
        if not is_first:
            raise KeyboardInterrupt
        self._tell("stopping: calls that are under way may end; once more drops them")
        if self._progress:
            self._progress.stop()

    def _tell(self, line: str) -> None:
        if self._region is not None:
            self._region.console.print(f"clarion: {line}", markup=False, highlight=False)
        else:
            say(line)

    def _line(self, progress: DigestProgress) -> str:
        parts = [PHASES[progress.phase]]
        if progress.phase == "reading":
            return f"{parts[0]}: {number_of(progress.pieces, 'piece')}"
        parts.append(f"{progress.calls_done:,} of {progress.calls:,}")
        if progress.reused:
            parts.append(f"{progress.reused:,} made before")
        if progress.failed:
            parts.append(f"{progress.failed:,} failed")
        parts.append(_money(progress))
        return " · ".join(parts)

    def _picture(self, progress: DigestProgress) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        if progress.phase == "reading":
            grid.add_row(PHASES["reading"], "", f"{number_of(progress.pieces, 'piece')}")
            return grid
        bar = ProgressBar(total=max(1, progress.calls), completed=progress.calls_done)
        grid.add_row(PHASES[progress.phase], bar, f"{progress.calls_done:,} of {progress.calls:,}")
        facts = [f"{progress.under_way:,} under way"]
        facts += [f"{progress.reused:,} made before"] if progress.reused else []
        facts += [f"{progress.failed:,} failed"] if progress.failed else []
        facts += [_money(progress), f"after {span(time.monotonic() - self._started)}"]
        lines: list[RenderableType] = [grid, Text(" · ".join(facts), overflow="ellipsis", no_wrap=True)]
        lines += [
            Text(f"error {printable(error)}", overflow="ellipsis", no_wrap=True) for error in progress.errors[-3:]
        ]
        return Group(*lines)


def _money(progress: DigestProgress) -> str:
    estimate = progress.estimate
    if progress.cost is None or estimate is None or estimate.cost is None:
        return "price unknown"
    return f"{dollars(progress.cost)} of about {dollars(estimate.cost)}"
