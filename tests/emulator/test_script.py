"""Scripts: which call takes which step, how steps go together, and what a script refuses to say."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clarion.emulator import ConnectionLost, Emulator, Step, script
from clarion.emulator.script import (
    bad_tool_json,
    call,
    cut,
    drop,
    empty,
    error,
    error_event,
    hang,
    html,
    ok,
    pause,
    refusal,
    reset,
    say,
    slow,
    stall,
    stop,
)


def statuses(api: Any, *calls: dict[str, Any]) -> list[int]:
    return [api.ask(**fields)[0] for fields in calls]


def test_calls_take_the_steps_in_order_and_then_get_plain_answers(api: Any) -> None:
    api.emulator.add(error(529), error(429), ok(), error(500))

    assert statuses(api, *[{}] * 6) == [529, 429, 200, 500, 200, 200]


def test_a_script_may_be_given_to_the_emulator_or_added_later(api: Any) -> None:
    emulator = Emulator(script=[error(529)])
    emulator.add(error(503))

    assert statuses(type(api)(emulator), {}, {}, {}) == [529, 503, 200]


def test_ok_answers_what_would_be_answered_without_a_script(api: Any) -> None:
    scripted = type(api)(Emulator(script=[ok()]))

    _, with_script = scripted.ask()
    _, without = type(api)(Emulator()).ask()

    assert with_script == without


def test_steps_no_call_has_taken_are_told_in_order(api: Any) -> None:
    steps = [error(529, retry_after=2), say("Hi") & cut(after=1), ok()]
    api.emulator.add(*steps)

    api.ask()

    assert api.emulator.unused == tuple(steps[1:])
    assert repr(api.emulator.unused) == "(say('Hi', 'end_turn') & cut(after=1), ok())"


def test_a_step_waits_for_a_call_of_its_model(api: Any) -> None:
    api.emulator.add(error(529).when(model="claude-opus-*"), error(500))

    found = statuses(api, {}, {}, {"model": "claude-opus-4-8"}, {"model": "claude-opus-4-8"})

    assert found == [500, 200, 529, 200]


def test_a_step_may_be_for_streams_or_for_other_calls(api: Any) -> None:
    api.emulator.add(error(529).when(stream=True), error(500).when(stream=False))

    assert statuses(api, {}, {}, {"stream": True}) == [500, 200, 529]


def test_a_step_may_look_at_the_body(api: Any) -> None:
    api.emulator.add(error(529).when(body=lambda body: "Oslo" in json.dumps(body)))

    found = statuses(api, {}, {"messages": [{"role": "user", "content": "Oslo?"}]})

    assert found == [200, 529]


def test_conditions_add_up(api: Any) -> None:
    api.emulator.add(error(529).when(model="claude-opus-*").when(stream=True))

    opus = {"model": "claude-opus-4-8"}

    assert statuses(api, opus, {"stream": False}, opus | {"stream": True}) == [200, 200, 529]


def test_models_and_token_counts_are_left_alone_unless_a_step_says_so(api: Any) -> None:
    api.emulator.add(error(500), error(503).when(route="models"), error(504).when(route="count_tokens"))

    listed = [api.send("GET", "/v1/models").status for _ in range(2)]
    shown = api.send("GET", "/v1/models/claude-haiku-5-5").status
    counted = [api.ask("/v1/messages/count_tokens", max_tokens=None)[0] for _ in range(2)]

    assert (listed, shown, counted) == ([503, 200], 200, [504, 200])
    assert api.emulator.unused[0].name == "error(500)"


def test_a_request_the_api_refuses_takes_no_step(api: Any) -> None:
    api.emulator.add(error(529))

    assert statuses(api, {"max_tokens": -1}, {"model": "nobody"}, {}) == [400, 404, 529]


def test_threads_take_every_step_exactly_once(api: Any) -> None:
    api.emulator.add(*[error(529)] * 40, *[error(429)] * 40)

    with ThreadPoolExecutor(16) as pool:
        found = Counter(pool.map(lambda _: api.ask()[0], range(100)))

    assert found == {529: 40, 429: 40, 200: 20}
    assert api.emulator.unused == ()


def test_the_same_script_gives_the_same_answers(api: Any) -> None:
    steps = [error(529), say("Hello"), call("add", {"a": 1}), refusal("cyber", after=2)]

    first, second = (type(api)(Emulator(script=steps)) for _ in range(2))

    assert [first.ask() for _ in steps] == [second.ask() for _ in steps]


def test_a_lost_connection_is_raised_by_the_emulator_itself(api: Any) -> None:
    api.emulator.add(hang(3) & reset())

    with pytest.raises(ConnectionLost) as raised:
        api.ask()

    assert (raised.value.is_reset, raised.value.delay) == (True, 3)


def test_nothing_waits_inside_the_emulator(api: Any) -> None:
    api.emulator.add(hang(60) & slow(first_token=60), hang(60) & error(529), hang(60) & html(), stall(seconds=60))

    fields = {"model": "claude-haiku-5-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    found = [api.send("POST", "/v1/messages", fields) for _ in range(4)]

    assert [response.delay for response in found] == [120, 60, 60, 0]
    assert [chunk.delay for chunk in found[3].body] == [0, 60]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (cut(1), drop(2)),
        (say("a"), empty()),
        (error(529), html()),
        (hang(1), hang(2)),
        (error(529), cut()),
        (reset(), say("a")),
        (html(), slow(first_token=1)),
    ],
)
def test_parts_that_exclude_each_other_are_refused(one: Step, other: Step) -> None:
    with pytest.raises(ValueError, match=r"cannot be one step|replaces the answer"):
        one & other


def test_what_is_said_needs_a_call_that_is_answered_with_a_message() -> None:
    with pytest.raises(ValueError, match="only a call of 'messages'"):
        pause().when(route="models")


@pytest.mark.parametrize(
    "make",
    [
        lambda: error(200),
        lambda: hang(-1),
        lambda: cut(-1),
        lambda: stall(seconds=1, pings=0),
        lambda: slow(per_event=-1),
        lambda: refusal(after=-1),
        lambda: stop("max_tokens", after=-1),
    ],
)
def test_impossible_numbers_are_refused_where_they_are_written(make: Any) -> None:
    with pytest.raises(ValueError, match=r"must|status"):
        make()


def test_steps_of_all_kinds_go_together_in_any_order(api: Any) -> None:
    parts = [say("a b c d e f"), slow(per_event=1), cut(after=1), hang(2)]
    forward, backward = parts[0], parts[3]
    for part in parts[1:]:
        forward = forward & part
    for part in parts[2::-1]:
        backward = backward & part

    assert [forward.answer, forward.pace, forward.ending, forward.wait] == [
        backward.answer,
        backward.pace,
        backward.ending,
        backward.wait,
    ]


def test_an_ending_that_comes_after_all_deltas_still_spoils_the_stream(api: Any) -> None:
    fields = {"model": "claude-haiku-5-5", "max_tokens": 99, "messages": [{"role": "user", "content": "Hello"}]}
    for step in (cut(after=999), error_event(after=999), call("add", {"a": 1}) & cut(after=999)):
        api.emulator.add(step)

        response = api.send("POST", "/v1/messages", fields | {"stream": True})
        data = b"".join(chunk.data for chunk in response.body)

        assert b"content_block_stop" in data
        assert b"message_delta" not in data


def test_every_word_of_the_language_is_a_step_with_a_name_as_it_is_written() -> None:
    made = [
        ok(), bad_tool_json("add"), script.body(b"x"), call("a", {"b": 1}, cut=3), script.calls([("a", {})]), cut(1),
        drop(2, reset=True), empty(), error(429, retry_after=1.5), error_event(3), script.garbage(), hang(1),
        script.hangup(), html(), pause(), refusal("bio"), reset(), say("a"), slow(first_token=1), stall(seconds=2),
        stop("max_tokens"), script.truncated(), script.blocks([{"type": "text", "text": "a"}]), script.answer(str),
        script.usage({"output_tokens": 1}), script.evict(), script.duplicate(), script.unknown_event(),
        script.unknown_delta(), script.unknown_block(), script.index_gap(), script.out_of_order(),
    ]  # fmt: skip

    assert {step.name.partition("(")[0] for step in made} == set(script.__all__) - {"Step", "replay"}
    assert error(429, retry_after=1.5).name == "error(429, retry_after=1.5)"
    assert drop(2, reset=True).name == "drop(after=2, reset=True)"
