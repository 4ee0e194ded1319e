"""What Clarion leaves on a disk: who may read it, where it lies, and that what was said cannot become a statement."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeService, Conversations, Job, Ledger
from clarion.cli import run
from clarion.emulator import Emulator

HOSTILE = (
    "x'; drop table calls; --",
    'x"; drop table row; --',
    "%s %d {0} ?1 :name @name $name",
    'a" OR "b" NEAR(c) *',
    "../../../etc/passwd",
    "/etc/passwd",
    "=cmd|' /C calc'!A0",
    "-rf",
    "\x1b]0;owned\x07",
)

on_posix = pytest.mark.skipif(not hasattr(Path, "owner"), reason="files have no modes here")


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


@on_posix
def test_what_holds_what_was_said_is_for_its_user_alone(tmp_path: Path) -> None:
    with (
        ClaudeService(emulate=True, ledger=tmp_path / "usage.db") as claude,
        Job.create(tmp_path / "rows.job", ["One?"]) as job,
    ):
        claude.conversation(store=tmp_path / "talks.db", name="sea").send("Hi")
        job.run(service=AsyncClaudeService(emulate=True))

        assert {path.suffix for path in tmp_path.iterdir()} >= {".db", ".job"}
        assert modes(tmp_path) == {0o600}


@on_posix
def test_a_file_that_is_shared_on_purpose_stays_shared(tmp_path: Path) -> None:
    path = tmp_path / "usage.db"
    with ClaudeService(emulate=True, ledger=path) as claude:
        claude.complete("Hi")
    path.chmod(0o660)

    with ClaudeService(emulate=True, ledger=path) as claude:
        claude.complete("Hi")

    assert modes(tmp_path) == {0o660}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_said_is_never_a_statement(tmp_path: Path, text: str) -> None:
    tags = {"team": text, text: "search"}
    with ClaudeService(emulate=True, ledger=tmp_path / "usage.db") as claude:
        talk = claude.conversation(store=tmp_path / "talks.db", name=text)
        talk.send(f"Say {text}", tags=tags)
        again = claude.conversation(store=tmp_path / "talks.db", name=text)
    found = Conversations(tmp_path / "talks.db").search(text)
    ledger = Ledger(tmp_path / "usage.db")
    keys = {row.key for row in ledger.usage(by="tag", emulated=True)}
    ledger.close()

    assert [turn.text for turn in again.turns] == [turn.text for turn in talk.turns]
    assert [hit.name for hit in found] == [text] * len(found)
    assert keys == {f"team={text}", f"{text}=search"}


@pytest.mark.parametrize("format", ["jsonl", "csv", "batch"])
def test_results_go_into_the_one_file_that_was_named(tmp_path: Path, format: Any) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    rows = [{"custom_id": custom_id, "prompt": "One?"} for custom_id in HOSTILE]
    with Job.create(tmp_path / "rows.job", rows) as job:
        job.run(service=AsyncClaudeService(emulate=Emulator()))
        before = set(tmp_path.iterdir())

        exported = job.export(folder / f"results.{format}", format=format)

        assert exported.results == len(HOSTILE)
        assert set(tmp_path.iterdir()) == before
        assert [path.name for path in folder.iterdir()] == [f"results.{format}"]


def test_a_key_in_headers_is_in_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-SECRETKEY")
    Path("rows.txt").write_text("One?\nTwo?\n")

    assert run(["bulk", "run", "rows.txt", "--emulate", "--quiet"]) == 0

    assert b"SECRETKEY" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
