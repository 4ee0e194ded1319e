from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from clarion._catalog import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.facts import Facts
from clarion.check.inspection import Report, inspect
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
