from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
import pytest

from clarion import ClaudeService
from clarion.cli import run

CapSys = pytest.CaptureFixture[str]


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    path = tmp_path / "usage.db"
    with ClaudeService(emulate=True, ledger=path) as claude:
        claude.complete("Hi", tags={"team": "search"})
        claude.complete("Hi", model="cheap", tags={"team": "[ads]"})
    return str(path)


def usage(*arguments: str) -> int:
    return run(["usage", "--emulated", *arguments])


def test_usage_is_shown_with_bars(ledger: str, capsys: CapSys) -> None:
    code = usage("--ledger", ledger)

    out = capsys.readouterr().out
    assert code == 0
    assert "Usage by model, UTC" in out
    assert "claude-opus-5-5" in out
    assert "█" in out


def test_a_tag_is_shown_as_it_is(ledger: str, capsys: CapSys) -> None:
    usage("--ledger", ledger, "--by", "tag")

    assert "team=[ads]" in capsys.readouterr().out


def test_usage_is_given_as_json_and_csv(ledger: str, capsys: CapSys) -> None:
    usage("--ledger", ledger, "--json")
    from_json = orjson.loads(capsys.readouterr().out)
    usage("--ledger", ledger, "--csv")
    from_csv = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    assert [{name: str(value) for name, value in row.items()} for row in from_json] == from_csv
    assert from_json[0]["model"] == "claude-opus-5-5"
    assert float(from_json[0]["cost"]) > 0


def test_a_tag_and_a_time_choose_what_is_shown(ledger: str, capsys: CapSys) -> None:
    usage("--ledger", ledger, "--tag", "team=search", "--since", "2h", "--json")
    (row,) = orjson.loads(capsys.readouterr().out)
    usage("--ledger", ledger, "--since", "2100-01-01", "--json")

    assert row["attempts"] == 1
    assert orjson.loads(capsys.readouterr().out) == []


def test_what_the_emulator_answered_is_left_out_unless_asked_for(ledger: str, capsys: CapSys) -> None:
    code = run(["usage", "--ledger", ledger])

    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert "--emulated shows the emulator's" in err


def test_the_setting_names_the_ledger(ledger: str, capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_LEDGER", ledger)

    assert usage() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which ledger?"),
        (["--ledger", "nowhere.db"], "there is no ledger at nowhere.db"),
        (["--since", "yesterday"], "'yesterday' is neither a span such as 24h, 7d or 2w nor a date"),
    ],
)
def test_wrong_usage_says_what_to_do(arguments: list[str], said: str, capsys: CapSys) -> None:
    code = usage(*arguments)

    assert code == 2
    assert said in " ".join(capsys.readouterr().err.split())
