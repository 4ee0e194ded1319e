"""Verdicts: what a client does wrong is found, with the calls that show it, and what it does right is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clarion.emulator import Emulator
from clarion.emulator.script import (
    call,
    calls,
    cut,
    drop,
    empty,
    error,
    error_event,
    ok,
    pause,
    refusal,
    reset,
)
from clarion.emulator.verdict import SOURCES
from clarion.emulator.wire import ConnectionLost

TOOL = {
    "name": "add",
    "description": "Adds",
    "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}},
}
SEARCH = {"type": "web_search_20250305", "name": "web_search"}


class Client:
    """A client that does as it is told, on a clock that it moves."""

    def __init__(self, *steps: Any) -> None:
        self.emulator = Emulator(script=steps, clock=lambda: 1_795_435_200.0)
        self.body = {
            "model": "claude-opus-4-8",
            "max_tokens": 1000,
            "messages": [{"role": "user", "content": "Hello"}],
        }

    def send(self, *, wait: float = 0.0, key: str = "test", **changes: Any) -> dict[str, Any]:
        """Send the body after a wait; return the answer, a stream's first bytes, or nothing if the connection goes."""
        self.emulator.clock.advance(wait)
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
        try:
            response = self.emulator.respond("POST", "/v1/messages", headers, json.dumps(self.body | changes).encode())
            if isinstance(response.body, bytes):
                answer: dict[str, Any] = json.loads(response.body)
                return answer
            for _ in response.body:
                pass
        except ConnectionLost:
            pass
        return {}

    def goes_on(self, answer: dict[str, Any], *content: Any) -> None:
        """Put an answer into the conversation, and a message of the user after it."""
        said = [{"role": "user", "content": list(content)}] if content else []
        self.body["messages"] = [*self.messages, {"role": "assistant", "content": answer["content"]}, *said]

    @property
    def messages(self) -> list[Any]:
        messages: Any = self.body["messages"]
        return list(messages)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.emulator.verdict()]


def result(id: str) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": "3"}


def test_a_client_that_only_asks_is_found_to_do_nothing_wrong() -> None:
    client = Client()
    client.goes_on(client.send(), {"type": "text", "text": "And?"})
    client.send()

    assert client.emulator.verdict() == ()


def test_a_retry_before_its_time_is_found_with_both_calls() -> None:
    client = Client(error(429, retry_after=2))
    client.send()
    client.send(wait=0.5)

    [finding] = client.emulator.verdict()
    assert str(finding) == (
        "retry-after-ignored: a retry came after 0.50 s, when the server had asked for 2 s"
        " (calls 1, 2; see Rate limits, response headers)"
    )


@pytest.mark.parametrize("wait", [2.0, 1.99, 700])
def test_a_retry_at_its_time_is_right(wait: float) -> None:
    client = Client(error(429, retry_after=2))
    client.send()
    client.send(wait=wait)

    assert client.codes == []


def test_another_model_may_be_asked_at_once() -> None:
    client = Client(error(429, retry_after=20))
    client.send()
    client.send(model="claude-haiku-4-5")

    assert client.codes == []


HOPELESS = [
    error(400), error(401), error(402), error(403), error(404), error(413),
    error(429, code="enforced_spend_limit_reached"), error(429, code="contract_spend_limit_reached"),
    error(529, headers={"x-should-retry": "false"}),
]  # fmt: skip


@pytest.mark.parametrize("step", HOPELESS, ids=str)
def test_a_retry_of_what_is_hopeless_is_found(step: Any) -> None:
    client = Client(step)
    client.send()
    client.send(wait=30)

    assert client.codes == ["hopeless-retry"]


def test_a_stream_is_the_same_request_as_none_and_a_moved_cache_mark_makes_no_other() -> None:
    client = Client(error(403))
    client.send()
    marked = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
    client.send(wait=30, stream=True, messages=[{"role": "user", "content": [marked]}])

    assert client.codes == ["hopeless-retry"]


