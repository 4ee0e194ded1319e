"""What the command line shows of the log."""

from __future__ import annotations

import logging

import pytest

from clarion.cli import run
from clarion.emulator import Emulator, Server
from clarion.emulator.script import error

CapSys = pytest.CaptureFixture[str]

ASK = ["ask", "Hi there", "--emulate", "-q", "--no-stream"]


@pytest.fixture(autouse=True)
def log_as_it_was() -> object:
    log = logging.getLogger("clarion")
    handlers, level = log.handlers[:], log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


@pytest.mark.parametrize("arguments", [["-v", *ASK], [*ASK, "-v"], ["--log-level", "info", *ASK]])
def test_a_line_for_each_call_is_shown_to_those_who_ask_for_it(capsys: CapSys, arguments: list[str]) -> None:
    assert run(arguments) == 0

    (line,) = capsys.readouterr().err.splitlines()
    assert " INFO clarion.attempts event=attempt model=claude-opus-5-5 attempt=1 outcome=ok" in line
    assert "Hi there" not in line


def test_what_was_said_is_shown_to_those_who_ask_twice(capsys: CapSys) -> None:
    assert run([*ASK, "-vv"]) == 0

    assert 'DEBUG clarion.attempts event=texts model=claude-opus-5-5 prompt="Hi there"' in capsys.readouterr().err


def test_the_environment_can_ask_for_it(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_LOG", "info")

    assert run(ASK) == 0
    assert "event=attempt" in capsys.readouterr().err


def test_what_is_typed_goes_before_the_environment(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_LOG", "error")

    assert run(["-v", *ASK]) == 0
    assert "event=attempt" in capsys.readouterr().err


def test_a_level_that_is_none_is_refused(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARION_LOG", "loud")

    assert run(ASK) == 2
    assert "CLARION_LOG" in capsys.readouterr().err


def test_attempts_that_failed_are_not_shown_unasked(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Emulator(script=[error(529)])) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
        assert run(["ask", "Hi", "-q", "--no-stream"]) == 0

    assert capsys.readouterr().err == ""


def test_the_last_command_decides_what_is_shown(capsys: CapSys) -> None:
    run([*ASK, "-vv"])
    run(ASK)
    capsys.readouterr()

    assert run(ASK) == 0
    assert capsys.readouterr().err == ""
