from __future__ import annotations

import json
import random
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adders
from clarion import (
    ClaudeService,
    ConversationError,
    Conversations,
    ConversationStoreError,
    ConversationTurn,
    Cost,
    Image,
    InvalidSettingError,
    Usage,
)
from clarion._catalog import Catalog
from clarion._conversation.history import History
from siege import besieged, losses
from wire import RememberingEmulator


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a conversation of the sea and one of the sky."""
    with ClaudeService(emulate=True) as claude:
        sea = claude.conversation(store=tmp_path / "a.db", name="sea", system="Be brief.")
        sea.send("What lives in the Ärmelkanal?")
        with sea.stream("Tell me a long story.") as stream:
            next(iter(stream))
        claude.conversation(store=tmp_path / "a.db", name="sky").send(["What is this?", Image("examples/coffee.jpg")])
    return tmp_path / "a.db"


def test_conversations_are_listed_the_last_changed_first(file: Path) -> None:
    assert [(entry.name, entry.turns) for entry in Conversations(file).list()] == [("sky", 1), ("sea", 2)]


def test_conversations_are_listed_with_the_first_words_of_each(file: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        claude.conversation(store=file, name="land")

    assert [entry.first_words[:28] for entry in Conversations(file).list()] == [
        "",
        "What is this? [emulated] **c",
        "What lives in the Ärmelkanal",
    ]


def test_a_file_that_is_not_there_has_no_conversations(tmp_path: Path) -> None:
    assert not Conversations(tmp_path / "b.db").list()
    assert not Conversations(tmp_path / "b.db").search("x")
    assert not (tmp_path / "b.db").exists()


@pytest.mark.parametrize("words", ["armelkanal", "LIVES ärmelkanal", 'lives "in'])
def test_words_are_found_whatever_their_case_and_accents(file: Path, words: str) -> None:
    (found,) = Conversations(file).search(words)

    assert (found.name, found.turn) == ("sea", 1)


@pytest.mark.parametrize("words", ["", "  ", "whale", "armel", 'NOT" OR *'])
def test_words_that_were_not_said_are_not_found(file: Path, words: str) -> None:
    assert Conversations(file).search(words) == ()


def test_a_deleted_conversation_is_gone_from_the_search_too(file: Path) -> None:
    Conversations(file).delete("sea")

    assert Conversations(file).search("armelkanal") == ()
    assert [entry.name for entry in Conversations(file).list()] == ["sky"]


def test_a_conversation_deleted_under_way_says_so(file: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        chat = claude.conversation(store=file, name="sea")
        Conversations(file).delete("sea")

        with pytest.raises(ConversationError, match="was deleted"):
            chat.send("More")


def test_markdown_shows_who_said_what_and_where_it_was_interrupted(file: Path) -> None:
    page = Conversations(file).export("sea")

    assert page.startswith("# sea\n")
    assert "## You\n\nWhat lives in the Ärmelkanal?\n\n## Claude (claude-opus-5-5)\n" in page
    assert page.endswith("*The answer was interrupted here.*\n")


def test_markdown_shows_calls_of_tools_in_fences_that_hold(tmp_path: Path) -> None:
    def fetch(page: str) -> str:
        """Fetch a page."""
        return f"```\n{page}\n```"

    with ClaudeService(emulate=True) as claude:
        claude.conversation(store=tmp_path / "a.db", name="a").send("Fetch the page.", tools=[fetch])
    page = Conversations(tmp_path / "a.db").export("a")

    assert "Calls `fetch`:" in page
    assert "## Tools\n\n````\n```\n" in page


def test_json_has_every_turn_with_its_usage_and_images(file: Path) -> None:
    told = json.loads(Conversations(file).export("sky", format="json"))

    (turn,) = told["turns"]
    assert turn["usage"]["output_tokens"] > 0
    assert turn["messages"][0]["content"][1]["source"]["data"]


def test_an_export_in_another_form_or_of_another_name_is_refused(file: Path) -> None:
    with pytest.raises(InvalidSettingError, match="markdown, json"):
        Conversations(file).export("sea", format="pdf")  # type: ignore[arg-type]  # the mistake to be refused
    with pytest.raises(ConversationError, match="'sky', 'sea'"):
        Conversations(file).export("land")


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("Not a database, but long enough to have a head." * 10)
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("create table t (x)")
    db.close()

    with pytest.raises(ConversationStoreError, match="not an SQLite database"):
        Conversations(tmp_path / "text.db").list()
    with pytest.raises(ConversationStoreError, match="not one of conversations"):
        Conversations(tmp_path / "other.db").list()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with ClaudeService(emulate=True) as claude, pytest.raises(ConversationStoreError, match="does its folder exist"):
        claude.conversation(store=tmp_path / "none" / "a.db")


def test_a_secret_in_the_options_is_not_written(tmp_path: Path) -> None:
    with ClaudeService(emulate=RememberingEmulator()) as claude:
        chat = claude.conversation(store=tmp_path / "a.db", headers={"x-token": "sesame"}, metadata={"user_id": "open"})
        chat.send("Hi")

    written = b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))
    assert b"sesame" not in written
    assert b"open" not in written.replace(b"opened", b"")


def test_a_turn_comes_back_from_the_file_as_it_was(file: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        chat = claude.conversation(store=file, name="new")
        chat.send("Think.", thinking="high")
        again = claude.conversation(store=file, name="new")

    assert again.turns == chat.turns
    assert [getattr(m, "model", None) for m in again.messages] == [None, "claude-opus-5-5"]


def test_a_conversation_that_is_there_takes_no_transcript(file: Path) -> None:
    with ClaudeService(emulate=True) as claude, pytest.raises(InvalidSettingError, match="takes no messages="):
        claude.conversation(store=file, name="sky", messages=[{"role": "user", "content": "Hi"}])


def test_options_of_any_kind_are_remembered(tmp_path: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        claude.conversation(store=tmp_path / "a.db", name="a", stop_sequences=("END",), temperature=Decimal("0.5"))  # type: ignore[arg-type]  # what a Decimal becomes
        again = claude.conversation(store=tmp_path / "a.db", name="a")

    assert again.config.stop_sequences == ["END"]
    assert (again.config.cache, again.config.temperature) == (True, 0.5)


def test_two_processes_that_add_lose_and_interleave_nothing(tmp_path: Path) -> None:
    processes = [adders.started(tmp_path / "a.db", "both", who, 1.0) for who in ("a", "b")]
    for process in processes:
        process.join()

    found = losses(tmp_path / "a.db")
    assert found.are_none, found
    assert found.recorded == found.acknowledged > 1
    assert {name[0] for name in adders.acknowledged(tmp_path / "a.db")} == {"a", "b"}


def test_a_process_that_is_killed_loses_no_turn_it_acknowledged(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")

    found = besieged(tmp_path, kills=6, seed=seed)

    assert found.are_none, found
    assert found.recorded >= found.acknowledged > 0


TURNS = st.builds(
    lambda text, kind, model, ground: ConversationTurn(
        messages=({"role": "user", "content": text}, {"role": "assistant", "content": text}),
        kind=kind,
        model=model,
        ground=ground,
        usage=Usage(output_tokens=1),
        cost=Cost(),
    ),
    st.text(min_size=1, max_size=5),
    st.sampled_from(["answer", "partial", "summary"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["x", "y"]),
)
HISTORIES = st.lists(TURNS, max_size=8).map(lambda turns: History(tuple(turns)))


@given(HISTORIES, st.data())
def test_a_rewound_history_is_the_beginning_of_it_and_grows_apart(history: History, data: Any) -> None:
    count = data.draw(st.integers(-len(history.turns), len(history.turns)))
    turn = data.draw(TURNS)

    rewound = history.at(count)

    assert rewound.turns == history.turns[:count]
    assert rewound.then(turn).turns[:-1] == rewound.turns
    assert history.at(None) == history


CATALOG = Catalog.load()


@given(HISTORIES, TURNS)
def test_what_is_sent_only_grows_until_a_summary(history: History, turn: ConversationTurn) -> None:
    before, after = history.readable("a", "x", CATALOG), history.then(turn).readable("a", "x", CATALOG)

    kept = [] if turn.kind == "summary" else before
    assert after == [*kept, *turn.messages]


@given(HISTORIES)
def test_what_is_sent_begins_with_the_last_summary(history: History) -> None:
    assert all(turn.kind != "summary" for turn in history.live[1:])
    assert history.turns[len(history.turns) - len(history.live) :] == history.live


@given(HISTORIES)
def test_usage_is_that_of_all_turns_those_before_a_summary_too(history: History) -> None:
    assert history.usage.output_tokens == len(history.turns)


@pytest.mark.parametrize("name", ["", " "])
def test_a_name_that_is_blank_is_refused(tmp_path: Path, name: str) -> None:
    claude = ClaudeService(emulate=True)
    kept = claude.conversation(store=tmp_path / "a.db", name="sea")

    for naming in (
        lambda: claude.conversation(store=tmp_path / "a.db", name=name),
        lambda: kept.rename(name),
        lambda: claude.conversation().save(tmp_path / "a.db", name=name),
    ):
        with pytest.raises(InvalidSettingError, match="a name to find it by"):
            naming()
    assert [entry.name for entry in Conversations(tmp_path / "a.db").list()] == ["sea"]
