from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from clarion import (
    AsyncClaudeService,
    AsyncConversation,
    ClaudeConfig,
    ClaudeService,
    Conversation,
    ConversationError,
    ConversationFullError,
    ConversationMovedError,
    Conversations,
    ConversationTurn,
    InvalidPromptError,
    InvalidSettingError,
    RetryPolicy,
)
from clarion.emulator import script
from colours import Awaited, Make
from test_public import public
from wire import RememberingEmulator, RenamingEmulator


def talk(claude: Any, **options: Any) -> Any:
    """A conversation, in both colours used alike."""
    chat = claude.conversation(**options)
    return Awaited(chat, claude._runner) if isinstance(chat, AsyncConversation) else chat


def forked(chat: Any, **options: Any) -> Any:
    fork = chat.fork(**options)
    return Awaited(fork, chat._runner) if isinstance(fork, AsyncConversation) else fork


def roles(body: dict[str, Any]) -> list[str]:
    return [message["role"] for message in body["messages"]]


def said(chat: Any) -> list[str]:
    return [turn.text for turn in chat.turns]


def test_the_twins_have_the_same_methods_with_the_same_arguments() -> None:
    assert public(Conversation) == public(AsyncConversation)


def test_a_turn_goes_on_from_those_before(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, system="Be brief.")
    first = chat.send("My name is Ada.")
    chat.send("What is my name?")

    assert roles(emulator.bodies[1]) == ["user", "assistant", "user"]
    assert emulator.bodies[1]["messages"][:2] == first.messages
    assert emulator.bodies[1]["system"] == emulator.bodies[0]["system"] == "Be brief."
    assert len(chat.messages) == 4


def test_usage_and_cost_are_those_of_all_turns(claude: Any) -> None:
    chat = talk(claude)
    completions = [chat.send("One"), chat.send("Two")]

    assert chat.usage == completions[0].usage + completions[1].usage
    assert chat.cost == completions[0].cost + completions[1].cost


def test_a_turn_that_fails_leaves_the_conversation_as_it_was_and_says_so(make_claude: Make) -> None:
    chat = talk(make_claude(emulate=RememberingEmulator(script=[script.say("Hello"), script.error(400)])))
    chat.send("Hi")
    before = chat.messages

    with pytest.raises(Exception, match="400") as caught:
        chat.send("And?")

    assert chat.messages == before
    assert "the conversation is as it was before this turn" in caught.value.__notes__


def test_a_prompt_that_cannot_be_leaves_the_conversation_as_it_was(claude: Any) -> None:
    chat = talk(claude)

    with pytest.raises(InvalidPromptError):
        chat.send([])

    assert not chat.turns


def get_weather(location: str) -> str:
    """Get the weather of a place."""
    return f"rain in {location}"


def test_tools_that_ran_are_part_of_the_turn(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, tools=[get_weather])
    chat.send("Weather in Oslo?")
    chat.send("Thank you.")

    assert roles(emulator.bodies[2])[:5] == ["user", "assistant", "user", "assistant", "user"]
    assert emulator.bodies[2]["messages"][2]["content"][0]["type"] == "tool_result"
    assert chat.turns[0].messages[2]["content"][0]["type"] == "tool_result"


def test_a_call_that_only_the_caller_can_answer_has_to_be_answered_next(make_claude: Make) -> None:
    calls = script.call("look", {"where": "here"})
    chat = talk(make_claude(emulate=RememberingEmulator(script=[calls])))
    definition = {"name": "look", "description": "Look.", "input_schema": {"type": "object"}}
    (call,) = chat.send("Look.", tools=[definition]).tool_calls

    with pytest.raises(InvalidPromptError, match=call.id):
        chat.send("Well?", tools=[definition])
    chat.send([{"type": "tool_result", "tool_use_id": call.id, "content": "a door"}], tools=[definition])

    assert len(chat.turns) == 2


def test_another_model_goes_on_without_the_thinking_of_the_first(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, model="claude-opus-5-5", thinking="high")
    chat.send("Think.")
    chat.send("And you?", model="claude-sonnet-5-5")
    chat.send("And you again?")

    kinds = [[block["type"] for block in m["content"]] for m in emulator.bodies[1]["messages"] if m["role"] != "user"]
    assert kinds == [["text"]]
    assert emulator.bodies[2]["messages"][1]["content"][0]["type"] == "thinking"
    assert [turn.model for turn in chat.turns] == ["claude-opus-5-5", "claude-sonnet-5-5", "claude-opus-5-5"]


