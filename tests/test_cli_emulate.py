"""`clarion emulate`: what its options do, and what it says of those that make no sense."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from clarion.cli import run
from clarion.emulator import Emulator, Server
from clarion.emulator.script import say

ASKED = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
KEY = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
Serving = Callable[..., str]


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Runs `clarion emulate` with these arguments, returns its URL, and stops it in the end."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "clarion", "emulate", "--port", "0", *arguments],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return process.stdout.readline().split("ANTHROPIC_BASE_URL=")[1].split()[0]

    yield start
    for process in running:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert "Traceback" not in err


def ask(url: str) -> httpx2.Response:
    return httpx2.post(f"{url}/v1/messages", headers=KEY, json=ASKED, timeout=60)


def test_limits_are_kept_when_asked_for(serving: Serving) -> None:
    url = serving("--tier", "build", "--requests-per-minute", "1", "--capacity", "9", "--spend-limit", "100")

    first, second = ask(url), ask(url)

    assert first.headers["anthropic-ratelimit-input-tokens-limit"] == "5000000"
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "60"


def test_the_options_reach_the_emulator(serving: Serving, tmp_path: Path) -> None:
    scenario = tmp_path / "rough.yaml"
    scenario.write_text("scenario: rough\nsteps:\n  - do: {error: 529}\n")
    options = ["--profile", "contract", "--seed", "7", "--latency", "10ms", "--tokens-per-second", "9000"]

    url = serving("--scenario", str(scenario), *options)

    state = httpx2.get(f"{url}/_emulator/state").json()
    assert state["settings"] == state["settings"] | {
        "profile": "contract",
        "seed": 7,
        "first_token_delay": 0.01,
        "tokens_per_second": 9000.0,
    }
    assert state["scenario"]["name"] == "rough"
    assert ask(url).status_code == 529
    assert ask(url).status_code == 200


def test_an_upstream_is_recorded_and_replayed(serving: Serving, tmp_path: Path) -> None:
    with Server(Emulator(script=[say("from afar")])) as upstream:
        recorded = ask(serving("--record", str(tmp_path / "tape"), "--upstream", upstream.url)).json()

    url = serving("--replay", str(tmp_path / "tape"))

    assert recorded["content"][-1]["text"] == "from afar"
    assert ask(url).json() == recorded
    missed = httpx2.post(f"{url}/v1/messages", headers=KEY, json=ASKED | {"max_tokens": 7})
    assert missed.status_code == 404
    assert "body.max_tokens: 100 is recorded, 7 was asked" in missed.json()["error"]["message"]


WRONG = {
    "no such scenario": (["--scenario", "overload-hours"], "no ready scenario 'overload-hours'"),
    "no such file": (["--scenario", "gone.yaml"], "cannot read the scenario gone.yaml"),
    "no duration": (["--latency", "soon"], "'soon' is no duration"),
    "two tapes": (["--record", "a", "--replay", "b"], "exclude each other"),
    "nothing to replay": (["--replay", "gone"], "no directory gone to replay"),
    "an upstream for nothing": (["--upstream", "https://api.anthropic.com"], "goes with --record"),
    "no tape to miss": (["--on-miss", "emulate"], "--replay does not find"),
    "nobody to forward to": (["--replay", ".", "--on-miss", "forward"], "no upstream"),
    "no URL": (["--record", "a", "--upstream", "api.anthropic.com"], "is no URL of an API"),
    "no pattern": (["--record", "a", "--ignore", "("], "no regular expression"),
}


@pytest.mark.parametrize(("arguments", "says"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["emulate", *arguments]) == 2

    assert says in capsys.readouterr().err


def test_a_file_that_is_no_recording_is_said_in_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")

    assert run(["emulate", "--replay", str(tmp_path)]) == 2

    assert re.search(r"odd\.json is no recording", capsys.readouterr().err)


def test_a_tape_that_cannot_be_written_is_said_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    assert run(["emulate", "--port", "0", "--record", str(tmp_path / "file" / "tape")]) == 2
    assert "cannot write recordings to" in capsys.readouterr().err


def test_an_address_that_others_reach_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Emulator(), host="0.0.0.0") as server:
        run(["emulate", "--host", "0.0.0.0", "--port", server.url.rpartition(":")[2]])

    assert "whoever reaches 0.0.0.0" in capsys.readouterr().err
