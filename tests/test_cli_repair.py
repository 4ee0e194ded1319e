from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from clarion import ClaudeService, Conversations
from clarion.cli import run

CapSys = pytest.CaptureFixture[str]

HI = {"role": "user", "content": "Hi"}
BLANK = {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": " "}]}
SYSTEM = {"role": "system", "content": "Be brief."}


def written(path: Path, value: Any) -> str:
    path.write_bytes(orjson.dumps(value))
    return str(path)


def test_a_history_is_mended_and_the_report_is_talk(tmp_path: Path, capsys: CapSys) -> None:
    code = run(["repair", written(tmp_path / "history.json", [BLANK])])

    out, err = capsys.readouterr()
    assert code == 0
    assert orjson.loads(out) == [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    assert err == "clarion: mended messages[0].content[1]: is text of nothing but white space: it was left out\n"


@pytest.mark.parametrize(("history", "code"), [([HI], 0), ([BLANK], 1)])
def test_a_check_prints_nothing_and_fails_for_what_is_not_healthy(
    history: Any, code: int, tmp_path: Path, capsys: CapSys
) -> None:
    assert run(["repair", "--check", written(tmp_path / "history.json", history)]) == code
    assert capsys.readouterr().out == ""


def test_the_body_of_a_request_stays_one_and_says_for_which_model(tmp_path: Path, capsys: CapSys) -> None:
    body = {"model": "claude-haiku-4-5", "max_tokens": 5, "system": "You.", "messages": [SYSTEM, HI, SYSTEM, HI]}

    run(["repair", written(tmp_path / "body.json", body)])

    out, err = capsys.readouterr()
    mended = orjson.loads(out)
    assert (mended["max_tokens"], mended["system"]) == (5, "You.\n\nBe brief.")
    assert [message["role"] for message in mended["messages"]] == ["user", "user", "user"]
    assert "a system message, which the model does not take" in err


def test_a_list_says_where_its_system_messages_belong(tmp_path: Path, capsys: CapSys) -> None:
    run(["repair", written(tmp_path / "history.json", [SYSTEM, HI])])

    assert "belongs into the system prompt: Be brief." in capsys.readouterr().err


def test_an_exported_conversation_is_read(tmp_path: Path, capsys: CapSys) -> None:
    chats = Conversations(tmp_path / "chats.db")
    with ClaudeService(emulate=True) as claude:
        claude.conversation(store=chats.path, name="a").send("Hi")
    file = tmp_path / "a.json"
    file.write_text(chats.export("a", format="json"), "utf-8")

    assert run(["repair", str(file)]) == 0
    assert [message["role"] for message in orjson.loads(capsys.readouterr().out)] == ["user", "assistant"]


def test_what_is_beyond_repair_fails(tmp_path: Path, capsys: CapSys) -> None:
    assert run(["repair", written(tmp_path / "history.json", [])]) == 1
    assert capsys.readouterr().err == "clarion: cannot be mended: messages: holds nothing that could be sent\n"


def test_what_is_no_json_is_wrong_input(tmp_path: Path, capsys: CapSys) -> None:
    (tmp_path / "history.json").write_text("[", "utf-8")

    assert run(["repair", str(tmp_path / "history.json")]) == 2
    assert run(["repair", str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path, capsys: CapSys) -> None:
    run(
        [
            "repair",
            written(tmp_path / "history.json", [{"role": "\x1b[2J", "content": "Hi"}, {"role": "user", "\x1b]": 1}]),
        ]
    )

    assert "\x1b" not in capsys.readouterr().err
