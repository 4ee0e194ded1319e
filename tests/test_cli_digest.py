from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from clarion.cli import run
from clarion.emulator import Emulator, Response, Server, script
from wire import RememberingEmulator

CapSys = pytest.CaptureFixture[str]
SIZE = ("--piece-tokens", "400", "--overlap", "20")


@pytest.fixture
def book(tmp_path: Path) -> str:
    path = tmp_path / "book.md"
    chapters = [f"# Chapter {number}\n\n" + f"Animal {number} swims in a river. " * 22 for number in range(1, 6)]
    path.write_text("\n\n".join(chapters))
    return str(path)


def test_a_digest_is_printed_with_its_sources(book: str, capsys: CapSys) -> None:
    code = run(["digest", book, "Which animals swim?", "--emulate", *SIZE])

    out, err = capsys.readouterr()
    assert code == 0
    assert "[1]" in out
    assert "- [1] book.md > Chapter" in out
    assert "claude-opus-5-5 (emulated) · 5 pieces · 6 calls" in err
    assert "taking notes" in err


def test_text_alone_is_without_sources_and_quiet_says_nothing(book: str, capsys: CapSys) -> None:
    code = run(["digest", book, "Which animals swim?", "--emulate", "--format", "text", "-q"])

    out, err = capsys.readouterr()
    assert code == 0
    assert "[1]" not in out
    assert err == ""


def test_json_has_everything(book: str, capsys: CapSys) -> None:
    run(["digest", book, "Which animals swim?", "--emulate", "--json", *SIZE])

    data = orjson.loads(capsys.readouterr().out)
    assert len(data["pieces"]) == 5
    assert data["estimate"]["counted"] == 5
    assert any(statement["citations"] for statement in data["statements"])


def test_a_document_may_come_from_standard_input(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Otters swim in rivers.")))

    code = run(["digest", "-", "Which animals swim?", "--emulate"])

    assert code == 0
    assert "- [1] standard input: \u201cOtters swim in rivers.\u201d" in capsys.readouterr().out


def test_an_estimate_pays_nothing(book: str, tmp_path: Path, capsys: CapSys) -> None:
    code = run(["digest", book, "Which animals swim?", "--emulate", "--estimate", *SIZE])

    out = capsys.readouterr().out
    assert code == 0
    assert "5 pieces, 6 calls to make" in out
    assert "5 of 5 pieces counted by the API, within 0.0%" in out
    assert "at most $" in out


def test_an_estimate_is_json_if_asked_for(book: str, capsys: CapSys) -> None:
    run(["digest", book, "Which animals swim?", "--emulate", "--estimate", "--json"])

    assert orjson.loads(capsys.readouterr().out)["pieces"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-file.md", "Sum up"], 2, "there is no file 'no-such-file.md'"),
        (["BOOK", "Sum up", "--budget", "0.0001", *SIZE], 2, "over the budget of $0.0001"),
        (["BOOK", " "], 2, "the instruction must be a text"),
        (["BOOK", "Sum up", "--piece-tokens", "400", "--overlap", "300"], 2, "at most a quarter of piece_tokens"),
        (["BOOK", "Sum up", "--store", "BOOK"], 3, "not an SQLite database"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_said_in_a_line(
    arguments: list[str], code: int, said: str, book: str, capsys: CapSys
) -> None:
    words = [book if word == "BOOK" else word for word in arguments]

    assert run(["digest", *words, "--emulate"]) == code
    assert said in capsys.readouterr().err


def test_a_missing_key_is_said_with_the_way_out(book: str, capsys: CapSys) -> None:
    assert run(["digest", book, "Sum up"]) == 3
    assert "--emulate" in capsys.readouterr().err


def served(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    return Server(emulator)


def test_a_missing_piece_is_named_and_the_code_says_so(
    book: str, capsys: CapSys, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = Emulator(script=[script.refusal().when(text="Write your notes")])
    with served(emulator, monkeypatch) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        code = run(["digest", book, "Sum up", "--concurrency", "1", *SIZE])

    out, err = capsys.readouterr()
    assert code == 1
    assert "piece 1 is missing: book.md (Chapter 1): RefusalError" in err
    assert "[1]" in out


def test_a_bad_key_stops_it_with_advice(book: str, capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Emulator(script=[script.error(401).times(99)]), monkeypatch) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        code = run(["digest", book, "Sum up", *SIZE])

    err = capsys.readouterr().err
    assert code == 3
    assert "0 of 5 pieces read" in err
    assert "check ANTHROPIC_API_KEY" in err


class Waiting(RememberingEmulator):
    """Tells when so many requests have arrived."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.have_arrived = threading.Event()
        self._most = most

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        response = super().respond(method, path, headers, body)
        if len(self.bodies) >= self._most:
            self.have_arrived.set()
        return response


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_calls_end_and_the_next_run_goes_on(
    sent: signal.Signals, code: int, book: str, tmp_path: Path, capsys: CapSys, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["digest", book, "Sum up", "--store", str(tmp_path / "book.db"), *SIZE]
    emulator = Waiting(7, script=[script.hang(0.5).when(text="Write your notes").times(99)])
    with served(emulator, monkeypatch) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        command = [sys.executable, "-m", "clarion", *words, "--concurrency", "2"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert emulator.have_arrived.wait(60)  # 5 counts, the first call alone, then two
            process.send_signal(sent)
            err = process.stderr.read()
    begun = len(emulator.bodies) - 5
    again = run([*words, "--emulate"])

    assert process.returncode == code
    assert "stopping" in err
    assert f"{begun} of 5 pieces read (run it again to go on)" in err
    assert again == 0
    assert f"{begun} of them made before" in capsys.readouterr().err
