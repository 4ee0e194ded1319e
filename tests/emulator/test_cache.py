"""The prompt cache: who writes what, who reads it, for how long, and what it costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.emulator import ConnectionLost, Emulator, models
from clarion.emulator.cache import store
from clarion.emulator.cache.prefix import prefixes
from clarion.emulator.call import Call
from clarion.emulator.script import error, reset, slow
from desk import FIVE, HOUR, LONG, MODEL, NOON, Desk, Fields, Tokens, text, tool, user

SEARCH = {"type": "web_search_20250305", "name": "web_search"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Writing and reading


def test_the_second_request_reads_what_the_first_has_written(desk: Desk) -> None:
    fields: Fields = {"system": [text(mark=FIVE)]}

    first, second = desk.ask(**fields), desk.ask(**fields)

    assert first.five > 600
    assert first.read == 0
    assert second == Tokens(first.fresh, read=first.five)
    assert first.total == second.total == desk.count(**fields)


def test_without_a_mark_nothing_is_written_or_read(desk: Desk) -> None:
    desk.ask(system=[text(mark=FIVE)])

    assert desk.ask(system=[text()]) == Tokens(desk.count(system=[text()]))


def test_a_mark_that_has_moved_on_finds_the_entry_behind_it(desk: Desk) -> None:
    first = desk.ask(messages=[user(text(mark=FIVE))])
    second = desk.ask(messages=[user(text(), text("More", FIVE))])

    assert second.read == first.five
    assert 0 < second.five < 10


def test_an_entry_is_written_at_the_mark_and_nowhere_before_it(desk: Desk) -> None:
    desk.ask(messages=[user(text(), text("It is 12:00", FIVE))])

    assert desk.ask(messages=[user(text(), text("It is 12:01", FIVE))]).read == 0


@pytest.mark.parametrize(("blocks_after", "is_found"), [(19, True), (20, False)])
def test_a_mark_looks_back_over_twenty_positions(desk: Desk, blocks_after: int, is_found: bool) -> None:
    desk.ask(messages=[user(text(mark=FIVE))])
    after = [text(f"{number}") for number in range(blocks_after - 1)]

    second = desk.ask(messages=[user(text(), *after, text("End", FIVE))])

    assert bool(second.read) is is_found


def test_a_second_mark_starts_a_second_look_back(desk: Desk) -> None:
    desk.ask(messages=[user(text(mark=FIVE))])
    after = [text(f"{number}") for number in range(30)]

    assert desk.ask(messages=[user(text(mark=FIVE), *after, text("End", FIVE))]).read > 600


def test_parallel_tool_calls_count_as_one_position(desk: Desk) -> None:
    uses = [{"type": "tool_use", "id": f"toolu_{n}", "name": "look_up", "input": {}} for n in range(30)]
    results = [{"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": f"{n}"} for n in range(30)]
    asked: Fields = {"tools": [tool()]}

    first = desk.ask(messages=[user(text(mark=FIVE))], **asked)
    messages = [user(text()), {"role": "assistant", "content": uses}, user(*results, text("So?", FIVE))]

    assert desk.ask(messages=messages, **asked).read == first.five


@pytest.mark.parametrize(
    ("model", "least"), [("claude-haiku-5-5", 512), ("claude-sonnet-5", 1024), ("claude-haiku-4-5", 4096)]
)
def test_below_the_minimum_of_the_model_nothing_is_cached(desk: Desk, model: str, least: int) -> None:
    def written(words: int) -> int:
        return desk.ask(model=model, system=[text("word " * words, FIVE)]).five

    per_word = desk.count(model=model, system="word " * 10_000) / 10_000

    assert written(int(least / per_word) - 20) == 0
    assert written(int(least / per_word) + 20) >= least


def test_a_change_before_the_mark_is_written_anew(desk: Desk) -> None:
    first = desk.ask(system=[text(mark=FIVE)])

    assert desk.ask(system=[text(LONG.replace("word", "ward"), FIVE)]) == first


def test_content_is_the_same_however_it_is_spelled(desk: Desk) -> None:
    written = desk.ask(cache_control=FIVE, messages=[{"role": "user", "content": LONG}])

    assert desk.ask(messages=[user(text(mark=FIVE) | {"citations": None})]).read == written.five
    assert desk.ask(messages=[user({"cache_control": FIVE, "text": LONG, "type": "text"})]).read == written.five


def test_the_order_of_keys_in_a_tool_input_counts(desk: Desk) -> None:
    def asked(arguments: Fields) -> Tokens:
        use = {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": arguments}
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Done", "cache_control": FIVE}
        messages = [user(text()), {"role": "assistant", "content": [use]}, user(result)]
        return desk.ask(tools=[tool()], messages=messages)

    asked({"a": 1, "b": 2})

    assert asked({"b": 2, "a": 1}).read == 0
    assert asked({"a": 1, "b": 2}).read > 0


def test_a_mark_within_a_tool_result_stands_for_the_whole_result(desk: Desk) -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "look_up", "input": {}}

    def asked(**marked: Any) -> Tokens:
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text(**marked)]}
        messages = [user(text("Go")), {"role": "assistant", "content": [use]}, user(result, text("So?"))]
        return desk.ask(tools=[tool()], messages=messages)

    assert asked(mark=FIVE).five > 1_200
    assert asked(mark=FIVE).read > 1_200


def test_a_mark_within_a_document_stands_for_the_whole_document(desk: Desk) -> None:
    document = {"type": "document", "source": {"type": "content", "content": [text(), text(mark=FIVE)]}}

    assert desk.ask(messages=[user(document, text("So?"))]).five > 1_200
    assert desk.ask(messages=[user(document, text("And?"))]).read > 1_200


def test_what_looks_like_a_mark_in_the_answer_of_a_server_tool_is_none(desk: Desk) -> None:
    use = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
    found = {"type": "web_search_result", "title": "t", "url": "https://e.com", "encrypted_content": "E"}
    result = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [found | {"cache_control": 5}]}
    messages = [user(text()), {"role": "assistant", "content": [use, result, text("Well")]}, user(text("So?", FIVE))]

    response = desk.post(tools=[SEARCH], messages=messages)

    assert response.status in {200, 400}


def test_a_mark_costs_no_tokens(desk: Desk) -> None:
    assert desk.count(tools=[tool(FIVE)]) == desk.count(tools=[tool()])


# Whose cache it is


def test_keys_models_and_workspaces_share_nothing(desk: Desk) -> None:
    fields: Fields = {"system": [text(mark=FIVE)]}
    desk.ask(**fields)

    assert desk.ask(model="claude-opus-5-5", **fields).read == 0
    assert desk.ask(headers={"x-api-key": "yours"}, **fields).read == 0
    assert desk.ask(headers={"x-api-key": "mine", "anthropic-workspace-id": "wrkspc_other"}, **fields).read == 0


def test_one_key_is_the_same_in_either_header(desk: Desk) -> None:
    fields: Fields = {"system": [text(mark=FIVE)]}
    desk.ask(**fields)

    assert desk.ask(headers={"authorization": "Bearer mine"}, **fields).read > 600


# Time


@pytest.mark.parametrize(("mark", "seconds"), [(FIVE, 300), (HOUR, 3600)])
def test_an_entry_lasts_from_the_start_of_the_request_to_its_time(desk: Desk, mark: Fields, seconds: float) -> None:
    fields: Fields = {"system": [text(mark=mark)]}
    desk.ask(**fields)
    desk.emulator.clock.advance(seconds)

    assert desk.ask(**fields).read == 0


@pytest.mark.parametrize(("mark", "seconds"), [(FIVE, 299), (HOUR, 3599)])
def test_every_hit_gives_an_entry_its_time_anew(desk: Desk, mark: Fields, seconds: float) -> None:
    fields: Fields = {"system": [text(mark=mark)]}
    desk.ask(**fields)

    for _ in range(3):
        desk.emulator.clock.advance(seconds)
        assert desk.ask(**fields).read > 600


def test_a_conversation_refreshes_the_entry_it_goes_on_from(desk: Desk) -> None:
    desk.ask(messages=[user(text(mark=FIVE))])
    desk.emulator.clock.advance(200)
    desk.ask(messages=[user(text(), text("More", FIVE))])
    desk.emulator.clock.advance(200)

    assert desk.ask(messages=[user(text(), text("Other", FIVE))]).read > 600


def test_requests_before_the_first_answer_begins_all_write() -> None:
    desk = Desk(Emulator(clock=lambda: NOON, first_token_delay=2.0))
    fields: Fields = {"system": [text(mark=FIVE)]}

    at_once = [desk.ask(**fields) for _ in range(3)]
    desk.emulator.clock.advance(2)

    assert {tokens.read for tokens in at_once} == {0}
    assert len(set(at_once)) == 1
    assert desk.ask(**fields).read == at_once[0].five


def test_the_pace_of_a_script_delays_the_entry_too() -> None:
    desk = Desk(Emulator(clock=lambda: NOON, script=[slow(first_token=9.0)]))
    fields: Fields = {"system": [text(mark=FIVE)]}
    desk.ask(**fields)
    desk.emulator.clock.advance(8)

    assert desk.ask(**fields).read == 0


@pytest.mark.parametrize("fault", [error(529), reset()])
def test_a_request_that_fails_writes_nothing(fault: Any) -> None:
    desk = Desk(Emulator(clock=lambda: NOON, script=[fault]))
    fields: Fields = {"system": [text(mark=FIVE)]}
    with pytest.raises((AssertionError, ConnectionLost)):
        desk.ask(**fields)

    assert desk.ask(**fields).read == 0


# Bills


def test_two_spans_in_one_request_are_billed_apart(desk: Desk) -> None:
    fields: Fields = {"tools": [tool(HOUR)], "system": [text(mark=HOUR)], "messages": [user(text(mark=FIVE))]}

    first, second = desk.ask(**fields), desk.ask(**fields)
    desk.emulator.clock.advance(400)
    third = desk.ask(**fields)

    assert first.hour > 1_200
    assert 600 < first.five < 700
    assert second == Tokens(first.fresh, read=first.five + first.hour)
    assert third == Tokens(first.fresh, read=first.hour, five=first.five)


def test_a_longer_span_beyond_the_hit_is_billed_up_to_its_mark(desk: Desk) -> None:
    tools = [tool(HOUR)]
    first = desk.ask(tools=tools)

    second = desk.ask(tools=tools, system=[text(mark=HOUR)], messages=[user(text(mark=FIVE))])

    assert second.read == first.hour
    assert second.hour > 600
    assert second.five > 600


def test_automatic_caching_follows_a_conversation(desk: Desk) -> None:
    messages = [user(text())]
    first = desk.ask(cache_control=FIVE, messages=messages)
    messages = [*messages, {"role": "assistant", "content": LONG}, user(text("And now?"))]
    second = desk.ask(cache_control=FIVE, messages=messages)

    assert second.read == first.five
    assert 600 < second.five < 700


def test_automatic_caching_walks_back_to_a_block_that_can_be_marked() -> None:
    thoughts = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    messages = [user(text()), {"role": "assistant", "content": [text("Well"), thoughts]}]
    model = models.find("claude-opus-5-5")
    assert model is not None
    call = Call(model=model, version="2026-10-21", body={"messages": messages, "cache_control": FIVE})

    assert [prefix.span is not None for prefix in prefixes(call, "scope")] == [False, True, False]


def test_a_mark_of_the_whole_request_changes_nothing_where_its_last_block_has_one(desk: Desk) -> None:
    marked = desk.ask(messages=[user(text(mark=FIVE))])

    assert Desk().ask(cache_control=FIVE, messages=[user(text(mark=FIVE))]) == marked


def test_a_warm_up_writes_and_says_nothing(desk: Desk) -> None:
    fields: Fields = {"system": [text(mark=FIVE)]}

    warm = desk.send(max_tokens=0, messages=[user(text("warmup"))], **fields)
    tokens = desk.ask(messages=[user(text("Real"))], **fields)

    assert warm["content"] == []
    assert warm["stop_reason"] == "max_tokens"
    assert warm["usage"]["output_tokens"] == 0
    assert warm["usage"]["cache_creation_input_tokens"] == tokens.read > 600


# Bounds


def test_entries_unused_for_longest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(store, "MOST_KEPT", 2)

    def asked(number: int) -> Tokens:
        return desk.ask(system=[text(f"{number} {LONG}", FIVE)])

    for number in (1, 2, 1, 3):
        asked(number)

    assert asked(1).read > 0
    assert asked(2).read == 0


def test_threads_share_a_cache() -> None:
    desk = Desk()
    fields: Fields = {"system": [text(mark=HOUR)], "messages": [user(text(mark=FIVE), text("So?"))]}
    total = desk.count(**fields)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: desk.ask(**fields), range(200)))

    assert {tokens.total for tokens in found} == {total}
    assert found[-1].read > 1_200


# Streams and the SDK


def test_a_stream_tells_the_split_at_its_start_and_at_its_end(client: anthropic.Anthropic) -> None:
    asked: Fields = {
        "model": MODEL,
        "max_tokens": 50,
        "system": [text(mark=HOUR)],
        "messages": [{"role": "user", "content": "Hello"}],
    }
    first = client.messages.create(**asked)
    with client.messages.stream(**asked) as stream:
        events = list(stream)

    written = first.usage.cache_creation
    assert written is not None
    start = next(event for event in events if event.type == "message_start").message.usage
    delta = next(event for event in events if event.type == "message_delta").usage
    assert start.cache_read_input_tokens == delta.cache_read_input_tokens == written.ephemeral_1h_input_tokens
    assert start.input_tokens == delta.input_tokens == first.usage.input_tokens
    assert start.cache_creation is not None
    assert delta.cache_creation_input_tokens == 0


# Properties

SPANS = st.sampled_from([None, FIVE])
BLOCKS = st.lists(st.tuples(st.integers(1, 40), SPANS), min_size=1, max_size=25)


def conversation(blocks: list[tuple[int, Fields | None]], most: int = 4) -> list[Fields]:
    """Return messages whose blocks are long and a few of them marked."""
    left, made = most, []
    for words, mark in blocks:
        span = mark if left else None
        left -= span is not None
        made.append(text("word " * (words * 20), span))
    return [user(*made)]


@settings(max_examples=40)
@given(st.lists(BLOCKS, min_size=1, max_size=4), st.lists(st.integers(0, 400), min_size=4, max_size=4))
def test_the_parts_of_a_prompt_add_up_to_its_count(talks: list[Any], pauses: list[int]) -> None:
    desk = Desk()

    for talk, pause in zip(talks, pauses, strict=False):
        fields: Fields = {"messages": conversation(talk)}
        tokens = desk.ask(**fields)
        assert min(tokens.fresh, tokens.read, tokens.five, tokens.hour) >= 0
        assert tokens.total == desk.count(**fields)
        desk.emulator.clock.advance(pause)


@settings(max_examples=40)
@given(BLOCKS, st.integers(0, 10))
def test_a_longer_prompt_that_begins_the_same_never_reads_less(blocks: list[Any], more: int) -> None:
    desk = Desk()
    fields: Fields = {"messages": conversation(blocks, most=3)}
    desk.ask(**fields)

    again = desk.ask(**fields)
    (message,) = conversation(blocks, most=3)
    longer = [*message["content"], *(text(f"More {number}") for number in range(more)), text("End", FIVE)]

    assert desk.ask(messages=[user(*longer)]).read >= again.read
