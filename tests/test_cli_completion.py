"""Completion, in the shells themselves; and what `--version` says."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clarion import Catalog, __version__
from clarion.cli import run

CapSys = pytest.CaptureFixture[str]
BIN = Path(sys.executable).parent
PATIENCE = 30  # seconds


def shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name} on this machine")
    return path


def surroundings() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "TERM": "dumb", "PS1": "> "}


def completed_by_bash(*words: str) -> list[str]:
    script = (
        'eval "$(clarion completion bash)"; '
        f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; "
        'compopt() { echo "compopt $1 $2"; }; _clarion_completion clarion; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = [shell("bash"), "--norc", "-c", script]
    return subprocess.run(
        command, env=surroundings(), capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout.split("\n")[:-1]


def test_bash_completes_commands() -> None:
    assert completed_by_bash("clarion", "co") == ["completion", "count"]
    assert completed_by_bash("clarion", "bulk", "re") == ["retry"]


def test_bash_completes_options() -> None:
    assert "--max-tokens" in completed_by_bash("clarion", "ask", "--max")


def test_bash_completes_models() -> None:
    assert "claude-opus-5-5" in completed_by_bash("clarion", "ask", "-m", "claude-opus-")
    assert completed_by_bash("clarion", "models", "sma") == ["smart"]


def test_bash_completes_ready_scenarios() -> None:
    assert completed_by_bash("clarion", "emulate", "--scenario", "monday") == ["monday-morning"]


@pytest.mark.parametrize("words", [("count", "READ"), ("ask", "-f", "READ"), ("bulk", "run", "READ"), ("demo", "x")])
def test_bash_is_left_to_complete_files(words: tuple[str, ...]) -> None:
    assert "compopt -o default" in completed_by_bash("clarion", *words)


def test_a_broken_catalogue_does_not_spoil_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "own.toml"
    broken.write_text("[[[")
    monkeypatch.setenv("CLARION_CATALOG", str(broken))

    assert completed_by_bash("clarion", "models", "sma") == ["smart"]


def test_fish_completes_commands_and_models() -> None:
    script = "clarion completion fish | source; complete -C 'clarion co'; complete -C 'clarion models sma'"

    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", script],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )

    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == ["completion", "count", "smart"]


def test_zsh_completes_commands_and_models() -> None:
    command = [shell("zsh"), "-f", "-i"]
    leader, follower = pty.openpty()
    try:
        process = subprocess.Popen(command, env=surroundings(), stdin=follower, stdout=follower, stderr=follower)
        try:
            os.write(leader, b'autoload -U compinit; compinit -u -D; eval "$(clarion completion zsh)"; echo rea""dy\n')
            seen(leader, "ready")
            os.write(leader, b"clarion coun\t")
            seen(leader, "clarion count")
            os.write(leader, b"\x15clarion models sma\t")
            seen(leader, "clarion models smart")
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(leader)
        os.close(follower)


def seen(terminal: int, text: str) -> None:
    """Read a terminal until it shows the text; fail with all that it has shown instead."""
    shown, end = "", time.monotonic() + PATIENCE
    while text not in shown.replace("\r", "").replace("\b", ""):
        left = end - time.monotonic()
        assert left > 0, shown
        if select.select([terminal], [], [], left)[0]:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")


def test_versions_are_told_line_by_line_with_clarion_first(capsys: CapSys) -> None:
    assert run(["--version"]) == 0

    lines = capsys.readouterr().out.splitlines()
    told = dict(line.split(" ", 1) for line in lines)
    assert lines[0] == f"clarion {__version__}"
    assert told["python"] == ".".join(map(str, sys.version_info[:3]))
    assert told["anthropic"].startswith("2.")
    assert told["catalogue"] == str(Catalog.load().as_of)
    assert "documents" in told["extras"].split()
