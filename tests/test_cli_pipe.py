"""Commands whose output is read by one that leaves before its end, as `head` does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from clarion.cli import run

CapSys = pytest.CaptureFixture[str]

COMMANDS = [
    "--help",
    "--version",
    "ask Hi --emulate --no-stream",
    "ask Hi --emulate --stream",
    "ask Hi --emulate --json",
    "bulk --help",
    "bulk cost soup.csv --prompt {{soup}} --emulate",
    "bulk export soup.job",
    "bulk export soup.job -o -",
    "bulk export soup.job -o /dev/stdout",
    "bulk status soup.job",
    "bulk status soup.job --json",
    "check old.py",
    "completion bash",
    "count --offline soup.csv",
    "digest soup.csv Summarise --emulate",
    "digest soup.csv Summarise --emulate --estimate",
    "doctor",
    "models",
    "models opus",
    "repair history.json",
    "usage --emulated --ledger usage.db",
    "usage --emulated --ledger usage.db --csv",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with something to read for every command."""
    folder = tmp_path_factory.mktemp("pipe")
    (folder / "soup.csv").write_text("soup\nGood\nBad\n")
    (folder / "old.py").write_text("model = 'claude-3-opus-20240229'\n")
    (folder / "history.json").write_bytes(orjson.dumps([{"role": "user", "content": "Hi"}]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("CLARION_LEDGER", "usage.db")
        making = ["bulk", "run", "soup.csv", "--prompt", "{{ soup }}", "--job", "soup.job", "--emulate"]
        assert run(making) == 0
    return folder


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A pipe that nobody reads any more, to write to."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_ends_quietly_when_its_reader_has_left(
    command: str, folder: Path, left: int, monkeypatch: pytest.MonkeyPatch, capsys: CapSys
) -> None:
    monkeypatch.chdir(folder)

    with open(left, "w", closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        code = run(command.split())

    assert code == 141
    assert not {"Broken", "Errno", "Traceback"} & set(capsys.readouterr().err.split())


@pytest.mark.parametrize("arguments", [["models"], ["models", "--all"], ["--help"]])
def test_a_process_says_nothing_at_its_end_either(arguments: list[str], left: int) -> None:
    ended = subprocess.run([sys.executable, "-m", "clarion", *arguments], stdout=left, stderr=subprocess.PIPE)

    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("arguments", [["models", "unheard-of"], ["ask", "Hi", "--emulate"]])
def test_talk_that_nobody_hears_ends_a_command_as_well(arguments: list[str], left: int) -> None:
    ended = subprocess.run([sys.executable, "-m", "clarion", *arguments], stdout=subprocess.PIPE, stderr=left)

    assert ended.returncode == 141
