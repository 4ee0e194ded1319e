"""The ways in which a run is shown: live on a terminal, in lines elsewhere, as JSON events, or not at all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, Self

from clarion._plural import number_of
from clarion.cli._talk import say
from clarion.cli.bulk._words import dollars, many, span
from clarion.cli.bulk.status import counted

if TYPE_CHECKING:
    from clarion.cli.bulk._view import View


class Show(Protocol):
    """Something that shows a run: `show` every so many seconds, `end` once, after its context has been left."""

    every: float

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...

    def say(self, line: str) -> None:
        """Say something besides."""

    def show(self, view: View) -> None:
        """Show how the run goes."""

    def end(self, view: View) -> None:
        """Show how it has ended."""


def show_on(*, as_json: bool, quiet: bool) -> Show:
    """Return the show that suits where standard error leads."""
    if as_json:
        return Events()
    if quiet:
        return Silence()
    if not sys.stderr.isatty():
        return Lines()
    from rich.console import Console

    console = Console(file=sys.stderr)
    if console.is_dumb_terminal or console.legacy_windows:  # which cannot take back what stands there
        return Lines()
    from clarion.cli.bulk._live import Live

    return Live(console)


class Plain:
    """A show with nothing to open or close, which says things on standard error as every command does."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def say(self, line: str) -> None:
        """Say something on standard error."""
        say(line)


class Lines(Plain):
    """A line every few seconds, on standard error."""

    every = 5.0

    def __init__(self) -> None:
        self._told: set[object] = set()

    def show(self, view: View) -> None:
        """Say in a line how the run goes."""
        self._tell(view)
        counts = view.counts
        parts = [f"{counts.done:,} done", f"{counts.failed:,} failed", f"{counts.open:,} left"]
        if counts.postponed:
            parts[-1] += f" ({counts.postponed:,} postponed)"
        parts.append(f"batches {view.batches:,}" if view.batches else f"{view.in_flight:,} in flight")
        if view.rates:
            parts.append(f"{many(view.rates.rows)} rows/s")
        say(" · ".join([*parts, money(view), f"{span(view.left)} to go"]))

    def end(self, view: View) -> None:
        """Say what the run has come to."""
        self._tell(view)
        conclude(view)

    def _tell(self, view: View) -> None:
        for adjustment in view.adjustments:
            if adjustment not in self._told:
                self._told.add(adjustment)
                say(str(adjustment))
        for name in view.refused:
            if name not in self._told:
                self._told.add(name)
                say(f"calls fail with {name}; the last: {view.errors[-1]}")


class Silence(Plain):
    """Nothing, but what it has come to where rows have failed or are left."""

    every = 60.0

    def show(self, view: View) -> None:
        """Show nothing."""

    def end(self, view: View) -> None:
        """Say what has failed, or is left."""
        if view.counts.failed or view.counts.open:
            conclude(view)


class Events(Plain):
    """JSON on standard output, an event a line."""

    every = 1.0

    def show(self, view: View) -> None:
        """Print how the run goes."""
        self._print("progress", view)

    def end(self, view: View) -> None:
        """Print what the run has come to, and why it was stopped."""
        self._print("end", view, stopped=view.stopped)

    def _print(self, event: str, view: View, **more: object) -> None:
        import orjson

        told = {"event": event, **facts(view), **more}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()


def facts(view: View) -> dict[str, Any]:
    """Return a view as JSON data; times in seconds, money in US dollars, rates a second, limits a minute."""
    from dataclasses import asdict

    return {
        "elapsed": round(view.elapsed, 3),
        **counted(view.counts, view.totals),
        "in_flight": view.in_flight,
        "waiting": view.waiting,
        "batches": view.batches,
        "rates": asdict(view.rates) if view.rates else None,
        "seconds_left": view.left,
        "forecast": None if view.forecast is None else float(view.forecast),
        "budget": None if view.budget is None else float(view.budget),
        "limits": {
            group: {name: {"limit": limit, "left": left} for name, (limit, left, _) in standing.limits.items()}
            for group, standing in view.standings.items()
        },
        "refused": dict(view.refused),
        "errors": list(view.errors),
        "failures": dict(view.failures),
        "adjustments": [str(adjustment) for adjustment in view.adjustments],
    }


def money(view: View) -> str:
    """Return what a job has cost, will cost, and may cost."""
    parts = [dollars(view.cost)]
    if view.forecast is not None and view.counts.open:
        parts.append(f"of about {dollars(view.forecast)}")
    if view.budget is not None:
        parts.append(f"(budget {dollars(view.budget)})")
    return " ".join(parts)


def conclude(view: View) -> None:
    """Say what a run has come to, and what may be done next."""
    counts = view.counts
    parts = [f"{counts.done + counts.twins:,} of {number_of(counts.all, 'row')} done"]
    if counts.failed:
        names = ", ".join(f"{name} {rows:,}" for name, rows in view.failures.items())
        parts.append(f"{counts.failed:,} failed ({names})")
    if counts.open:
        parts.append(f"{counts.open:,} left")
    say(", ".join(parts) + f" · {money(view)} · {span(view.elapsed)}")
    if counts.failed:
        say(f"see what failed: clarion bulk export {view.job} --failures FILE")
        say(f"put it back, to be tried again: clarion bulk retry {view.job}")
    if counts.open:
        say(f"go on: clarion bulk run {view.job}")
    elif not counts.failed:
        say(f"the results: clarion bulk export {view.job} -o FILE")