def test_a_request_that_was_mended_another_key_and_an_invitation_are_no_hopeless_retries() -> None:
    mended = Client(error(400))
    mended.send()
    mended.send(wait=1, max_tokens=500)
    keyed = Client(error(401))
    keyed.send(key="old")
    keyed.send(wait=1, key="new")
    invited = Client(error(400, headers={"x-should-retry": "true"}))
    invited.send()
    invited.send(wait=1)

    assert [mended.codes, keyed.codes, invited.codes] == [[], [], []]


def test_what_the_emulator_itself_refuses_is_judged_too() -> None:
    client = Client()
    client.send(model="claude-9")
    client.send(model="claude-9", wait=1)

    assert client.codes == ["hopeless-retry"]


def test_a_refusal_is_not_to_be_retried_on_the_same_model_but_on_another() -> None:
    stubborn, clever = Client(refusal("cyber")), Client(refusal("cyber"))
    for client, model in [(stubborn, "claude-opus-4-8"), (clever, "claude-haiku-4-5")]:
        client.send()
        client.send(wait=5, model=model)

    assert [stubborn.codes, clever.codes] == [["refusal-retried"], []]


def test_an_empty_answer_is_not_to_be_asked_for_again_but_for_a_new_turn() -> None:
    stubborn, clever = Client(empty()), Client(empty())
    stubborn.send()
    stubborn.send(wait=5)
    clever.send()
    clever.body["messages"] = [*clever.messages, {"role": "user", "content": "Please go on."}]
    clever.send(wait=5)

    assert [stubborn.codes, clever.codes] == [["empty-resent"], []]


def paused() -> tuple[Client, dict[str, Any]]:
    client = Client(pause(), ok())
    client.body["tools"] = [SEARCH]
    return client, client.send()


def test_a_pause_that_is_resumed_as_it_was_is_right() -> None:
    client, answer = paused()
    client.goes_on(answer)
    client.send()

    assert client.codes == []


def test_a_pause_that_is_taken_for_the_end_is_found() -> None:
    dropped, _ = paused()
    followed, answer = paused()
    followed.goes_on(answer, {"type": "text", "text": "Thanks."})
    followed.send()

    assert [dropped.codes, followed.codes] == [["pause-taken-for-end"], ["pause-taken-for-end"]]


def test_a_pause_that_comes_back_changed_or_with_other_tools_is_found() -> None:
    edited, answer = paused()
    edited.goes_on({"content": answer["content"][:-1] or [{"type": "text", "text": "Changed"}]})
    edited.send()
    other, answer = paused()
    other.goes_on(answer)
    other.send(tools=[SEARCH, TOOL])

    assert [edited.codes, other.codes] == [["pause-edited"], ["pause-edited"]]


def test_a_tool_call_that_was_cut_off_is_not_to_be_executed() -> None:
    client = Client(call("add", {"a": 1, "b": 2}, cut=6))
    client.body["tools"] = [TOOL]
    answer = client.send()
    client.goes_on(answer, result(answer["content"][-1]["id"]))
    client.send()

    assert client.codes == ["cut-call-executed"]


def called(**changes: Any) -> tuple[Client, dict[str, Any], list[str]]:
    client = Client(calls([("add", {"a": 1}), ("add", {"a": 2})]))
    client.body |= {"tools": [TOOL], **changes}
    answer = client.send()
    return client, answer, [block["id"] for block in answer["content"] if block["type"] == "tool_use"]


def test_all_results_of_parallel_calls_belong_into_the_next_request() -> None:
    whole, answer, ids = called()
    whole.goes_on(answer, *map(result, ids))
    whole.send()
    half, answer, ids = called()
    half.goes_on(answer, result(ids[0]))
    half.send()

    assert [whole.codes, half.codes] == [[], ["results-incomplete"]]


THINKS = {"thinking": {"type": "adaptive"}}