@pytest.mark.parametrize(
    ("asked", "answering"),
    [
        ("claude-opus-5-5", "claude-opus-5-5-20260922"),
        ("claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
    ],
)
def test_a_model_that_answers_by_another_of_its_names_reads_its_thinking(
    make_claude: Make, asked: str, answering: str
) -> None:
    emulator = RenamingEmulator(answering)
    chat = talk(make_claude(emulate=emulator), model=asked, thinking="high", adjust="silent")
    chat.send("Think.")
    second = chat.send("And you?")

    assert [block["type"] for block in emulator.bodies[-1]["messages"][1]["content"]] == ["thinking", "text"]
    assert "foreign-thinking" not in [adjustment.rule for adjustment in second.adjustments]


def test_a_fallback_model_that_reads_less_answers_in_the_same_turn(make_claude: Make) -> None:
    emulator = RememberingEmulator(script=[script.ok(), script.refusal()])
    config = ClaudeConfig(retry=RetryPolicy(fallback_models=("claude-sonnet-5-5",)), adjust="silent")
    chat = talk(make_claude(emulate=emulator, config=config), model="claude-opus-5-5", thinking="high")
    chat.send("Think.")
    completion = chat.send("And now?")

    assert completion.model == "claude-sonnet-5-5"
    assert chat.turns[1].messages == tuple(completion.messages[-2:])


def test_thinking_bound_to_another_system_prompt_is_left_out(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, model="claude-opus-5-5", thinking="high", system="Be brief.")
    chat.send("One")
    chat.send("Two", system="Be long.")
    chat.send("Three")
    chat.send("Four", system="Be long.")

    thoughts = [sum(m["content"][0]["type"] == "thinking" for m in b["messages"][1::2]) for b in emulator.bodies]
    assert thoughts == [0, 0, 1, 1]


def test_caching_is_on_where_it_pays_and_can_be_turned_off(make_claude: Make) -> None:
    emulator = RememberingEmulator()
    claude = make_claude(emulate=emulator)
    chat = talk(claude)
    chat.send("A long text of many words. " * 1000)
    second = chat.send("And?")
    talk(claude, cache=False).send("A long text of many words. " * 1000)
    talk(claude).send("Short")

    assert [("cache_control" in body) for body in emulator.bodies] == [True, True, False, False]
    assert second.usage.cache_read_input_tokens > 1000


def test_a_stream_that_was_read_is_a_turn(claude: Any) -> None:
    chat = talk(claude)
    with chat.stream("Hi") as stream:
        text = "".join(stream)

    assert stream.completion.text == text
    assert [(turn.kind, len(turn.messages)) for turn in chat.turns] == [("answer", 2)]


class Stop(BaseException):
    """As KeyboardInterrupt, which pytest takes for its own."""


@pytest.mark.parametrize("leave", [None, KeyboardInterrupt, Stop])
def test_a_stream_that_is_left_keeps_what_came_marked(claude: Any, emulator: RememberingEmulator, leave: Any) -> None:
    chat = talk(claude)
    shown = ""
    try:
        with chat.stream("Tell me a long story of the sea.") as stream:
            for text in stream:
                shown += text
                if leave:
                    raise leave
                break
    except (KeyboardInterrupt, Stop):
        assert leave
    chat.send("Go on")

    assert [turn.kind for turn in chat.turns] == ["partial", "answer"]
    assert emulator.bodies[1]["messages"][1] == {"role": "assistant", "content": [{"type": "text", "text": shown}]}
    assert chat.turns[0].usage.input_tokens > 0


def test_what_cannot_be_kept_does_not_hide_why_a_stream_was_left(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude, store=tmp_path / "a.db", name="a")

    def interrupted() -> None:
        with chat.stream("Tell me a long story.") as stream:
            next(iter(stream))
            Conversations(tmp_path / "a.db").delete("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()

    assert "not kept" in caught.value.__notes__[0]


def test_a_stream_that_is_left_before_it_said_anything_leaves_nothing(claude: Any) -> None:
    chat = talk(claude)
    with chat.stream("Hi"):
        pass

    assert not chat.turns


def test_a_stream_that_is_left_after_tools_keeps_their_results(claude: Any) -> None:
    chat = talk(claude, tools=[get_weather])
    with chat.stream("Weather in Oslo?") as stream:
        for text in stream:
            if "rain" in text or "get_weather" in stream.text:
                break

    (turn,) = chat.turns
    assert turn.kind == "partial"
    assert [message["role"] for message in turn.messages][:3] == ["user", "assistant", "user"]


def test_a_stream_that_fails_leaves_the_conversation_as_it_was(make_claude: Make) -> None:
    config = ClaudeConfig(retry=RetryPolicy(attempts=1))
    chat = talk(
        make_claude(
            emulate=RememberingEmulator(script=[script.say("Hello there, you") & script.cut(after=1)]), config=config
        )
    )

    with pytest.raises(Exception, match="broke off"), chat.stream("Hi") as stream:
        list(stream)

    assert not chat.turns


def test_an_asynchronous_stream_that_is_cancelled_keeps_what_came(tmp_path: Path) -> None:
    async def main() -> list[str]:
        async with AsyncClaudeService(emulate=RememberingEmulator()) as claude:
            chat = await claude.conversation(store=tmp_path / "a.db", name="a")
            begun = asyncio.Event()

            async def read() -> None:
                async with chat.stream("Tell me a long story.") as stream:
                    async for _ in stream:
                        begun.set()
                        await asyncio.sleep(60)

            reading = asyncio.create_task(read())
            await begun.wait()
            reading.cancel()
            await asyncio.wait([reading])
            again = await claude.conversation(store=tmp_path / "a.db", name="a")
            return [turn.kind for turn in again.turns]

    assert asyncio.run(main()) == ["partial"]


def test_a_fork_goes_its_own_way(claude: Any) -> None:
    chat = talk(claude)
    chat.send("One")
    chat.send("Two")
    fork = forked(chat, at=1)
    fork.send("Another two")
    last = forked(chat, at=-2)

    assert len(chat.turns) == len(fork.turns) == 2
    assert fork.turns[0] == chat.turns[0]
    assert fork.turns[1] != chat.turns[1]
    assert last.turns == ()


def test_a_fork_beyond_the_turns_is_refused(claude: Any) -> None:
    with pytest.raises(InvalidSettingError, match="has 0 turns"):
        forked(talk(claude), at=1)


def test_a_transcript_can_be_gone_on_from(claude: Any, emulator: RememberingEmulator) -> None:
    first = claude.complete("My name is Ada.")
    talk(claude, messages=first.messages).send("What is my name?")

    assert emulator.bodies[1]["messages"][:2] == first.messages


def test_two_turns_at_once_in_one_conversation_do_not_interleave(tmp_path: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        chat = claude.conversation()
        with chat.stream("One") as stream:
            chat.send("Two")
            with pytest.raises(ConversationMovedError) as caught:
                stream.finish()

    assert caught.value.completion is not None
    assert [turn.messages[0]["content"][0]["text"] for turn in chat.turns] == ["Two"]


# --- when it is full


def test_a_full_conversation_is_refused_before_anything_is_sent(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, full_at=100)
    chat.send("Hi")

    with pytest.raises(ConversationFullError, match="on_full=") as caught:
        chat.send("word " * 200)

    assert caught.value.tokens > caught.value.full_at == 100
    assert len(chat.turns) == 1
    assert sum("max_tokens" in body for body in emulator.bodies) == 1


@pytest.mark.parametrize("on_full", ["summarize", "compact"])
def test_a_full_conversation_goes_on_from_a_summary(claude: Any, emulator: RememberingEmulator, on_full: str) -> None:
    chat = talk(claude, full_at=3_000, on_full=on_full, system="Be brief.", tools=[get_weather])
    chat.send("word " * 1200)
    chat.send("word " * 700)
    chat.send("And now?")

    assert [turn.kind for turn in chat.turns] == ["answer", "summary", "answer", "answer"]
    sent = [body for body in emulator.bodies if "max_tokens" in body]
    assert roles(sent[2]) == ["user", "user"]
    assert len(chat.messages) == 5
    assert sent[2]["messages"][0] == sent[3]["messages"][0]


def test_a_turn_that_fails_after_a_summary_says_that_there_is_one(make_claude: Make) -> None:
    chat = talk(
        make_claude(emulate=RememberingEmulator(script=[script.ok(), script.say("Words."), script.error(400)])),
        full_at=2_000,
        on_full="summarize",
    )
    chat.send("word " * 1000)

    with pytest.raises(Exception, match="400") as caught:
        chat.send("word " * 800)

    assert [turn.kind for turn in chat.turns] == ["answer", "summary"]
    assert "but summed up" in caught.value.__notes__[0]


def test_a_stream_shows_nothing_of_the_summary_before_it(claude: Any) -> None:
    chat = talk(claude, full_at=2_000, on_full="summarize")
    chat.send("word " * 1000)
    with chat.stream("word " * 800) as stream:
        text = "".join(stream)

    assert [turn.kind for turn in chat.turns] == ["answer", "summary", "answer"]
    assert text == stream.completion.text


def test_a_prompt_that_is_too_long_by_itself_costs_no_summary(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, full_at=100, on_full="summarize")

    with pytest.raises(ConversationFullError, match="send less"):
        chat.send("word " * 400)

    assert all("max_tokens" not in body for body in emulator.bodies)


def test_what_cannot_be_done_when_full_is_refused(claude: Any) -> None:
    with pytest.raises(InvalidSettingError, match="on_full"):
        talk(claude, on_full="forget")
    with pytest.raises(InvalidSettingError, match="full_at"):
        talk(claude, full_at=0)


# --- kept in a file


def test_a_conversation_in_a_file_is_opened_again_with_its_options(make_claude: Make, tmp_path: Path) -> None:
    emulator = RememberingEmulator()
    claude = make_claude(emulate=emulator)
    first = talk(claude, store=tmp_path / "a.db", name="sea", system="Be brief.", thinking="high")
    first.send("Tell me of the sea.")
    again = talk(claude, store=tmp_path / "a.db", name="sea")
    again.send("And of the sky.")

    assert again.turns[0] == first.turns[0]
    assert emulator.bodies[1]["system"] == "Be brief."
    assert emulator.bodies[1]["messages"][1] == first.messages[1]


def test_a_saved_conversation_is_kept_from_then_on(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude)
    chat.send("Tell me of the sea.")
    chat.save(tmp_path / "a.db")
    chat.send("More.")

    assert chat.name is not None
    assert chat.name.startswith("Tell me of the sea.")
    assert talk(claude, store=tmp_path / "a.db", name=chat.name).turns == chat.turns


def test_a_name_that_is_taken_is_refused(claude: Any, tmp_path: Path) -> None:
    talk(claude, store=tmp_path / "a.db", name="a")

    with pytest.raises(ConversationError, match="named 'a' already"):
        talk(claude).save(tmp_path / "a.db", name="a")


def test_a_fork_of_a_kept_conversation_is_kept_under_another_name(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude, store=tmp_path / "a.db", name="a")
    chat.send("One")
    fork = forked(chat, name="b")
    fork.send("Two")

    assert talk(claude, store=tmp_path / "a.db", name="b").turns == fork.turns
    assert len(chat.turns) == 1


def test_turns_that_another_has_added_are_gone_on_from(claude: Any, tmp_path: Path) -> None:
    one = talk(claude, store=tmp_path / "a.db", name="a")
    other = talk(claude, store=tmp_path / "a.db", name="a")
    one.send("One")
    other.send("Two")

    assert said(other)[0].startswith("One")
    assert len(other.turns) == 2


def test_a_turn_that_another_was_faster_than_is_not_added_and_not_lost(claude: Any, tmp_path: Path) -> None:
    one = talk(claude, store=tmp_path / "a.db", name="a")
    other = talk(claude, store=tmp_path / "a.db", name="a")
    with one.stream("One") as stream:
        other.send("Two")
        with pytest.raises(ConversationMovedError, match="send it again") as caught:
            stream.finish()
    one.send("One")

    assert caught.value.completion is not None
    assert [text.partition("\n")[0] for text in said(one)] == ["Two", "One"]
    assert talk(claude, store=tmp_path / "a.db", name="a").turns == one.turns


def test_what_another_was_faster_than_goes_on_apart_with_what_it_was_given_on(claude: Any, tmp_path: Path) -> None:
    one = talk(claude, store=tmp_path / "a.db", name="a")
    other = talk(claude, store=tmp_path / "a.db", name="a")
    one.send("One")
    with one.stream("Two") as stream:
        other.send("Another two")
        with pytest.raises(ConversationMovedError) as caught:
            stream.finish()
    apart = forked(one, moved=caught.value)

    assert [text.partition("\n")[0] for text in said(apart)] == ["One", "Two"]
    assert apart.turns[1].cost == stream_cost(caught.value)
    assert talk(claude, store=tmp_path / "a.db", name=apart.name).turns == apart.turns


def stream_cost(error: ConversationMovedError) -> Any:
    assert error.completion is not None
    return error.completion.cost


def test_a_part_of_an_answer_that_another_was_faster_than_is_not_lost(claude: Any, tmp_path: Path) -> None:
    one = talk(claude, store=tmp_path / "a.db", name="a")
    other = talk(claude, store=tmp_path / "a.db", name="a")

    def interrupted() -> None:
        with one.stream("Tell me a long story.") as stream:
            next(iter(stream))
            other.send("Two")

    with pytest.raises(ConversationMovedError) as caught:
        interrupted()

    (turn,) = forked(one, moved=caught.value).turns
    assert turn.kind == "partial"
    assert turn.text.startswith("Tell me a long story.\n\n[emulated]")


def test_a_fork_begins_either_at_a_turn_or_at_what_was_not_added(claude: Any) -> None:
    moved = ConversationMovedError("a", turn=ConversationTurn(messages=(), model="m"), after=0)

    with pytest.raises(InvalidSettingError, match="moved= alone"):
        forked(talk(claude), at=0, moved=moved)


def test_a_conversation_without_a_name_is_put_into_the_file_by_its_first_turn(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude, store=tmp_path / "a.db", system="Be brief.")
    before = Conversations(tmp_path / "a.db").list()
    chat.send("Tell me of the sea.")
    (entry,) = Conversations(tmp_path / "a.db").list()

    assert before == ()
    assert entry.name == chat.name
    assert entry.name.startswith("Tell me of the sea.")
    assert entry.settings == {"system": "Be brief."}
    assert talk(claude, store=tmp_path / "a.db", name=chat.name).turns == chat.turns


def test_options_that_are_changed_hold_from_then_on_and_are_remembered(
    claude: Any, emulator: RememberingEmulator, tmp_path: Path
) -> None:
    chat = talk(claude, store=tmp_path / "a.db", name="a", model="opus", system="Be brief.")
    chat.send("One")
    chat.change(model="claude-sonnet-5-5")
    chat.send("Two")
    again = talk(claude, store=tmp_path / "a.db", name="a")

    assert [body["model"] for body in emulator.bodies] == ["claude-opus-5-5", "claude-sonnet-5-5"]
    assert (again.config.model, again.config.system) == ("claude-sonnet-5-5", "Be brief.")


def test_options_that_are_changed_before_the_first_turn_are_remembered(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude, store=tmp_path / "a.db", system="Be brief.")
    chat.change(system="Be long.", thinking="low")
    chat.send("One")

    again = talk(claude, store=tmp_path / "a.db", name=chat.name)
    assert (again.config.system, again.config.thinking) == ("Be long.", "low")


def test_an_option_that_cannot_be_changes_nothing(claude: Any) -> None:
    chat = talk(claude, model="opus")

    with pytest.raises(InvalidSettingError, match="max_tokens"):
        chat.change(model="sonnet", max_tokens=-1)

    assert chat.config.model == "opus"


@pytest.mark.parametrize("turns", [0, 1])
def test_a_renamed_conversation_is_found_under_its_new_name_alone(claude: Any, tmp_path: Path, turns: int) -> None:
    chat = talk(claude, store=tmp_path / "a.db")
    for _ in range(turns):
        chat.send("One")
    chat.rename("sea")
    chat.send("Two")

    assert [entry.name for entry in Conversations(tmp_path / "a.db").list()] == [chat.name] == ["sea"]
    assert talk(claude, store=tmp_path / "a.db", name="sea").turns == chat.turns


def test_a_conversation_takes_no_name_that_is_taken(claude: Any, tmp_path: Path) -> None:
    talk(claude, store=tmp_path / "a.db", name="a")
    chat = talk(claude, store=tmp_path / "a.db", name="b")

    with pytest.raises(ConversationError, match="named 'a' already"):
        chat.rename("a")
    chat.rename("b")

    assert chat.name == "b"


def test_a_conversation_in_memory_has_no_name_to_change(claude: Any) -> None:
    with pytest.raises(InvalidSettingError, match="in memory"):
        talk(claude).rename("a")


def test_a_conversation_is_exported_as_it_is_from_its_file(claude: Any, tmp_path: Path) -> None:
    chat = talk(claude, store=tmp_path / "a.db", name="a", system="Be brief.")
    chat.send("One")
    with chat.stream("Tell me a long story.") as stream:
        next(iter(stream))

    page = chat.export()
    assert (
        page.partition("Begun")[2].partition("\n")[2]
        == (Conversations(tmp_path / "a.db").export("a").partition("Begun")[2].partition("\n")[2])
    )
    assert page.endswith("*The answer was interrupted here.*\n")
    assert '"kind": "partial"' in chat.export(format="json")


def test_a_conversation_in_memory_can_be_exported(claude: Any) -> None:
    chat = talk(claude)
    assert "0 turns" in chat.export()

    chat.send("One")
    assert "## You\n\nOne" in chat.export()


def test_a_name_without_a_file_is_refused(claude: Any) -> None:
    with pytest.raises(InvalidSettingError, match="store="):
        talk(claude, name="a")


def test_threads_that_add_to_one_conversation_lose_nothing(tmp_path: Path) -> None:
    with ClaudeService(emulate=True) as claude:
        chat = claude.conversation(store=tmp_path / "a.db", name="a")
        kept: list[str] = []

        def add(who: int) -> None:
            for number in range(5):
                while True:
                    try:
                        chat.send(f"{who}.{number}")
                    except ConversationMovedError:
                        continue
                    kept.append(f"{who}.{number}")
                    break

        threads = [threading.Thread(target=add, args=(who,)) for who in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    asked = [turn.messages[0]["content"][0]["text"] for turn in chat.turns]
    assert sorted(asked) == sorted(kept)


def test_a_healthy_conversation_is_said_to_be_and_not_changed(claude: Any) -> None:
    chat = talk(claude, tools=[get_weather], thinking="low")
    assert chat.check().is_healthy
    chat.send("What is the weather in Oslo?")
    before = chat.messages

    report = chat.check()

    assert report.is_healthy
    assert chat.messages == before
    assert said(forked(chat, mended=True)) == said(chat)


def test_a_broken_conversation_goes_on_as_a_mended_fork(claude: Any, emulator: RememberingEmulator) -> None:
    chat = talk(claude, messages=[{"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Hi"}])
    with pytest.raises(Exception, match="first message must use"):
        chat.send("And?")

    assert [ailment.name for ailment in chat.check().mended] == ["no-opening"]
    fork = forked(chat, mended=True)
    fork.send("And?")

    assert roles(emulator.bodies[-1]) == ["user", "assistant", "user", "user"]
    assert fork.check().is_healthy
    assert not chat.check().is_healthy


def test_a_mended_fork_costs_what_the_conversation_cost(claude: Any) -> None:
    chat = talk(claude, messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}])
    chat.send("One")
    chat._log.history.turns[0].messages[0]["content"].append({"type": "text", "text": " "})

    fork = forked(chat, mended=True)

    assert len(fork.turns) == 1
    assert (fork.cost, fork.usage) == (chat.cost, chat.usage)


def test_a_mended_fork_of_a_conversation_in_a_file_is_kept_there(claude: Any, tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    talk(claude, store=path, name="broken", messages=[{"role": "assistant", "content": "Hello"}])

    forked(talk(claude, store=path, name="broken"), mended=True, name="mended")

    assert [turn.messages[0]["role"] for turn in Conversations(path).turns("mended")] == ["user"]
    assert [turn.messages[0]["role"] for turn in Conversations(path).turns("broken")] == ["assistant"]


def test_a_conversation_beyond_repair_has_no_mended_fork(claude: Any) -> None:
    chat = talk(claude, messages=[{"role": "user", "content": [{"type": "text", "text": " "}]}])

    with pytest.raises(ConversationError, match="beyond repair: messages: holds nothing"):
        forked(chat, mended=True)
