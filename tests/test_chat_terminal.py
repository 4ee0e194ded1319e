"""`clarion chat` in a real terminal. One program for all tests, each with a conversation of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion import ClaudeService, Conversations, ConversationTurn
from clarion.emulator import Emulator, Server, script

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from terminal import Terminal

SEA = (
    "# The sea\n\nIt is **wide**, 海は広い 🌊, and\n\n- deep\n- blue\n\n```python\nprint('sea')\n```\n\nThat is all.\n"
)
SHOWN = [
    "The sea",
    "",
    "It is wide, 海は広い 🌊, and",
    "",
    " • deep",
    " • blue",
    "",
    "print('sea')",
    "",
    "That is all.",
]

SCRIPT = [
    script.say(SEA).when(text="of the sea"),
    (script.say("Once upon a time. " * 50) & script.stall(after=20, seconds=600)).when(text="a story"),
    (script.say("Long ago, in a land far away. " * 50) & script.stall(after=9, seconds=600)).when(text="a saga"),
    (script.say("Never.") & script.hang(600)).when(text="for ever"),
    script.error(529).when(text="in vain"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat") / "a.db"


@pytest.fixture(scope="module")
def emulator(store: Path) -> Emulator:
    def overtaken(_: object) -> str:
        """Answer when another program has had an answer before."""
        with ClaudeService(emulate=True, allow_in_event_loop=True) as claude:  # that of the server, which waits
            claude.conversation(store=store, name="both").send("Be faster.")
        return "Slow and late."

    return Emulator(script=[*SCRIPT, script.answer(overtaken).when(text="slowly")])


@pytest.fixture(scope="module")
def program(emulator: Emulator, store: Path) -> Iterator[Terminal]:
    with Server(emulator) as server:
        environment = {
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "any",
            "HOME": str(store.parent),
            "XDG_DATA_HOME": str(store.parent),
        }
        arguments = ["chat", "--store", str(store), "--attempts", "1"]
        with Terminal(arguments, environment, columns=80, rows=24) as terminal:
            terminal.until(is_asked)
            yield terminal
            terminal.type("\x03\x04")
            assert terminal.ended() == 0


@pytest.fixture
def chat(program: Terminal) -> Terminal:
    """The program, at the beginning of a conversation."""
    program.clear()
    program.type("\x03/new\r")
    program.until("a new conversation")
    program.until(is_asked)
    return program


def is_asked(lines: list[str]) -> bool:
    """Whether the next message can be written."""
    return any(line == ">" for line in lines)


def kept(store: Path) -> tuple[ConversationTurn, ...]:
    """The turns of the conversation that was changed last."""
    conversations = Conversations(store)
    return conversations.turns(conversations.list()[0].name)


def test_an_answer_is_rendered_and_kept(chat: Terminal, store: Path) -> None:
    chat.type("Tell me of the sea.\r")
    lines = chat.until(" tokens in ")

    assert any(lines[start : start + len(SHOWN)] == SHOWN for start in range(len(lines)))
    assert [turn.prompt for turn in kept(store)] == ["Tell me of the sea."]


def test_a_mistyped_command_is_there_to_be_mended(chat: Terminal) -> None:
    chat.type("/modle sonnet\r")
    chat.until("did you mean /model?")
    chat.until("> /modle sonnet")
    chat.type("\x01" + "\x1b[C" * 5 + "\x14\r")  # to the beginning, over /modl, and exchange two letters

    chat.until("the next answer is from claude-sonnet-5-5")


def test_ctrl_c_stops_an_answer_whose_beginning_is_gone_on_from(chat: Terminal, store: Path) -> None:
    chat.type("Tell me a story.\r")
    chat.until("upon a time")
    chat.resize(50, 20)
    chat.type("\x03")
    chat.until("marked as")
    chat.resize(80, 24)
    chat.type("Go on.\r")
    chat.until(" tokens in ")

    assert [turn.kind for turn in kept(store)] == ["partial", "answer"]


def test_ctrl_c_before_an_answer_leaves_the_message_to_be_asked_again(chat: Terminal, emulator: Emulator) -> None:
    before = len(emulator.requests)
    chat.type("Think for ever.\r")
    chat.until(lambda _: len(emulator.requests) > before)
    chat.type("\x03")
    chat.until("nothing was added")
    chat.type("/retry\r")

    chat.until(" tokens in ")


def test_a_message_that_failed_can_be_sent_again(chat: Terminal, store: Path) -> None:
    chat.type("Ask in vain.\r")
    chat.until("529 overloaded_error")
    chat.type("/retry\r")
    chat.until(" tokens in ")

    assert [turn.prompt for turn in kept(store)] == ["Ask in vain."]


def test_what_is_typed_while_an_answer_comes_waits_for_the_next_line(chat: Terminal) -> None:
    chat.type("Tell me a saga.\r")
    chat.until("Long ago")
    chat.type("typed ahead\x03")

    chat.until("> typed ahead")


def test_an_answer_that_another_program_was_faster_than_goes_on_apart(chat: Terminal, store: Path) -> None:
    chat.type("/rename both\r")
    chat.until("this is 'both' now")
    chat.type("Answer slowly.\r")
    chat.until("/fork goes on apart")
    chat.type("/fork\r")
    chat.until("going on in 'Answer slowly.'")

    assert [turn.prompt for turn in Conversations(store).turns("both")] == ["Be faster."]
    assert [turn.prompt for turn in kept(store)] == ["Answer slowly."]


@pytest.mark.parametrize("marks", [("\x1b[200~", "\x1b[201~"), ("", "")], ids=["marked", "not marked"])
def test_a_paste_of_2000_lines_is_one_message_as_it_is(chat: Terminal, store: Path, marks: tuple[str, str]) -> None:
    paste = "\n".join(f"line {number} was pasted" for number in range(2000))

    chat.type(paste.replace("\n", "\r").join(marks))
    chat.until("line 1999")
    chat.type("\r")
    chat.until(" tokens in ")

    assert [turn.prompt for turn in kept(store)] == [paste]
