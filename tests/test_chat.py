"""`clarion chat`: what is understood, and a chat in a pipe. tests/test_chat_terminal.py has one in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from clarion import AsyncClaudeService, Conversations, ConversationTurn, Usage
from clarion.cli import run
from clarion.cli._talk import printable
from clarion.cli.chat.asking import path_of
from clarion.cli.chat.commands import COMMANDS, TABLE
from clarion.cli.chat.keeping import chosen
from clarion.cli.chat.opening import talk
from clarion.cli.chat.pasting import BURST, in_pieces
from clarion.cli.chat.plain import Plain
from clarion.cli.chat.prompt import Words, Written
from clarion.cli.chat.screen import Noted
from clarion.cli.chat.session import Session
from clarion.cli.chat.spoken import Message, Mistake, Order, understood
from clarion.cli.chat.status import fitted, fullness, length
from clarion.emulator import Emulator, Server, script

CapSys = pytest.CaptureFixture[str]
Says = Callable[..., int]


# --- what is understood


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Hi", "Hi"),
        ("  two\nlines ", "  two\nlines "),
        ("//etc is a folder", "/etc is a folder"),
        ("a /model", "a /model"),
    ],
)
def test_a_message_is_sent_as_it_is(text: str, sent: str) -> None:
    assert understood(text, COMMANDS) == Message(sent)


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/model sonnet", "/model", "sonnet"),
        (" /MODEL  sonnet ", "/model", "sonnet"),
        ("/system Be brief.\nBe kind.", "/system", "Be brief.\nBe kind."),
        ("/cost", "/cost", ""),
        ("exit", "/quit", ""),
    ],
)
def test_a_command_is_understood_with_what_it_takes(text: str, name: str, argument: str) -> None:
    assert understood(text, COMMANDS) == Order(COMMANDS[name], argument)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/modle sonnet", "did you mean /model?"),
        ("/re", "did you mean /retry or /rewind or /rename?"),
        ("/xyzzy", "/help lists them"),
        ("/usr/bin/env python\nprint()", "no command '/usr/bin/env'"),
        ("/", "/help lists them"),
        ("/cost now", "/cost takes nothing"),
        ("/image", "/image needs FILE|URL"),
    ],
)
def test_what_begins_with_a_slash_is_never_sent_by_mistake(text: str, why: str) -> None:
    mistake = understood(text, COMMANDS)

    assert isinstance(mistake, Mistake)
    assert why in mistake.why


@given(st.text("/ab \n"))
def test_only_a_doubled_slash_sends_one(text: str) -> None:
    if isinstance(sent := understood(text, COMMANDS), Message) and text.strip().startswith("/"):
        assert text.strip().startswith("//")
        assert sent.text == text.replace("//", "/", 1)


def test_every_command_says_what_it_does_in_a_sentence_that_fits_a_line() -> None:
    assert all(command.summary.endswith(".") and len(command.summary) <= 62 for command in TABLE)
    assert len(COMMANDS) == len(TABLE)


def completed(text: str) -> list[str]:
    commands = [(command.name, command.kind, command.summary) for command in TABLE]
    words = Words(commands, {"model": lambda: ["opus", "sonnet"], "conversation": lambda: ["Tell me of", "tales"]})
    return [
        text[: len(text) + c.start_position] + c.text for c in words.get_completions(Document(text), CompleteEvent())
    ]


def test_commands_and_what_they_take_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "coffee.jpg").touch()

    assert completed("/mo") == ["/model"]
    assert completed("/model s") == ["/model sonnet"]
    assert completed("/open t") == ["/open Tell me of", "/open tales"]
    assert completed("/image cof") == ["/image coffee.jpg"]
    assert completed("a /mo") == completed("/new x") == completed("/system\n/mo") == []


@pytest.mark.parametrize("text", ["a b.png", "'a b.png'", '"a b.png"', "a\\ b.png"])
def test_a_path_may_be_written_as_a_shell_would_have_it(text: str) -> None:
    assert path_of(text) == Path("a b.png")
    assert path_of("~/x") == Path.home() / "x"


def test_a_conversation_is_chosen_by_name_number_or_beginning() -> None:
    names, listed = ["sea", "seaside", "2"], ["sky", "sea"]

    assert chosen("sea", names, listed) == ["sea"]
    assert chosen("2", names, listed) == ["2"]
    assert chosen("1", names, listed) == ["sky"]
    assert chosen("SEAS", names, listed) == ["seaside"]
    assert chosen("se", names, listed) == ["sea", "seaside"]
    assert chosen("3", names, listed) == []


def keys(text: str) -> list[KeyPress]:
    return [KeyPress(Keys.ControlM if char == "\r" else char) for char in text]


def test_keys_that_come_faster_than_anybody_types_are_a_paste_with_all_their_lines() -> None:
    (pasted,) = in_pieces(keys("line\r" * BURST))

    assert (pasted.key, pasted.data) == (Keys.BracketedPaste, "line\n" * BURST)


def test_the_last_line_of_a_paste_comes_after_the_others_and_sends_nothing() -> None:
    (pasted,) = in_pieces(keys("end\r"), goes_on=True)

    assert (pasted.key, pasted.data) == (Keys.BracketedPaste, "end\n")
    assert [*in_pieces(keys("\r"), goes_on=True)] == keys("\r")


def test_an_enter_at_the_end_of_one_line_that_a_program_types_sends_it() -> None:
    pasted, enter = in_pieces(keys("x" * BURST + "\r"))

    assert (pasted.data, enter.key) == ("x" * BURST, Keys.ControlM)


def test_keys_that_are_typed_stay_keys() -> None:
    typed = [*keys("hello\r"), KeyPress(Keys.Up), *keys("x" * (BURST - 1))]

    assert [*in_pieces(typed)] == typed


def test_the_status_says_how_full_the_window_is_and_fits_the_line() -> None:
    partial = ConversationTurn(messages=(), kind="partial", model="m", usage=Usage(input_tokens=90, output_tokens=10))

    assert length([partial]) == 100
    assert fullness(100, 200) == "100 tokens (50% of the window)"
    assert fullness(1, 200_000) == "1 tokens (<1% of the window)"
    assert fitted(["opus", "日本語の名前です"], 40) == "opus · 日本語の名前です"
    assert fitted(["opus", "日本語の名前です"], 20) == "opus · 日本語の名前…"
    assert fitted(["opus", "日本語の名前です"], 12) == "opus"


def test_what_could_steer_a_terminal_is_taken_out_and_writing_is_not() -> None:
    assert printable("a\x1b[2Jb\x07\u202ec\r\x9b") == "a[2Jbc"
    assert printable("10\u00a0km\t日本\u3000語 👩\u200d👧 é ניקוד\n") == "10\u00a0km\t日本\u3000語 👩\u200d👧 é ניקוד\n"


def test_what_was_written_is_there_again_and_a_full_disk_is_no_reason_not_to_talk(tmp_path: Path) -> None:
    Written(tmp_path / "history").store_string("two\nlines")
    assert [*Written(tmp_path / "history").load_history_strings()] == ["two\nlines"]

    Written(tmp_path / "no" / "folder").store_string("lost")
    assert not [*Written(tmp_path).load_history_strings()]


# --- in a pipe


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Says:
    """Chats with these lines, on the emulator, and returns the exit code."""

    def chat(lines: str, *options: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), encoding="utf-8"))
        kept = [] if "--no-store" in options else ["--store", str(tmp_path / "a.db")]
        return run(["chat", "--emulate", *kept, *options])

    return chat


def store(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "a.db")


def test_each_line_of_a_pipe_is_a_turn(says: Says, capsys: CapSys, tmp_path: Path) -> None:
    assert says("One\n\nTwo") == 0

    out, err = capsys.readouterr()
    assert out.startswith("[emulated] **claude-opus-5-5** received")
    assert "3 messages in the conversation" in out
    assert err.count("(emulated)") == 2
    assert [turn.prompt for turn in store(tmp_path).turns("One")] == ["One", "Two"]


def test_quiet_says_nothing_beside_the_answers(says: Says, capsys: CapSys) -> None:
    says("One\n", "-q")

    assert capsys.readouterr().err == ""


def test_the_last_conversation_is_gone_on_with_as_it_was_begun(says: Says, tmp_path: Path) -> None:
    says("One\n", "-s", "Be brief.", "-m", "sonnet")
    says("Two\n", "-c")

    (entry,) = store(tmp_path).list()
    assert entry.turns == 2
    assert [turn.model for turn in store(tmp_path).turns(entry.name)] == ["claude-sonnet-5-5"] * 2


def test_a_conversation_is_begun_and_opened_by_name(says: Says, tmp_path: Path) -> None:
    says("One\n", "--name", "sea")
    says("Two\n", "--name", "sea")

    assert [(entry.name, entry.turns) for entry in store(tmp_path).list()] == [("sea", 2)]


def test_there_has_to_be_a_conversation_to_go_on_with(says: Says, capsys: CapSys) -> None:
    assert says("One\n", "-c") == 2
    assert "no conversation is kept in" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["-c", "--name", "a"], ["--no-store", "-c"]])
def test_options_that_make_no_sense_together_are_refused(says: Says, options: list[str]) -> None:
    assert says("One\n", *options) == 2


def test_nothing_is_kept_if_nothing_shall_be(says: Says, capsys: CapSys, tmp_path: Path) -> None:
    assert says("One\nTwo\n", "--no-store") == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_first_mistake_in_a_pipe_ends_it(says: Says, capsys: CapSys) -> None:
    assert says("/modle opus\nOne\n") == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert "did you mean /model?" in err


def test_an_answer_that_is_cut_off_ends_it_with_a_code_that_says_so(says: Says, capsys: CapSys) -> None:
    assert says("One\nTwo\n", "--max-tokens", "5", "-m", "claude-haiku-5-5", "--think", "off") == 1
    assert "cut off (max_tokens)" in capsys.readouterr().err


def test_a_limit_is_kept(says: Says, capsys: CapSys) -> None:
    assert says("One\n", "--max-cost", "0.01") == 2
    assert "over max_cost=$0.01" in capsys.readouterr().err


def test_a_budget_is_for_all_of_the_chat(says: Says, capsys: CapSys) -> None:
    assert says("One\nTwo\n" * 40, "--budget", "0.35") == 2

    out, err = capsys.readouterr()
    assert out.count("[emulated]") > 1
    assert "of the budget of $0.3500 are spent" in err


def test_what_was_adjusted_is_said_once(says: Says, capsys: CapSys) -> None:
    says("One\nTwo\n", "-m", "claude-3-opus-20240229")

    assert capsys.readouterr().err.count("retired-model") == 1


# --- commands


def test_another_model_and_another_system_prompt_hold_from_then_on(says: Says, capsys: CapSys, tmp_path: Path) -> None:
    says("One\n/model haiku\n/system Be kind.\n/think low\nTwo\n")

    (entry,) = store(tmp_path).list()
    assert [turn.model for turn in store(tmp_path).turns("One")] == ["claude-opus-5-5", "claude-haiku-5-5"]
    assert entry.settings == {"model": "haiku", "system": "Be kind.", "thinking": "low"}


def test_a_model_that_is_a_slip_is_refused_and_a_new_one_asked_for(says: Says, capsys: CapSys) -> None:
    assert says("/model sonet\n") == 2
    assert "did you mean sonnet" in capsys.readouterr().err

    assert says("/model claude-new-9\n") == 0
    assert "not in the catalogue" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("/help", "/image FILE|URL"),
        ("/model", "→ claude-opus-5-5"),
        ("/cost", "claude-opus-5-5      1"),
        ("/list", "→  1  One"),
        ("/search emulated", "One"),
    ],
)
def test_what_a_command_was_asked_for_is_on_stdout(says: Says, capsys: CapSys, line: str, seen: str) -> None:
    assert says(f"One\n{line}\n") == 0
    assert seen in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/system", "system prompt: none"),
        ("/system -", "no system prompt now"),
        ("/think", "as the model has it"),
        ("/drop", "nothing is attached"),
        ("/search xyzzy", "whole words count"),
        ("/rename sea", "this is 'sea' now"),
        ("/fork", "going on in 'One (2)' with 1 turn; 'One' stays as it is"),
    ],
)
def test_what_a_command_did_is_on_stderr(says: Says, capsys: CapSys, line: str, said: str) -> None:
    assert says(f"One\n{line}\n") == 0
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "/think hard",
        "/image nothing.png",
        "/file nothing.txt",
        "/fork 9",
        "/rewind x",
        "/open sea",
        "/delete sea",
        "/save a.txt",
        "/save no/folder/a.md",
    ],
)
def test_what_a_command_cannot_do_is_said_and_ends_a_pipe(says: Says, capsys: CapSys, line: str) -> None:
    assert says(f"One\n{line}\nTwo\n") != 0
    assert capsys.readouterr().out.count("[emulated]") == 1


def test_what_is_attached_goes_with_the_next_message_alone(says: Says, capsys: CapSys, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Remember the milk.")
    says(f"/image examples/coffee.jpg\n/file {tmp_path}/notes.txt\nWhat is this?\nAnd now?\n")

    first, second = store(tmp_path).turns("What is this?")
    assert [block["type"] for block in first.messages[0]["content"]] == ["image", "document", "text"]
    assert [block["type"] for block in second.messages[0]["content"]] == ["text"]


def test_a_rewound_conversation_stays_as_it_is_and_another_goes_on(says: Says, tmp_path: Path) -> None:
    says("One\nTwo\n/rewind\nThree\n")

    assert {entry.name: entry.turns for entry in store(tmp_path).list()} == {"One": 2, "One (2)": 2}
    assert [turn.prompt for turn in store(tmp_path).turns("One (2)")] == ["One", "Three"]


def test_a_message_that_was_answered_is_asked_again_in_a_fork(says: Says, tmp_path: Path) -> None:
    says("One\nTwo\n/retry\n")

    assert [turn.prompt for turn in store(tmp_path).turns("One (2)")] == ["One", "Two"]
    assert len(store(tmp_path).turns("One")) == 2


def test_another_conversation_is_begun_and_the_first_opened_again(says: Says, tmp_path: Path) -> None:
    says("One\n/new\nTwo\n/list\n/open 2\nThree\n")

    assert [turn.prompt for turn in store(tmp_path).turns("One")] == ["One", "Three"]


def test_a_deleted_conversation_is_gone_and_another_is_begun(says: Says, tmp_path: Path) -> None:
    says("One\n/delete One\nTwo\n")

    assert [entry.name for entry in store(tmp_path).list()] == ["Two"]


def test_a_conversation_is_saved_to_be_read_or_whole(says: Says, capsys: CapSys, tmp_path: Path) -> None:
    page, data = tmp_path / "a.md", tmp_path / "a.json"
    assert says(f"One\n/save {page}\nTwo\n/save {page}\n/save {data}\n", "--no-store") == 0

    assert page.read_text("utf-8").count("## You") == 2
    assert '"kind": "answer"' in data.read_text("utf-8")
    assert says(f"One\n/save {page}\n") == 2
    assert "is there already" in capsys.readouterr().err


# --- what goes wrong


def test_a_full_conversation_is_summed_up_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: CapSys, tmp_path: Path
) -> None:
    async def full() -> None:
        async with AsyncClaudeService(emulate=True) as claude:
            conversation = await claude.conversation(full_at=2_000, on_full="summarize")
            await talk(Session(claude, conversation, store=None, options={}), Plain())

    lines = f"{'ship ' * 1000}\n{'port ' * 800}\n/cost\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), encoding="utf-8"))
    asyncio.run(full())

    out, err = capsys.readouterr()
    assert "the conversation was full, and goes on from a summary" in err
    assert "claude-opus-5-5      3" in out


def test_what_the_log_says_while_an_answer_is_drawn_is_said_line_by_line() -> None:
    said: list[str] = []
    with contextlib.redirect_stderr(Noted(said.append)):
        sys.stderr.write("a line\nand ano")
        sys.stderr.write("ther\n")

    assert said == ["a line", "and another"]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_has_come_of_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: CapSys, tmp_path: Path, number: int, code: int
) -> None:
    def interrupt() -> None:
        while "upon a time" not in getattr(sys.stdout, "getvalue")():  # noqa: B009 -- of what capsys has put there
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    story = script.say("Once upon a time. " * 50) & script.stall(after=9, seconds=600)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A story.\nTwo\n"), encoding="utf-8"))
    with Server(Emulator(script=[story])) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        ended = run(["chat", "--store", str(tmp_path / "a.db"), "--name", "sea"])
        interrupting.join()

    assert ended == code
    assert [turn.kind for turn in store(tmp_path).turns("sea")] == ["partial"]
