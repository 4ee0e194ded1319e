"""A context that is summed up at a threshold: when, what the answer shows and bills, and what is left of the prompt."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from clarion.emulator import Emulator, Limits
from clarion.emulator.prices import bill
from clarion.emulator.script import answer, say, slow

BETA = "compact-2026-01-12"
OPUS = "claude-opus-5-5"  # binds thinking to the conversation
LONG = "The otter swims in the cold river. " * 4000  # over 50,000 tokens
TOOL = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}


def user(*content: Any) -> dict[str, Any]:
    return {
        "role": "user",
        "content": [{"type": "text", "text": one} if isinstance(one, str) else one for one in content],
    }


def assistant(*content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(content)}


def edits(tokens: int = 50_000, **fields: Any) -> dict[str, Any]:
    edit = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": tokens}, **fields}
    return {"context_management": {"edits": [edit]}}


def ask(api: Any, *messages: Any, **fields: Any) -> dict[str, Any]:
    """Ask with compaction from 50,000 tokens, unless told otherwise."""
    asked = {"model": OPUS, "betas": BETA, "max_tokens": 3000, **edits(), **fields}
    status, body = api.ask(messages=list(messages), **asked)
    assert status == 200, body
    found: dict[str, Any] = body
    return found


def count(api: Any, *messages: Any, **fields: Any) -> dict[str, Any]:
    asked = {"model": OPUS, "betas": BETA, "max_tokens": None, **edits(), **fields}
    status, body = api.ask("/v1/messages/count_tokens", messages=list(messages), **asked)
    assert status == 200, body
    found: dict[str, Any] = body
    return found


def kinds(body: dict[str, Any]) -> list[str]:
    return [block["type"] for block in body["content"]]


def parts(body: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(each["type"], each["input_tokens"], each["output_tokens"]) for each in body["usage"]["iterations"]]


def test_a_prompt_that_reaches_the_threshold_is_summed_up_before_the_answer(api: Any) -> None:
    body = ask(api, user(LONG))

    assert kinds(body) == ["compaction", "thinking", "text"]
    assert body["content"][0].keys() == {"type", "content", "encrypted_content"}
    assert body["stop_reason"] == "end_turn"
    assert body["context_management"] == {"applied_edits": []}


def test_the_threshold_is_reached_by_its_last_token(api: Any) -> None:
    tokens = count(api, user(LONG))["input_tokens"]

    assert kinds(ask(api, user(LONG), **edits(tokens)))[0] == "compaction"
    assert "compaction" not in kinds(ask(api, user(LONG), **edits(tokens + 1)))


def test_the_threshold_is_150_000_tokens_unless_another_is_named(api: Any) -> None:
    default = {"context_management": {"edits": [{"type": "compact_20260112"}]}}

    assert "compaction" not in kinds(ask(api, user(LONG, LONG), **default))
    assert kinds(ask(api, user(LONG, LONG, LONG), **default))[0] == "compaction"


def test_the_totals_leave_out_what_the_summary_took(api: Any) -> None:
    whole = count(api, user(LONG))["input_tokens"]

    body = ask(api, user(LONG))

    (first, read, written), answered = parts(body)
    assert (first, read) == ("compaction", whole)
    assert written > 10
    assert answered == ("message", body["usage"]["input_tokens"], body["usage"]["output_tokens"])
    assert body["usage"]["input_tokens"] < 1000


def test_an_answer_under_the_beta_lists_its_one_part(api: Any) -> None:
    body = ask(api, user("Hi"))

    assert parts(body) == [("message", body["usage"]["input_tokens"], body["usage"]["output_tokens"])]


def test_every_part_is_paid(api: Any) -> None:
    body = ask(api, user(LONG))

    (_, read, written), (_, fresh, out) = parts(body)
    assert bill(body) == (Decimal(4) * (read + fresh) + Decimal(20) * (written + out)) / 1_000_000


def test_with_a_pause_the_summary_is_the_whole_answer(api: Any) -> None:
    body = ask(api, user(LONG), **edits(pause_after_compaction=True))

    assert kinds(body) == [kind for kind, *_ in parts(body)] == ["compaction"]
    assert body["stop_reason"] == "compaction"
    assert (body["usage"]["input_tokens"], body["usage"]["output_tokens"]) == (0, 0)


@pytest.mark.parametrize("before", [[user(LONG)], []], ids=["kept", "dropped"])
def test_a_paused_turn_goes_on_from_its_summary(api: Any, before: list[Any]) -> None:
    paused = ask(api, user("What is the weather in Oslo?", LONG), tools=[TOOL], **edits(pause_after_compaction=True))

    body = ask(api, *before, assistant(*paused["content"]), tools=[TOOL])

    assert kinds(body)[-1] == "tool_use"
    assert body["usage"]["input_tokens"] < 2000


def test_messages_may_be_kept_behind_a_summary(api: Any) -> None:
    paused = ask(api, user(LONG), **edits(pause_after_compaction=True))

    body = ask(
        api, assistant(*paused["content"]), user("Hi"), assistant({"type": "text", "text": "Hello"}), user("Go on")
    )

    assert "“Go on”" in body["content"][-1]["text"]


def test_what_a_summary_stands_for_may_come_back_or_not(api: Any) -> None:
    first = ask(api, user(LONG))
    behind = [assistant(*first["content"]), user("And?")]

    kept, dropped = ask(api, user(LONG), *behind), ask(api, *behind)

    assert kept["usage"] == dropped["usage"]
    assert kinds(kept) == kinds(dropped) == ["thinking", "text"]
    assert kept["content"][-1] == dropped["content"][-1]


def test_thinking_behind_a_summary_is_bound_to_it(api: Any) -> None:
    first = ask(api, user(LONG))
    summary, *rest = first["content"]
    changed = assistant(summary | {"content": "They quarrelled."}, *rest)

    status, _ = api.ask(model=OPUS, betas=BETA, messages=[user(LONG), changed, user("And?")], **edits())

    assert status == 400


def test_a_later_summary_replaces_the_earlier_one(api: Any) -> None:
    first = ask(api, user(LONG))
    messages = [user(LONG), assistant(*first["content"]), user(LONG)]
    second = ask(api, *messages)

    third = ask(api, *messages, assistant(*second["content"]), user("And?"))

    assert kinds(second)[0] == "compaction"
    assert third["usage"]["input_tokens"] < 2000


def test_a_summary_that_failed_stands_for_nothing(api: Any) -> None:
    failed = assistant({"type": "compaction", "content": None}, {"type": "text", "text": "Go on"})

    assert count(api, user(LONG), failed, user("And?"))["input_tokens"] > 50_000


def test_counting_leaves_out_what_a_summary_stands_for_and_sums_up_nothing(api: Any) -> None:
    messages = [user(LONG), assistant({"type": "compaction", "content": "So far."}), user("And?")]

    counted = count(api, *messages)

    assert counted["input_tokens"] < 1000
    assert counted["context_management"]["original_input_tokens"] > 50_000


def test_the_summary_streams_in_one_piece(api: Any) -> None:
    body = {"model": OPUS, "max_tokens": 3000, "stream": True, "messages": [user(LONG)], **edits()}

    stream = api.send("POST", "/v1/messages", body, anthropic_beta=BETA)

    events = [json.loads(chunk.data.partition(b"data: ")[2]) for chunk in stream.body]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta" and not event["index"]]
    whole = ask(api, user(LONG))
    assert [delta["type"] for delta in deltas] == ["compaction_delta"]
    assert deltas[0]["content"] == whole["content"][0]["content"]
    assert events[0]["message"]["usage"]["input_tokens"] == whole["usage"]["input_tokens"]
    assert events[-2]["usage"]["iterations"] == whole["usage"]["iterations"]
    assert events[-2]["context_management"] == {"applied_edits": []}
    logged = api.emulator.requests[0].response.json
    assert [logged["content"][0], logged["usage"]] == [whole["content"][0], whole["usage"]]


def test_the_answer_reads_a_system_prompt_that_was_cached_for_the_summary(api: Any) -> None:
    system = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]

    body = ask(api, user(LONG), system=system)

    summing, answering = body["usage"]["iterations"]
    assert summing["cache_creation_input_tokens"] == answering["cache_read_input_tokens"] > 50_000
    assert answering["cache_creation_input_tokens"] == 0


def test_a_marked_conversation_leaves_its_summary_in_the_cache(api: Any) -> None:
    mark = {"cache_control": {"type": "ephemeral"}, "system": LONG}
    first = ask(api, user(LONG), **mark)

    second = ask(api, assistant(*first["content"]), user("And?"), **mark, **edits(150_000))

    written = first["usage"]["cache_creation_input_tokens"]
    assert second["usage"]["cache_read_input_tokens"] == written + first["usage"]["cache_read_input_tokens"] > 50_000


def test_both_parts_draw_on_the_limits(api: Any) -> None:
    api = type(api)(Emulator(clock=lambda: 0.0, limits=Limits(input_tokens=200_000, output_tokens=20_000)))

    body = ask(api, user(LONG))

    left = api.emulator.state.limiter.left(api.emulator.clock())
    (bucket,) = left.values()
    assert bucket["input_tokens"] == 200_000 - sum(read for _, read, _ in parts(body))
    assert bucket["output_tokens"] == 20_000 - sum(written for *_, written in parts(body))


def test_the_summary_takes_its_time(api: Any) -> None:
    api.emulator.add(slow(tokens_per_second=100))
    body = {"model": OPUS, "max_tokens": 3000, "messages": [user(LONG)], **edits()}

    response = api.send("POST", "/v1/messages", body, anthropic_beta=BETA)

    written = sum(each["output_tokens"] for each in json.loads(response.body)["usage"]["iterations"])
    assert response.delay == pytest.approx(written / 100, rel=0.01)


def test_an_agent_that_is_summed_up_after_results_goes_on_with_them(api: Any) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": LONG}

    body = ask(api, user("What is the weather in Oslo?"), assistant(call), user(result), tools=[TOOL])

    assert kinds(body) == ["compaction", "text"]
    assert "Result of `get_weather`" in body["content"][-1]["text"]


def test_an_agent_that_pauses_after_results_does_not_ask_for_them_again(api: Any) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": LONG}
    messages = [user("What is the weather in Oslo?"), assistant(call), user(result)]
    paused = ask(api, *messages, tools=[TOOL], **edits(pause_after_compaction=True))

    body = ask(api, *messages, assistant(*paused["content"]), tools=[TOOL])
    again = ask(api, assistant(*paused["content"]), user("And the weather in Lima?"), tools=[TOOL])

    assert kinds(body) == ["thinking", "text"]
    assert kinds(again)[-1] == "tool_use"


def test_what_a_script_says_comes_behind_the_summary(api: Any) -> None:
    api.emulator.add(say("Hello"))

    body = ask(api, user(LONG))

    assert kinds(body) == ["compaction", "thinking", "text"]
    assert body["content"][-1]["text"] == "Hello"
    assert parts(body)[1][2] == body["usage"]["output_tokens"] < 100


def test_a_function_that_answers_is_given_the_request_as_it_came(api: Any) -> None:
    seen: list[Any] = []
    messages = [user("Hi"), assistant({"type": "compaction", "content": "So far."}), user("And?")]

    def look(body: dict[str, Any]) -> str:
        seen.append(body["messages"])
        return "Well"

    api.emulator.add(answer(look))

    ask(api, *messages)

    assert seen == [messages]


def test_a_request_of_a_batch_is_summed_up_too(api: Any) -> None:
    params = {"model": OPUS, "max_tokens": 3000, "messages": [user(LONG)], **edits()}
    path = "/v1/messages/batches"
    made = api.send("POST", path, {"requests": [{"custom_id": "a", "params": params}]}, anthropic_beta=BETA)
    api.emulator.clock.advance(10)

    found = api.send("GET", f"{path}/{json.loads(made.body)['id']}/results")

    message = json.loads(found.body)["result"]["message"]
    assert kinds(message) == ["compaction", "thinking", "text"]
    assert [kind for kind, *_ in parts(message)] == ["compaction", "message"]


def test_a_summary_alone_is_not_summed_up_again(api: Any) -> None:
    paused = ask(api, user("Hi"), system=LONG, **edits(pause_after_compaction=True))

    body = ask(api, assistant(*paused["content"]), system=LONG)

    assert "compaction" not in kinds(body)


def test_the_parts_of_a_prompt_behind_a_summary_add_up_to_its_count(api: Any) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    marked = {"type": "text", "text": "word " * 700, **mark}
    messages = [user(LONG), assistant({"type": "compaction", "content": "So far. " * 100}, marked), user(marked)]
    counted = count(api, *messages, system=[marked])["input_tokens"]

    for _ in range(2):
        usage = ask(api, *messages, system=[marked])["usage"]
        read, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
        assert usage["input_tokens"] + read + written == counted
    assert read > 1500


def test_a_summary_makes_room_for_the_answer(api: Any) -> None:
    few, more = (count(api, user("word " * words))["input_tokens"] for words in (1000, 2000))
    full = user("word " * int((1_000_000 - 50 - few) * 1000 / (more - few) + 1000))
    assert 999_900 < count(api, full)["input_tokens"] < 1_000_000

    assert ask(api, full)["stop_reason"] == "end_turn"
    assert ask(api, full, context_management=None)["stop_reason"] == "model_context_window_exceeded"
