"""What is shown of a run: rates and forecasts that follow from moments, in words and on terminals of any width."""

from __future__ import annotations

import io
import sys
from decimal import Decimal
from typing import Any

import pyte
import pytest
from rich.console import Console

from clarion._fit import Adjustment
from clarion._pacing import Standing
from clarion.bulk.tally import Counts, Totals
from clarion.cli.bulk._live import Live, picture
from clarion.cli.bulk._shows import Lines, facts, show_on
from clarion.cli.bulk._view import Meter, Rates, View
from clarion.cli.bulk._words import dollars, many, span

CapSys = pytest.CaptureFixture[str]


def counts(**rows: int) -> Counts:
    return Counts(**dict.fromkeys(("ready", "leased", "done", "failed", "postponed", "twins"), 0) | rows)


def totals(**used: int) -> Totals:
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "cost_nano", "attempts")
    return Totals(**dict.fromkeys(names, 0) | used)


def view(**others: Any) -> View:
    standing = Standing(limits={"requests": (1000.0, 12.3, 0.0)}, in_flight=5, waiting=3, opens_in=2.0)
    known: dict[str, Any] = {
        "job": "a.job",
        "elapsed": 65.0,
        "counts": counts(done=300, failed=2, ready=698),
        "totals": totals(cost_nano=3_020_000_000, attempts=310),
        "rates": Rates(rows=10.0, requests=15.0, input_tokens=2e4, output_tokens=1e3),
        "standings": {"claude-haiku-5-5": standing},
        "refused": {"overloaded_error": 8},
        "errors": ("Overloaded", "Overloaded", "no\x1b[2J soup " * 20),
        "adjustments": {Adjustment("max-tokens", "changed", "max_tokens is bounded"): 7},
        "budget": Decimal(25),
    }
    return View(**known | others)


def test_rates_are_taken_over_the_last_seconds_only() -> None:
    meter = Meter()

    first = meter.rates(0.0, counts(), totals())
    for second in range(1, 61):
        rates = meter.rates(second, counts(done=100 if second < 30 else 10 * second), totals(attempts=second))

    assert first is None
    assert rates is not None
    assert (rates.rows, rates.requests) == (10.0, 1.0)


def test_a_forecast_and_the_time_that_is_left_follow_from_what_is_done() -> None:
    assert view().forecast == Decimal(10)
    assert view().left == 69.8
    assert view(counts=counts(ready=5)).forecast is None
    assert view(rates=None).left is None


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_picture_keeps_to_the_width_and_lets_nobody_steer_the_terminal(width: int) -> None:
    out = io.StringIO()

    Console(file=out, width=width, force_terminal=False).print(picture(view()))

    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    assert "\x1b" not in shown
    assert "30 % of 1,000" in shown
    assert "300 done" in shown


def test_the_picture_tells_limits_money_adjustments_and_errors() -> None:
    out = io.StringIO()

    Console(file=out, width=100).print(picture(view()))

    shown = out.getvalue()
    for part in ("900 a minute", "90 % of 1,000", "12 left", "closed", "$3.02 of about $10.00 (budget $25.00)"):
        assert part in shown
    assert "adjusted max-tokens: max_tokens is bounded (7)" in shown
    assert "failed calls 8 overloaded_error" in shown
    assert shown.count("error Overloaded") == 1


def test_what_is_said_stands_above_what_changes(capsys: CapSys) -> None:
    out = io.StringIO()
    live = Live(Console(file=out, width=80, force_terminal=True))

    with live:
        live.show(view())
        live.say("stopping")
    live.end(view(failures={"refusal": 2}))

    assert "clarion: stopping" in out.getvalue()
    err = capsys.readouterr().err
    assert "300 of 1,000 rows done, 2 failed (refusal 2), 698 left" in err
    assert "go on: clarion bulk run a.job" in err


def test_what_others_say_meanwhile_stands_above_and_the_picture_keeps_to_the_height(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = pyte.HistoryScreen(80, 5, history=100)
    stream = pyte.Stream(screen)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "write", lambda text: stream.feed(text.replace("\n", "\r\n")))
    live = Live(Console(file=terminal, width=80, height=5, force_terminal=True))

    with live:
        live.show(view())
        print("a warn", end="", file=sys.stderr)
        print("ing", file=sys.stderr)
        live.show(view())
        shown = [line.rstrip() for line in screen.display]
    live.say("afterwards")

    assert shown[0] == "a warning"
    assert "30 % of 1,000" in shown[1]
    assert "300 done" in shown[2]
    assert not screen.history.top
    assert "".join(screen.display[1:]).strip() == ""


@pytest.mark.parametrize(("term", "shown"), [("xterm-256color", Live), ("dumb", Lines)])
def test_a_run_is_shown_in_place_where_the_terminal_can(
    monkeypatch: pytest.MonkeyPatch, term: str, shown: type[Any]
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", term)

    assert isinstance(show_on(as_json=False, quiet=False), shown)


def test_lines_tell_of_each_kind_of_failure_once(capsys: CapSys) -> None:
    lines = Lines()

    lines.show(view())
    lines.show(view())

    said = capsys.readouterr().err.splitlines()
    assert sum("calls fail with overloaded_error" in line for line in said) == 1
    assert "300 done · 2 failed · 698 left · 0 in flight · 10 rows/s · $3.02 of about $10.00" in said[-1]


def test_the_facts_of_a_view_are_plain_data() -> None:
    found = facts(view())

    assert found["limits"] == {"claude-haiku-5-5": {"requests": {"limit": 1000.0, "left": 12.3}}}
    assert (found["done"], found["cost"], found["forecast"]) == (300, 3.02, 10.0)


def test_numbers_read_well() -> None:
    assert [span(seconds) for seconds in (None, 0, 59.6, 200, 7500, 200_000)] == [
        "?", "0 s", "1 m 00 s", "3 m 20 s", "2 h 05 m", "2 d 7 h",
    ]  # fmt: skip
    assert [many(number) for number in (0, 0.25, 12, 9999, 12_345, 450_000, 2e6, 3.1e9)] == [
        "0", "0.2", "12", "9,999", "12.3 k", "450 k", "2.0 M", "3.1 G",
    ]  # fmt: skip
    assert [dollars(amount) for amount in (0, 0.01234, 1, Decimal("1234.5"))] == [
        "$0.0000", "$0.0123", "$1.00", "$1,234.50",
    ]  # fmt: skip
