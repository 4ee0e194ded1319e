from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import PIL.Image
import pytest

from clarion import Catalog
from clarion.cli import run
from clarion.emulator import Emulator, Server
from wire import HELLO, START, TEXT_START, http, saying, streamed

CapSys = pytest.CaptureFixture[str]


class Stdin(io.TextIOWrapper):
    def __init__(self, data: bytes, *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture(autouse=True)
def no_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"", is_terminal=True))


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "teal.png"
    PIL.Image.new("RGB", (56, 28), "teal").save(path)
    return str(path)


@pytest.mark.parametrize("how", ["--stream", "--no-stream"])
def test_the_answer_is_on_stdout_and_the_talk_on_stderr(capsys: CapSys, how: str) -> None:
    code = run(["ask", "How tall is it?", "--emulate", how])

    out, err = capsys.readouterr()
    assert code == 0
    assert out.startswith("[emulated]")
    assert "How tall is it?" in out
    assert out.endswith("\n")
    assert "claude-opus-5-5 (emulated) · " in err
    assert "$0." in err


def test_quiet_says_nothing_on_stderr(capsys: CapSys) -> None:
    run(["ask", "Hi", "--emulate", "-q"])

    assert capsys.readouterr().err == ""


def test_files_images_and_options_arrive(capsys: CapSys, tmp_path: Path, picture: str) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Remember the milk.")

    run(
        [
            "ask",
            "Sum up",
            "-f",
            str(notes),
            "--image",
            picture,
            "-m",
            "claude-haiku-5-5",
            "-s",
            "Be brief.",
            "--emulate",
        ]
    )

    out = capsys.readouterr().out
    assert "notes.txt" in out
    assert "Remember the milk." in out
    assert "56 x 28 px" in out
    assert "claude-haiku-5-5" in out
    assert "Be brief." in out


def test_what_was_adjusted_is_said_in_a_line_each(capsys: CapSys) -> None:
    assert run(["ask", "Hi", "-m", "claude-3-opus-20240229", "--emulate"]) == 0

    assert "clarion: retired-model: claude-3-opus-20240229 was retired on 2026-01-05" in capsys.readouterr().err


def test_strict_refuses_to_adjust(capsys: CapSys) -> None:
    assert run(["ask", "Hi", "-m", "claude-3-opus-20240229", "--strict", "--emulate"]) == 2

    assert "does not fit its model: retired-model" in capsys.readouterr().err


def test_a_limit_of_money_is_kept(capsys: CapSys) -> None:
    assert run(["ask", "Hi", "--max-cost", "0.01", "--emulate"]) == 2

    assert "over max_cost=$0.01" in capsys.readouterr().err


def test_json_has_the_whole_completion(capsys: CapSys) -> None:
    run(["ask", "Hi", "--emulate", "--json", "--think", "low"])

    data = orjson.loads(capsys.readouterr().out)
    assert data["emulated"] is True
    assert data["thinking"]
    assert data["stop_reason"] == "end_turn"
    assert data["usage"]["output_tokens"] > 0


def test_an_answer_is_held_to_the_schema_in_a_file(capsys: CapSys, tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    path = tmp_path / "schema.json"
    path.write_bytes(orjson.dumps({**schema, "additionalProperties": False}))

    code = run(["ask", "Where is it?", "--json-schema", str(path), "--emulate"])

    assert code == 0
    assert list(orjson.loads(capsys.readouterr().out)) == ["city"]


@pytest.mark.parametrize("text", ["[]", "no JSON", None])
def test_a_file_that_holds_no_schema_is_one_line(capsys: CapSys, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "schema.json"
    if text is not None:
        path.write_text(text)

    code = run(["ask", "Where is it?", "--json-schema", str(path), "--emulate"])

    assert code == 2
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["-"], []])
def test_the_prompt_may_come_from_stdin(capsys: CapSys, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"Wie geht's?"))

    assert run(["ask", *arguments, "--emulate"]) == 0
    assert "Wie geht's?" in capsys.readouterr().out


def test_a_file_may_come_from_stdin(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"+ a line\n- another"))

    assert run(["ask", "Review this diff", "-f", "-", "--emulate"]) == 0
    assert "+ a line" in capsys.readouterr().out


def test_an_answer_that_is_cut_off_is_said_to_be(capsys: CapSys) -> None:
    code = run(["ask", "Hi", "--emulate", "--max-tokens", "5", "-m", "claude-haiku-5-5", "--think", "off"])

    assert code == 1
    assert "cut off (max_tokens)" in capsys.readouterr().err


