"""What others wrote does not steer the terminal that shows it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clarion import ClaudeService
from clarion.cli import run
from clarion.emulator import Emulator, Server
from clarion.emulator.script import error, say
from wire import http, saying

OWNED = "\x1b]0;owned\x07\x9b2J\x1b[31mred\x7f"
CapSys = pytest.CaptureFixture[str]


@pytest.fixture
def shown(capsys: CapSys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Returns what a terminal gets of a command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")

    def shown(*arguments: str) -> str:
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
        run(arguments)
        return "".join(capsys.readouterr())

    return shown


def is_clean(text: str) -> bool:
    return bool(text) and not any(bad in text for bad in ("\x1b]", "\x1b[31m", "\x07", "\x9b", "\x7f"))


@pytest.mark.parametrize("how", [(), ("--stream",), ("--no-stream",), ("--json",)])
def test_an_answer_does_not(shown: Callable[..., str], monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]) -> None:
    with Server(Emulator(script=[say(f"Well, {OWNED}")])) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)

        text = shown("ask", "Hi", *how)

    assert "Well, " in text
    assert is_clean(text)


def test_an_error_of_the_server_does_not(shown: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Emulator(script=[error(400, message=f"No, {OWNED}")])) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)

        text = shown("ask", "Hi")

    assert "No, " in text
    assert is_clean(text)


def test_a_page_in_place_of_an_answer_does_not(shown: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    with saying(http(f"<html>{OWNED}".encode(), kind="text/html")) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)

        assert is_clean(shown("ask", "Hi", "--attempts", "1"))


def test_the_name_of_a_file_does_not(shown: Callable[..., str]) -> None:
    for name in ("a", "b"):
        Path(f"{name}{OWNED}.txt").write_text("Hi")

    text = shown("count", "--offline", *(path.name for path in sorted(Path().glob("*.txt"))))

    assert "each alone" in text
    assert is_clean(text)
    assert is_clean(shown("count", "--offline", f"missing{OWNED}"))


def test_a_tag_of_a_ledger_does_not(shown: Callable[..., str]) -> None:
    with ClaudeService(emulate=True, ledger="usage.db") as claude:
        claude.complete("Hi", tags={"team": OWNED})

    text = shown("usage", "--ledger", "usage.db", "--emulated", "--by", "tag")

    assert "team=" in text
    assert is_clean(text)
