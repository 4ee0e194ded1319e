from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import orjson
import pytest

from clarion._catalog import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.config import Config
from clarion.check.facts import Facts
from clarion.check.inspection import Report, inspect
from clarion.check.sweep import Inspector, sweep
from clarion.check.tree import files
from clarion.cli import run

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
BAD = 'MODEL = "claude-3-opus-20240229"\n'

CapSys = pytest.CaptureFixture[str]


def report(path: Path) -> Report:
    return inspect(path, FACTS, frozenset(BY_CODE))


def test_findings_have_lines_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("é = 1\r\nclaude_model = 'é'; MODEL = 'claude-2.1'\r\n".encode())

    (placed,) = report(path).findings
    assert placed.region == (2, 29, 2, 41)


@pytest.mark.parametrize(
    "comment", ["# clarion: ignore", "# clarion:ignore[CLA101]", "# x  # clarion: ignore[CLA999, cla101]"]
)
def test_a_comment_takes_a_finding_back(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(f'MODEL = "claude-2.1"  {comment}\n')

    assert report(path).findings == ()


def test_a_comment_of_another_code_or_line_takes_nothing_back(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f'MODEL = "claude-2.1"  # clarion: ignore[CLA102]\n{BAD}# clarion: ignore\n')

    assert len(report(path).findings) == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"claude\0", "is binary"),
        (b"claude = '\xff'", "is not in the encoding it should be"),
        (b"# coding: nonsense\nclaude = 1", "is not in the encoding it should be"),
        (b"print claude", "is not valid Python"),
        (b"claude = " + b"(" * 5000, "is not valid Python"),
        (b"claude = x" + b".a()" * 100_000, "is n"),
        (b"claude = x" + b".a()" * 900, "is nested too deeply"),
        (b"claude = " + b"-" * 200_000 + b"1", "is not valid Python"),
    ],
)
def test_what_cannot_be_looked_into_says_why(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)

    assert (report(path).unread or "").startswith(why)


def test_a_fifo_and_a_missing_file_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    assert report(tmp_path / "pipe.py").unread == "is no regular file"
    assert (report(tmp_path / "gone.py").unread or "").startswith("cannot be read")


def test_the_declared_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\ncafé = 1; MODEL = 'claude-2.1'\n".encode("latin-1"))

    assert [placed.region.column for placed in report(path).findings] == [19]


def test_the_command_prints_findings_and_fails(tmp_path: Path, capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(BAD)

    assert run(["check"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("a.py:1:9: CLA101 error: claude-3-opus-20240229 was retired on 2026-01-05")
    assert "1 finding" in err


def test_a_clean_tree_is_a_success_and_a_missing_path_wrong_usage(tmp_path: Path, capsys: CapSys) -> None:
    (tmp_path / "a.py").write_text("MODEL = 'claude-opus-5-5'\n")

    assert run(["check", str(tmp_path)]) == 0
    assert run(["check", str(tmp_path / "gone")]) == 2
    assert capsys.readouterr().out == ""


def test_the_day_and_the_horizon_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("MODEL = 'claude-sonnet-4-5'\n")

    assert run(["check", "--today", "2026-11-01", "--horizon", "10", str(tmp_path)]) == 0
    assert run(["check", "--today", "2026-11-01", "--horizon", "30", str(tmp_path)]) == 1


def test_mending_shows_a_diff_writes_and_leaves_nothing(tmp_path: Path, capsys: CapSys) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbf# \xc3\xa9\r\n" + BAD.encode())

    assert run(["check", "--diff", str(path)]) == 1
    shown = capsys.readouterr().out
    assert run(["check", "--fix", str(path)]) == 0
    out, err = capsys.readouterr()

    assert '-MODEL = "claude-3-opus-20240229"\n+MODEL = "claude-opus-5-5"\n' in out
    assert shown.startswith(out)
    assert "1 mended" in err
    assert path.read_bytes() == b'\xef\xbb\xbf# \xc3\xa9\r\nMODEL = "claude-opus-5-5"\n'


def test_showing_the_diff_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(BAD)

    assert run(["check", "--diff", str(path)]) == 1
    assert path.read_text() == BAD


def test_a_file_that_cannot_be_written_is_named_and_stays(
    tmp_path: Path, capsys: CapSys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text(BAD)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    assert run(["check", "--fix", str(path)]) == 1
    assert "cannot be written: No space left on device" in capsys.readouterr().err
    assert path.read_text() == BAD


def test_only_what_is_selected_is_found_and_mended(tmp_path: Path, capsys: CapSys) -> None:
    path = tmp_path / "a.py"
    path.write_text("from anthropic import HUMAN_PROMPT\n" + BAD)

    assert run(["check", "--fix", "--select", "CLA302,CLA4", str(path)]) == 1
    assert "CLA302" in capsys.readouterr().out
    assert BAD in path.read_text()
    assert run(["check", "--ignore", "removed-completions", "--ignore", "CLA1", str(path)]) == 0


def test_a_document_on_standard_output_stays_one(tmp_path: Path, capsys: CapSys) -> None:
    path = tmp_path / "a.py"
    path.write_text(BAD)

    assert run(["check", "--diff", "--format", "json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert orjson.loads(out)["findings"][0]["code"] == "CLA101"
    assert "+MODEL" in err


def test_notes_alone_are_a_success(tmp_path: Path, capsys: CapSys) -> None:
    path = tmp_path / "a.py"
    path.write_text("import clarion\nclarion.ClaudeService().complete('Hi', model='claude-2.1', temperature=0)\n")

    assert run(["check", str(path)]) == 0
    assert "CLA101 note" in capsys.readouterr().out


def test_a_code_is_explained_and_an_unknown_one_is_wrong_usage(capsys: CapSys) -> None:
    assert run(["check", "--explain", "CLA211"]) == 0
    assert "docs/check.md#cla211" in capsys.readouterr().out
    assert run(["check", "--explain", "CLA999"]) == 2
    assert run(["check", "--select", "nonsense"]) == 2


def test_several_processes_find_the_same_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(120):
        (tmp_path / f"{number:03}.py").write_text(BAD if number % 7 == 0 else "x = 1\n")
    inspector = Inspector(Config(), FACTS)
    paths = [*files([tmp_path])]
    monkeypatch.setattr("clarion.check.sweep.FEW", 10)

    together = [*sweep(paths, inspector, 2)]

    assert together == [*sweep(paths, inspector, 1)]
    assert sum(bool(report.findings) for report in together) == 18
