"""The console below `/_emulator/`: what it shows and does, and whom it lets in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from clarion.emulator import Emulator, Server
from clarion.emulator.control import Console
from clarion.emulator.durations import seconds
from clarion.emulator.scenario import Scenario
from clarion.emulator.script import call, error, say

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = 1_795_435_200.0  # 2026-11-23 12:00 UTC
KEY = {"x-api-key": "sk-ant-secret", "anthropic-version": "2026-10-21"}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(clock=lambda: NOON)


def ask(emulator: Emulator, **fields: Any) -> None:
    base = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    response = Console(emulator).respond("POST", "/v1/messages", KEY, json.dumps(base | fields).encode())
    if not isinstance(response.body, bytes):
        for _ in response.body:
            pass


def get(emulator: Emulator, path: str, **headers: str) -> tuple[int, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    response = Console(emulator).respond("GET", f"/_emulator/{path}", sent, b"")
    assert isinstance(response.body, bytes)
    return response.status, json.loads(response.body)


def post(emulator: Emulator, path: str, data: Any = b"{}", **headers: str) -> tuple[int, Any]:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    response = Console(emulator).respond("POST", f"/_emulator/{path}", sent, body)
    assert isinstance(response.body, bytes)
    return response.status, json.loads(response.body)


def news(emulator: Emulator, since: int = 0, looks: int = 3) -> list[Any]:
    response = Console(emulator).respond("GET", f"/_emulator/events?since={since}", {}, b"")
    assert response.headers["content-type"].startswith("text/event-stream")
    chunks: Iterable[Any] = response.body
    data = b"".join(chunk.data for chunk in islice(chunks, looks))
    return [json.loads(line[6:]) for line in data.decode().splitlines() if line.startswith("data: ")]


def test_the_log_is_listed_newest_first(emulator: Emulator) -> None:
    ask(emulator, model="claude-opus-5-5", stream=True)
    emulator.add(error(529))
    ask(emulator)

    status, page = get(emulator, "requests")

    assert status == 200
    second, first = page["data"]
    assert (first["number"], first["model"], first["stream"], first["outcome"]) == (1, "claude-opus-5-5", True, "done")
    assert (first["status"], first["text"], first["step"]) == (200, "Hello", None)
    assert first["input_tokens"] > 0
    assert first["output_tokens"] > 0
    assert first["cost"] == pytest.approx((4 * first["input_tokens"] + 20 * first["output_tokens"]) / 1_000_000)
    assert first["at"] == "2026-11-23T12:00:00.000+00:00"
    assert second["cost"] is None
    assert (second["status"], second["error"], second["step"]) == (529, "overloaded_error", "error(529)")


def test_the_list_comes_in_pages(emulator: Emulator) -> None:
    for _ in range(5):
        ask(emulator)

    _, page = get(emulator, "requests?limit=2&before=5")
    _, last = get(emulator, "requests?limit=2&before=3")

    assert [one["number"] for one in page["data"]] == [4, 3]
    assert page["has_more"] is True
    assert [one["number"] for one in last["data"]] == [2, 1]
    assert last["has_more"] is False


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("model=claude-opus-*", [2]),
        ("status=404", [3]),
        ("text=GOOD", [2]),
        ("path=/v1/models", [4]),
        ("step=say*", [2]),
        ("model=claude-*&status=200", [2, 1]),
        ("model=gpt-*", []),
    ],
)
def test_the_list_can_be_filtered(emulator: Emulator, query: str, numbers: list[int]) -> None:
    ask(emulator)
    emulator.add(say("so it is"))
    ask(emulator, model="claude-opus-5-5", messages=[{"role": "user", "content": "Good morning"}])
    ask(emulator, model="nobody")
    emulator.respond("GET", "/v1/models", KEY, b"")

    _, page = get(emulator, f"requests?{query}")

    assert [one["number"] for one in page["data"]] == numbers


def test_one_exchange_is_shown_whole_but_for_its_secrets(emulator: Emulator) -> None:
    emulator.add(call("get", {"city": "Oslo"}))
    ask(emulator, stream=True)

    status, shown = get(emulator, "requests/1")

    assert status == 200
    assert shown["request"]["body"]["max_tokens"] == 100
    assert shown["request"]["headers"]["x-api-key"] == "..."
    assert shown["response"]["body"]["content"][-1]["input"] == {"city": "Oslo"}
    assert shown["response"]["events"][-1] == {"type": "message_stop"}
    assert shown["response"]["headers"]["request-id"].startswith("req_")
    assert "sk-ant-secret" not in json.dumps(shown)


def test_a_body_that_is_no_json_is_shown_as_text(emulator: Emulator) -> None:
    emulator.respond("POST", "/v1/messages", KEY, b"\xffhello")

    _, shown = get(emulator, "requests/1")

    assert shown["request"]["body"] == "\ufffdhello"
    assert shown["error"] == "invalid_request_error"


def test_what_else_a_message_holds_is_hinted_at(emulator: Emulator) -> None:
    blocks = [{"type": "image", "source": {"type": "url", "url": "https://e"}}, {"type": "text", "text": "What is it?"}]
    ask(emulator, messages=[{"role": "user", "content": blocks}])

    _, page = get(emulator, "requests")

    assert page["data"][0]["text"] == "[image] What is it?"


@pytest.mark.parametrize(
    "body",
    [b"[]", b"3", b'"x"', b'{"messages": 3}', b'{"messages": [3]}', b'{"messages": [{"role": "user", "content": 3}]}'],
)
def test_any_body_can_be_listed_and_shown(emulator: Emulator, body: bytes) -> None:
    emulator.respond("POST", "/v1/messages", KEY, body)

    assert get(emulator, "requests")[0] == 200
    assert get(emulator, "requests/1")[1]["status"] == 400


def test_the_state_tells_the_time_and_what_is_left_of_the_script() -> None:
    emulator = Emulator(clock=lambda: NOON, script=[error(529)], seed=7, profile="contract", tokens_per_second=80)

    _, state = get(emulator, "state")

    assert state["clock"] == {"now": "2026-11-23T12:00:00.000+00:00", "ahead": 0.0}
    assert state["settings"]["seed"] == 7
    assert state["settings"]["profile"] == "contract"
    assert state["settings"]["tokens_per_second"] == 80
    assert state["scenario"]["steps"] == [{"rule": "rule 1", "step": "error(529)", "taken": 0}]


def test_the_state_tells_what_is_left_of_the_limits() -> None:
    emulator = Emulator(clock=lambda: NOON, tier="start")
    ask(emulator)

    _, state = get(emulator, "state")

    assert state["limits"]["haiku-5-5"]["requests"] == 999
    assert state["spent"] > 0


def test_the_clock_can_be_moved(emulator: Emulator) -> None:
    status, state = post(emulator, "clock", {"advance": "24h"})

    assert status == 200
    assert state["clock"] == {"now": "2026-11-24T12:00:00.000+00:00", "ahead": 86_400.0}
    assert emulator.clock.shift == 86_400


def test_faults_can_be_turned_off_and_on(emulator: Emulator) -> None:
    emulator.add(error(529))

    _, off = post(emulator, "faults", {"on": False})
    ask(emulator)
    post(emulator, "faults", {"on": True})
    ask(emulator)

    assert off["scenario"]["on"] is False
    assert [request.response.status for request in emulator.requests] == [200, 529]


@pytest.mark.parametrize(
    "document",
    ["scenario: mine\nsteps:\n  - do: {error: 500}\n", {"scenario": "mine", "steps": [{"do": {"error": 500}}]}],
)
def test_a_scenario_can_be_brought(emulator: Emulator, document: object) -> None:
    _, state = post(emulator, "faults", {"scenario": document})
    ask(emulator)

    assert state["scenario"]["name"] == "mine"
    assert emulator.requests[0].response.status == 500


def test_a_ready_scenario_can_be_begun_and_begun_anew(emulator: Emulator) -> None:
    name = Scenario.ready()[0]
    _, state = post(emulator, "faults", {"play": name})
    assert state["scenario"]["name"] == name
    assert state["scenario"]["steps"]

    emulator.play(Scenario(rules=[error(500)], lane="one"))
    ask(emulator)
    _, state = post(emulator, "reset")

    assert state["scenario"]["steps"][0]["taken"] == 0
    assert [str(step) for step in emulator.unused] == ["error(500)"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"on": "no"}, "the body must be"),
        ({}, "the body must be"),
        ({"play": "/etc/passwd"}, "no ready scenario '/etc/passwd'"),
        ({"scenario": "steps: [{do: {eror: 5}}]"}, "eror"),
    ],
)
def test_faults_that_cannot_be_are_refused(emulator: Emulator, data: object, says: str) -> None:
    status, answer = post(emulator, "faults", data)

    assert status == 400
    assert says in answer["error"]["message"]


@pytest.mark.parametrize("advance", ["tomorrow", None, -3, "99999999999d"])
def test_a_move_that_cannot_be_is_refused(emulator: Emulator, advance: object) -> None:
    status, answer = post(emulator, "clock", {"advance": advance})

    assert status == 400
    assert answer["error"]["message"].startswith("advance: ")
    assert emulator.clock.shift == 0


def test_reset_forgets_the_log_and_puts_the_clock_right(emulator: Emulator) -> None:
    ask(emulator)
    emulator.clock.advance(60)

    _, state = post(emulator, "reset")

    assert len(emulator.requests) == 0
    assert state["clock"]["ahead"] == 0
    assert state["requests"]["oldest"] == 2


def test_the_verdict_says_what_a_client_did_and_where(emulator: Emulator) -> None:
    emulator.add(error(429, retry_after=60))
    ask(emulator)
    ask(emulator)

    _, verdict = get(emulator, "verdict")

    (finding,) = verdict["data"]
    assert finding["code"] == "retry-after-ignored"
    assert finding["requests"] == [1, 2]


def test_the_verdict_says_what_a_scenario_expects_in_vain(emulator: Emulator) -> None:
    emulator.play(Scenario.parse("steps: [{do: {error: 529}}]\nexpect: {all_consumed: true}"))

    _, before = get(emulator, "verdict")
    ask(emulator)
    _, after = get(emulator, "verdict")

    assert before["unmet"] == ["no call has taken error(529)"]
    assert after["unmet"] == []


def test_the_feed_tells_what_is_there_and_then_what_comes(emulator: Emulator) -> None:
    ask(emulator)
    (first,) = news(emulator)
    seen = emulator.requests.revision
    ask(emulator)
    (second,) = news(emulator, since=seen)

    assert [one["number"] for one in first["exchanges"]] == [1]
    assert [one["number"] for one in second["exchanges"]] == [2]
    assert second["oldest"] == 1


def test_the_feed_tells_in_pieces_what_is_much(emulator: Emulator) -> None:
    for _ in range(250):
        emulator.respond("GET", "/", {}, b"")

    told = news(emulator, looks=7)

    assert [len(one["exchanges"]) for one in told] == [100, 100, 50]
    assert [one["number"] for piece in told for one in piece["exchanges"]] == list(range(1, 251))


def test_the_feed_tells_of_a_cleared_log(emulator: Emulator) -> None:
    ask(emulator)
    seen = emulator.requests.revision
    emulator.requests.clear()

    (told,) = news(emulator, since=seen)

    assert told["oldest"] == 2
    assert told["exchanges"] == []


def test_the_page_runs_its_own_script_and_loads_nothing(emulator: Emulator) -> None:
    response = Console(emulator).respond("GET", "/_emulator/", {}, b"")

    assert isinstance(response.body, bytes)
    (script,) = re.findall(r"<script>(.*?)</script>", response.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert not re.search(r"""(src|href)=["'](?!data:)""", response.body.decode())
    assert "innerHTML" not in script


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/_emulator/state", {"host": "evil.example:4010"}, 403),
        ("GET", "/_emulator/state", {"host": "127.0.0.1.evil.example"}, 403),
        ("GET", "/_emulator/state", {"host": "localhost:4010", "origin": "https://evil.example"}, 403),
        ("GET", "/_emulator/state", {"host": "localhost:4010", "origin": "null"}, 403),
        ("GET", "/_emulator/state", {"host": "localhost:4010", "sec-fetch-site": "cross-site"}, 403),
        ("POST", "/_emulator/reset", {"host": "localhost:4010", "content-type": "text/plain"}, 415),
        ("POST", "/_emulator/reset", {"host": "localhost:4010"}, 415),
        ("POST", "/_emulator/state", {"content-type": "application/json"}, 405),
        ("GET", "/_emulator/nowhere", {}, 404),
        ("GET", "/_emulatorx", {}, 404),
        ("GET", "/_emulator/requests/7", {}, 404),
        ("GET", "/_emulator/requests?limit=many", {}, 400),
        ("GET", "/_emulator/state", {"Host": "localhost:4010", "Origin": "http://localhost:4010"}, 200),
        ("GET", "/_emulator/state", {"host": "[::1]:4010"}, 200),
        ("GET", "/_emulator/state", {"host": "192.168.1.7"}, 200),
        ("GET", "/_emulator/state", {"host": "emulator:4010", "sec-fetch-site": "same-origin"}, 200),
        ("GET", "/_emulator", {"host": "127.0.0.1:4010", "sec-fetch-site": "none"}, 200),
    ],
)
def test_only_programs_and_its_own_page_use_the_console(
    emulator: Emulator, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = Console(emulator).respond(method, path, headers, b"{}")

    assert response.status == status
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(emulator: Emulator, body: bytes) -> None:
    assert post(emulator, "reset", body)[0] == 400


def test_the_console_is_no_traffic_of_the_api(emulator: Emulator) -> None:
    emulator.add(error(529))

    get(emulator, "state")
    get(emulator, "requests")

    assert len(emulator.requests) == 0
    assert emulator.unused


def test_a_server_shows_the_console_and_stops_while_somebody_watches() -> None:
    with Server(Emulator()) as server, httpx2.Client(base_url=server.url, timeout=60) as http:
        http.post("/v1/messages", headers=KEY, json={})
        page = http.get("/_emulator/")
        with http.stream("GET", "/_emulator/events") as feed:
            data = next(line for line in feed.iter_lines() if line.startswith("data: "))
        refused = http.get("/_emulator/state", headers={"host": "evil.example"})

    assert page.text.startswith("<!doctype html>")
    assert json.loads(data[6:])["exchanges"][0]["status"] == 400
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("1.5h", 5400), ("2d 12h", 216_000), ("250ms", 0.25), ("5m", 300), ("12", 12), (0.5, 0.5), (3, 3)],
)
def test_durations_are_read_as_people_write_them(text: object, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text", ["", "soon", "-3s", "3 parsecs", "1h!", None, True, -1, float("nan"), float("inf"), []]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)
