"""Odd streams, given blocks and usage, retired models: what is sent, and that clients get along with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from clarion.emulator import Emulator, EmulatorTransport, assembly
from clarion.emulator.recording import Recorder, Tape
from clarion.emulator.scenario import Scenario, ScenarioError
from clarion.emulator.script import (
    answer,
    blocks,
    call,
    calls,
    cut,
    duplicate,
    error,
    evict,
    index_gap,
    out_of_order,
    replay,
    say,
    slow,
    unknown_block,
    unknown_delta,
    unknown_event,
    usage,
)

ODDITIES = [
    duplicate(),
    duplicate("ping"),
    unknown_event(),
    unknown_delta(),
    unknown_block(),
    unknown_block(first=True),
    index_gap(3),
    out_of_order(),
]
BODY = {"model": "claude-haiku-4-5", "max_tokens": 1000, "messages": [{"role": "user", "content": "Hello"}]}


def put_together(events: list[Any]) -> Any:
    return assembly.message(events)


def stream(api: Any, *steps: Any, **changes: Any) -> list[Any]:
    api.emulator.add(*steps)
    response = api.send("POST", "/v1/messages", BODY | {"stream": True} | changes)
    return assembly.events(b"".join(chunk.data for chunk in response.body))


def names(events: list[Any]) -> list[str]:
    return [event["type"].removeprefix("content_block_") for event in events]


def test_an_event_may_come_twice(api: Any) -> None:
    events = names(stream(api, say("a") & duplicate()))

    assert events[-3:] == ["message_delta", "message_delta", "message_stop"]


def test_unknown_events_stand_before_blocks_and_the_end(api: Any) -> None:
    events = names(stream(api, calls([("a", {}), ("b", {})]) & unknown_event("later")))

    assert [events[i + 1] for i, name in enumerate(events) if name == "later"] == ["start", "start", "message_delta"]


def test_an_unknown_delta_opens_every_block(api: Any) -> None:
    events = stream(api, calls([("a", {}), ("b", {})]) & unknown_delta("later"))
    odd = [event["index"] for event in events if event.get("delta", {}).get("type") == "later"]

    assert odd == [0, 1]


@pytest.mark.parametrize(("first", "kinds"), [(True, ["later", "text"]), (False, ["text", "later"])])
def test_an_unknown_block_stands_at_one_end_streamed_or_not(api: Any, first: bool, kinds: list[str]) -> None:
    events = stream(api, say("a") & unknown_block("later", first=first))
    api.emulator.add(say("a") & unknown_block("later", first=first))
    _, message = api.ask(model=BODY["model"])

    starts = {
        event["index"]: event["content_block"]["type"] for event in events if event["type"] == "content_block_start"
    }
    assert [starts[index] for index in range(2)] == kinds
    assert [block["type"] for block in message["content"]][-2:] == kinds or first
    assert "later" in [block["type"] for block in message["content"]]


def test_indices_may_have_a_gap_and_blocks_another_order(api: Any) -> None:
    gap = [event["index"] for event in stream(api, calls([("a", {}), ("b", {})]) & index_gap(3)) if "index" in event]
    turned = stream(api, calls([("a", {}), ("b", {})]) & out_of_order())
    starts = [(event["index"], event["content_block"]["name"]) for event in turned if "content_block" in event]

    assert sorted(set(gap)) == [3, 4]
    assert starts == [(1, "b"), (0, "a")]
    assert names(turned)[-2:] == ["message_delta", "message_stop"]


def test_oddities_go_together_and_with_an_ending(api: Any) -> None:
    events = names(stream(api, say("one two three four five") & unknown_event() & duplicate("ping") & cut(1)))

    assert events == ["message_start", "future_event", "start", "ping", "ping", "delta"]


def test_an_oddity_has_no_place_beside_an_error() -> None:
    with pytest.raises(ValueError, match="one part replaces the answer"):
        error(529) & duplicate()


@pytest.mark.parametrize("step", ODDITIES, ids=str)
def test_every_odd_stream_says_the_same_to_who_reads_by_index(api: Any, step: Any) -> None:
    plain = stream(api, say("one two three") & slow(per_event=0.1))
    odd = stream(api, say("one two three") & step)

    assert spoken(odd) == spoken(plain) == "one two three"


def spoken(events: list[Any]) -> str:
    return "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")


def test_a_streams_speed_may_be_given_in_tokens(api: Any) -> None:
    api.emulator.add(say("one two three four") & slow(tokens_per_second=2))
    response = api.send("POST", "/v1/messages", BODY | {"stream": True})

    assert 1 < sum(chunk.delay for chunk in response.body) < 6


GIVEN: list[dict[str, Any]] = [
    {"type": "text", "text": "Let me see."},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    {"type": "tool_use", "name": "add", "input": {"a": 1}},
]


def test_blocks_are_sent_as_they_are_given_whole_and_streamed(api: Any) -> None:
    api.emulator.add(blocks(GIVEN))
    _, whole = api.ask()
    streamed = put_together(stream(api, blocks(GIVEN)))

    for message in (whole, streamed):
        *others, used = message["content"]
        assert others == GIVEN[:3]
        assert used == GIVEN[3] | {"id": used["id"]}
        assert used["id"].startswith("toolu_")
        assert message["stop_reason"] == "tool_use"


def test_a_block_needs_a_type() -> None:
    with pytest.raises(ValueError, match="a block has a type"):
        blocks([{"text": "a"}])


def test_a_function_may_answer_with_text_or_blocks(api: Any) -> None:
    api.emulator.add(answer(lambda body: body["messages"][0]["content"][::-1]), answer(lambda _: GIVEN))

    _, text = api.ask()
    _, given = api.ask()

    assert [text["content"][-1]["text"], given["content"][0]] == ["olleH", GIVEN[0]]


def test_usage_is_reported_as_given_whole_and_streamed(api: Any) -> None:
    counts = {"output_tokens": 4321, "cache_read_input_tokens": 7}
    api.emulator.add(usage(counts) & say("a"))

    _, whole = api.ask()
    streamed = put_together(stream(api, usage(counts)))

    for message in (whole, streamed):
        assert {name: message["usage"][name] for name in counts} == counts


def test_an_evicted_cache_has_to_be_written_again(api: Any) -> None:
    system = [{"type": "text", "text": "word " * 6000, "cache_control": {"type": "ephemeral"}}]
    api.emulator.add(*[call("a")] * 2, evict() & call("a"))

    found = [api.ask(system=system)[1]["usage"] for _ in range(4)]

    assert [use["cache_read_input_tokens"] > 0 for use in found] == [False, True, False, True]


def test_a_model_is_retired_by_the_clock(api: Any) -> None:
    scenario = Scenario.parse("models: {claude-opus-4-8: {retires: 1d}}")
    api = type(api)(Emulator(scenario=scenario, clock=lambda: 1_795_435_200.0))  # 2026-11-23
    opus = {"model": "claude-opus-4-8"}

    def look() -> tuple[Any, ...]:
        info = json.loads(api.send("GET", "/v1/models/claude-opus-4-8").body)
        listed = "claude-opus-4-8" in api.send("GET", "/v1/models?limit=100").body.decode()
        counted, _ = api.ask("/v1/messages/count_tokens", max_tokens=None, **opus)
        status, body = api.ask(**opus)
        return info["lifecycle"], info["retires_at"], listed, counted, status, (body.get("error") or {}).get("message")

    before = look()
    api.emulator.clock.advance(86_400)

    assert before == ("deprecated", "2026-11-24T00:00:00Z", True, 200, 200, None)
    assert look() == ("retired", "2026-11-24T00:00:00Z", False, 404, 404, "model: claude-opus-4-8")
    assert api.ask()[0] == 200


def test_a_model_may_be_retired_by_its_alias_and_has_to_be_one() -> None:
    assert Scenario(retires={"claude-haiku-4-5": 1}).retires == {"claude-haiku-4-5-20251001": 1}
    with pytest.raises(ValueError, match="there is no model 'claude-5'"):
        Scenario(retires={"claude-5": 1})


TOLERATED = [step for step in ODDITIES if str(step) not in {"index_gap(3)", "out_of_order()"}]


@pytest.mark.parametrize("step", TOLERATED, ids=str)
def test_the_sdk_gets_along_with_odd_streams(step: Any) -> None:
    emulator = Emulator(script=[say("one two three") & step])
    sdk = anthropic.Anthropic(api_key="k", http_client=httpx2.Client(transport=EmulatorTransport(emulator)))

    with sdk.messages.stream(**BODY) as stream:  # type: ignore[arg-type] # BODY is a literal
        text = "".join(stream.text_stream)

    assert text == "one two three"


def test_a_recording_is_played_again_whatever_was_asked(api: Any, tmp_path: Path) -> None:
    whole, streamed = (recorded(api, tmp_path / name, stream=name == "b") for name in ("a", "b"))
    steps = [{"do": {"replay": whole.name}}, {"do": {"replay": {"path": streamed.name, "timed": True}}}]
    (tmp_path / "scenario.yaml").write_text(json.dumps({"lane": "one", "steps": steps}))
    other = type(api)(Emulator(scenario=tmp_path / "scenario.yaml"))

    _, first = other.ask(messages=[{"role": "user", "content": "Something else"}])
    second = other.send("POST", "/v1/messages", BODY | {"stream": True})

    assert first["content"][-1]["text"] == "from the tape"
    assert spoken(assembly.events(b"".join(chunk.data for chunk in second.body))) == "from the tape"


def recorded(api: Any, directory: Path, *, stream: bool) -> Path:
    """Record an answer and return its file, moved beside the directory of its tape."""
    emulator = Emulator(script=[say("from the tape")], answerer=Recorder(Tape(directory)))
    response = type(api)(emulator).send("POST", "/v1/messages", BODY | {"stream": stream})
    if stream:
        list(response.body)
    [file] = directory.glob("*.json")
    return file.rename(directory.parent / f"{directory.name}.json")


def test_a_file_that_is_no_recording_is_named_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{}")

    with pytest.raises(ValueError, match=r"cannot replay .*none\.json"):
        replay(tmp_path / "none.json")
    with pytest.raises(ScenarioError, match=r"s\.yaml:1:15: cannot replay .*no\.json"):
        Scenario.parse("steps: [{do: {replay: no.json}}]", str(tmp_path / "s.yaml"))


TAKES = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": f"{verb}_weather", "description": "Weather", "input_schema": TAKES} for verb in ("put", "get")]


def test_a_tool_may_be_called_by_a_pattern_with_input_that_fits(api: Any) -> None:
    api.emulator.add(call("get_*"), call("get_*", cut=4), call("find_*"))

    whole, cut, plain = (api.ask(model=BODY["model"], tools=TOOLS)[1] for _ in range(3))

    assert [whole["content"][-1]["name"], whole["content"][-1]["input"].keys()] == ["get_weather", {"city"}]
    assert [cut["content"][-1]["input"], cut["stop_reason"]] == [{}, "max_tokens"]
    assert plain["content"][-1]["type"] == "text"