def test_files_are_counted_model_by_model_and_each_alone(capsys: CapSys, tmp_path: Path, picture: str) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Remember the milk. " * 100)

    assert run(["count", str(notes), picture, "--emulate", "--json"]) == 0

    counts = orjson.loads(capsys.readouterr().out)
    models = [row["model"] for row in counts["models"]]
    assert models == ["claude-fable-5-2", "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"]
    alone, together = counts["files"], counts["models"][0]["tokens"]
    assert max(alone.values()) < together <= sum(alone.values())
    assert counts["models"][1]["dollars"] == pytest.approx(counts["models"][1]["tokens"] * 4 / 1_000_000)


def test_a_count_is_a_table_with_the_share_of_the_window(capsys: CapSys, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Remember the milk. " * 3000)

    assert run(["count", str(notes), "--emulate", "-m", "claude-haiku-4-5"]) == 0

    out = capsys.readouterr().out
    assert "claude-haiku-4-5-20251001" in out
    assert re.search(r"\d\.\d%", out)


def test_counting_offline_needs_no_key_and_says_that_it_is_an_estimate(capsys: CapSys, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Remember the milk.")

    assert run(["count", str(notes), "--offline", "-m", "opus", "-m", "claude-opus-4-6"]) == 0

    out, err = capsys.readouterr()
    assert "claude-opus-4-6" in out
    assert "estimated offline" in err


def test_models_are_listed_with_their_prices(capsys: CapSys) -> None:
    assert run(["models"]) == 0

    out = capsys.readouterr().out
    assert "claude-opus-5-5" in out
    assert "retires 2026-11-30" in out
    assert "claude-2.1" not in out


def test_retired_models_are_listed_when_asked_for(capsys: CapSys) -> None:
    run(["models", "--all"])

    assert "retired 2025-07-21" in capsys.readouterr().out


def test_one_model_has_a_sheet_by_any_of_its_names(capsys: CapSys) -> None:
    run(["models", "opus"])

    out = capsys.readouterr().out
    assert "Claude Opus 5.5" in out
    assert "128,000 tokens" in out
    assert re.search(r"^\$/M output +20.00 *$", out, re.MULTILINE)


def test_prices_of_long_prompts_are_in_the_sheet(capsys: CapSys) -> None:
    run(["models", "haiku"])

    assert "0.10, 0.50 over 100,000 tokens" in capsys.readouterr().out


def test_models_are_given_as_json_with_the_facts_of_a_catalogue_file(capsys: CapSys) -> None:
    run(["models", "opus", "--json"])
    one = orjson.loads(capsys.readouterr().out)
    run(["models", "--json", "--all"])
    every = orjson.loads(capsys.readouterr().out)

    assert (one["id"], one["max_output"], one["us"]) == ("claude-opus-5-5", 128_000, "1.1")
    assert [model["id"] for model in every] == [model.id for model in Catalog.load().sheets()]
    assert one in every


def test_refreshing_shows_what_differs_and_keeps_it_beside_what_was_there(
    capsys: CapSys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models.claude-opus-5-5]\nmax_output = 5\ncutoff = "2026-07"\n')
    monkeypatch.setenv("CLARION_CATALOG", str(own))

    assert run(["models", "--refresh", "--emulate"]) == 0

    assert capsys.readouterr().out == "claude-opus-5-5: max_output is 128000, was 5\n"
    model = Catalog.load(own).models["claude-opus-5-5"]
    assert (model.max_output, model.cutoff) == (128_000, "2026-07")


def test_refreshing_what_agrees_writes_nothing(capsys: CapSys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["models", "--refresh", "--emulate"]) == 0

    assert "says nothing that the catalogue does not" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_demo_shows_both_files_and_their_cost(capsys: CapSys) -> None:
    assert run(["demo"]) == 0

    out = capsys.readouterr().out
    assert "log_in" in out
    assert "600 x 400 px" in out
    assert "login_service.py" in out
    assert "$0.0" in out


SAYS_NOTHING = http(b"<html>Please log in</html>", kind="text/html")
WRONG = {
    "no credentials": ({}, ["ask", "Hi"], 3, "ANTHROPIC_API_KEY"),
    "nothing to ask": ({}, ["ask", "--emulate"], 2, "nothing to ask"),
    "a file that is not there": (
        {},
        ["ask", "Hi", "-f", "gone.py", "--emulate"],
        2,
        "cannot read gone.py: No such file",
    ),
    "a folder as a file": ({}, ["ask", "Hi", "-f", ".", "--emulate"], 2, "cannot read .: Is a directory"),
    "a picture that is none": ({}, ["ask", "Hi", "--image", "pyproject.toml", "--emulate"], 2, "JPEG, PNG"),
    "an option that is none": ({}, ["ask", "Hi", "--modle", "x"], 2, "No such option"),
    "an unknown model": (
        {},
        ["ask", "Hi", "-m", "claude-unheard-of", "--emulate"],
        1,
        "404 not_found_error: model: claude-unheard-of",
    ),
    "a wrong setting": ({"CLARION_MAX_TOKENS": "x"}, ["ask", "Hi", "--emulate"], 2, "CLARION_MAX_TOKENS"),
    "stdin read twice": ({}, ["count", "-", "-", "--emulate"], 2, "only once"),
}


@pytest.mark.parametrize(("environment", "arguments", "code", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_and_an_exit_code(
    capsys: CapSys,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert run(arguments) == code

    out, err = capsys.readouterr()
    assert says in err
    assert "Traceback" not in err
    assert err.count("clarion: ") + err.count("Error: ") == 1
    assert out == ""


def test_a_huge_file_is_one_line_at_once(capsys: CapSys, tmp_path: Path) -> None:
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(300 * 2**20)

    assert run(["ask", "Hi", "-f", str(huge), "--emulate"]) == 2
    assert "over 32 MB" in capsys.readouterr().err


def test_a_wrong_key_is_one_line(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Emulator()) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-wrong")

        assert run(["ask", "Hi"]) == 1

    err = capsys.readouterr().err
    assert err.startswith("clarion: 401 authentication_error: invalid x-api-key (request id: req_")
    assert "check ANTHROPIC_API_KEY" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("how", "says"), [("--stream", "the stream has no message"), ("--no-stream", "is not JSON")])
def test_html_of_a_proxy_is_one_line(capsys: CapSys, monkeypatch: pytest.MonkeyPatch, how: str, says: str) -> None:
    with saying(SAYS_NOTHING) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "k")

        assert run(["ask", "Hi", how, "--attempts", "1"]) == 1

    out, err = capsys.readouterr()
    assert says in err
    assert "check ANTHROPIC_BASE_URL" in err
    assert (out, err.count("\n")) == ("", 1)


def test_a_network_that_is_not_there_is_one_line(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")

    assert run(["ask", "Hi", "--attempts", "2"]) == 1

    err = capsys.readouterr().err
    assert "2 attempts failed" in err
    assert "cannot reach http://127.0.0.1:9: " in err
    assert "--emulate" in err
    assert err.count("\n") == 1


def test_a_broken_stream_keeps_its_text_and_says_so(capsys: CapSys, monkeypatch: pytest.MonkeyPatch) -> None:
    with saying(streamed(START, TEXT_START, HELLO)) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "k")

        assert run(["ask", "Hi", "--stream", "--attempts", "1"]) == 1

    out, err = capsys.readouterr()
    assert out == "Hello\n"
    assert "broke off after 5 characters: it ended without message_stop" in err


def test_control_characters_of_an_answer_do_not_reach_a_terminal() -> None:
    from clarion.cli._talk import printable

    assert printable("a\x1b]0;owned\x07b\r\n\tc é ☕") == "a]0;ownedb\n\tc é ☕"


def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["clarion.cli.ask"], "prompt_text", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        run(["ask", "Hi", "--emulate"])


def started(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "clarion", *arguments],
        env=os.environ | environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_in_a_stream_ends_it_at_once_with_130() -> None:
    with Server(Emulator(tokens_per_second=8)) as server:
        process = started(
            *("ask", "Tell me of the sea.", "--stream", "-m", "claude-haiku-5-5", "--think", "off"),
            ANTHROPIC_BASE_URL=server.url,
            ANTHROPIC_API_KEY="k",
        )
        assert process.stdout is not None
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        out, err = process.communicate(timeout=120)

    assert first == "["
    assert process.returncode == 130
    assert time.monotonic() - start < 30
    assert err == "\nclarion: interrupted\n"
    assert "every time" not in out


def test_the_emulator_serves_until_it_is_interrupted() -> None:
    process = started("emulate", "--port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split("ANTHROPIC_BASE_URL=")[1].split()[0]

    asked = started("ask", "Hi", ANTHROPIC_BASE_URL=url, ANTHROPIC_API_KEY="emulated")
    out, _ = asked.communicate(timeout=30)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert out.startswith("[emulated]")
    assert process.returncode == 0
    assert "Traceback" not in err


def test_a_port_that_is_taken_is_one_line(capsys: CapSys) -> None:
    with Server(Emulator()) as server:
        port = server.url.rsplit(":", 1)[1]

        assert run(["emulate", "--port", port]) == 2

    assert "--port" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error() -> None:
    process = subprocess.run(
        f"{sys.executable} -m clarion ask Hi --emulate -q | head -c 3",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )

    assert process.stdout == "[em"
    assert process.stderr == ""