def test_thinking_before_a_tool_call_has_to_come_back_as_it_was() -> None:
    kept, answer, ids = called(**THINKS)
    kept.goes_on(answer, *map(result, ids))
    kept.send()
    dropped, answer, ids = called(**THINKS)
    dropped.goes_on(
        {"content": [block for block in answer["content"] if block["type"] != "thinking"]}, *map(result, ids)
    )
    dropped.send()
    edited, answer, ids = called(**THINKS)
    edited.goes_on({"content": [block | {"signature": "x"} if "signature" in block else block
                                for block in answer["content"]]}, *map(result, ids))  # fmt: skip
    edited.send()

    assert [kept.codes, dropped.codes, edited.codes] == [[], ["thinking-dropped"], ["thinking-edited"]]


def test_another_model_may_get_the_results_without_the_thinking() -> None:
    client, answer, ids = called(**THINKS)
    bare = [block for block in answer["content"] if block["type"] != "thinking"]
    client.goes_on({"content": bare}, *map(result, ids))
    client.send(model="claude-haiku-4-5", thinking={"type": "disabled"})

    assert client.codes == []


@pytest.mark.parametrize("step", [error(529), reset(), error(500)], ids=str)
def test_hammering_is_found_once(step: Any) -> None:
    client = Client(*[step] * 8)
    for _ in range(8):
        client.send(wait=0.01)

    assert client.codes == ["no-back-off"]


@pytest.mark.parametrize("step", [cut(1), drop(1), error_event(1)], ids=str)
def test_hammering_at_streams_that_break_is_found(step: Any) -> None:
    client = Client(*[step] * 5)
    for _ in range(5):
        client.send(wait=0.01, stream=True)

    assert client.codes == ["no-back-off"]


def test_ten_tries_a_second_are_hammering_too() -> None:
    client = Client(*[error(529)] * 12)
    for _ in range(12):
        client.send(wait=0.1)

    assert client.codes == ["no-back-off"]


def test_backing_off_is_right_and_so_is_coming_back_when_asked() -> None:
    patient = Client(*[error(529)] * 8)
    for wait in (0, 0.3, 0.01, 1.2, 0.5, 7, 2, 12, 1):
        patient.send(wait=wait)
    invited = Client(*[error(429, retry_after=0.01)] * 8)
    for _ in range(9):
        invited.send(wait=0.01)

    assert [patient.codes, invited.codes] == [[], []]


def test_a_request_that_is_tried_for_ever_is_found() -> None:
    client = Client(*[error(529)] * 30)
    for _ in range(25):
        client.send(wait=30)

    assert client.codes == ["too-many-tries"]


def crowd(gaps: list[float]) -> list[str]:
    client = Client(*[error(529)] * len(gaps))
    for number in range(len(gaps)):
        client.send(messages=[{"role": "user", "content": f"Caller {number}"}])
    now = 0.0
    for gap, number in sorted(zip(gaps, range(len(gaps)), strict=True)):
        client.send(wait=gap - now, messages=[{"role": "user", "content": f"Caller {number}"}])
        now = gap
    return client.codes


def test_callers_that_come_back_in_lockstep_are_a_storm_and_those_with_jitter_are_none() -> None:
    lockstep, jitter = [1.0 + i / 1000 for i in range(12)], [1.0 + i / 20 for i in range(12)]

    assert [crowd(lockstep), crowd(jitter), crowd(lockstep[:9])] == [["retry-storm"], [], []]


def test_verdicts_are_in_the_order_of_the_calls_and_tell_conversations_apart() -> None:
    client = Client(error(403), error(403))
    for text in ("A", "B", "B", "A"):
        client.send(wait=1, messages=[{"role": "user", "content": text}])

    found = client.emulator.verdict()
    assert [finding.calls for finding in found] == [(1, 4), (2, 3)]
    assert len({finding.session for finding in found}) == 2


def test_requests_that_are_no_calls_of_messages_are_not_judged() -> None:
    client = Client(error(500).when(route="models").times(9))
    headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
    for _ in range(9):
        client.emulator.respond("GET", "/v1/models", headers, b"")
    for _ in range(3):
        client.emulator.respond("POST", "/v1/messages", headers, b"no json")

    assert client.codes == []


def test_every_code_is_found_somewhere_in_this_file() -> None:
    text = Path(__file__).read_text("utf-8")

    assert [code for code in SOURCES if f'["{code}"]' not in text and f"{code}: " not in text] == []
