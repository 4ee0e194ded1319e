"""Record and replay: what is put on a tape, how a request finds its recording, and what a miss says."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator import ConnectionLost, Emulator, EmulatorTransport, Response, Server
from clarion.emulator.recording import Player, Recorder, Tape, Upstream
from clarion.emulator.recording.normal import Normal, differences
from clarion.emulator.recording.recording import Event, Recording, TapeError
from clarion.emulator.script import cut, drop, error, garbage, hang, html, reset, say, slow

KEY = {"x-api-key": "sk-ant-api03-secret", "anthropic-version": "2026-10-21", "content-type": "application/json"}
MESSAGES: Any = [{"role": "user", "content": "Hello"}]
ASKED: Any = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": MESSAGES}


def ask(emulator: Emulator, path: str = "/v1/messages", **fields: Any) -> Response:
    return emulator.respond("POST", path, KEY, json.dumps(ASKED | fields).encode())


def said(response: Response) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    return b"".join(chunk.data for chunk in response.body)


def sdk(emulator: Emulator) -> anthropic.Anthropic:
    http = httpx2.Client(transport=EmulatorTransport(emulator))
    return anthropic.Anthropic(api_key="sk-ant-api03-secret", http_client=http, max_retries=0)


def recording(directory: Path, *script: Any, **options: Any) -> Emulator:
    return Emulator(answerer=Recorder(Tape(directory)), script=script, **options)


def playing(directory: Path, *args: Any, ignore: Any = (), **options: Any) -> Emulator:
    return Emulator(answerer=Player(Tape(directory, ignore), *args, **options))


def test_what_was_recorded_is_played_back(tmp_path: Path) -> None:
    with sdk(recording(tmp_path)) as client:
        message = client.messages.create(**ASKED)
        with client.messages.stream(**ASKED) as stream:
            streamed = stream.get_final_message()
        models = client.models.list()
        counted = client.messages.count_tokens(model="claude-haiku-5-5", messages=MESSAGES)

    with sdk(playing(tmp_path)) as client:
        assert client.messages.create(**ASKED) == message
        with client.messages.stream(**ASKED) as stream:
            assert stream.get_final_message() == streamed
        assert client.models.list().data == models.data
        assert client.messages.count_tokens(model="claude-haiku-5-5", messages=MESSAGES) == counted


def test_a_conversation_with_tools_is_played_back(tmp_path: Path) -> None:
    tools: Any = [
        {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    ]
    asked: Any = ASKED | {"messages": [{"role": "user", "content": "How is the weather in Oslo?"}], "tools": tools}

    def talk(client: anthropic.Anthropic) -> str:
        first = client.messages.create(**asked)
        call = first.content[-1]
        assert call.type == "tool_use"
        result: Any = {"type": "tool_result", "tool_use_id": call.id, "content": "18 degrees"}
        more: Any = [*asked["messages"], first.to_param(), {"role": "user", "content": [result]}]
        last: anthropic.types.Message = client.messages.create(**asked | {"messages": more})
        return last.to_json()

    with sdk(recording(tmp_path)) as client:
        recorded = talk(client)
    with sdk(playing(tmp_path)) as client:
        assert talk(client) == recorded


def test_errors_are_recorded_too(tmp_path: Path) -> None:
    emulator = recording(tmp_path, error(429, retry_after=7), html(502))
    ask(emulator)
    ask(emulator)
    ask(emulator, model="nobody")

    played = playing(tmp_path)
    limited, page, unknown = ask(played), ask(played), ask(played, model="nobody")

    assert (limited.status, limited.headers["retry-after"]) == (429, "7")
    assert page.status == 502
    assert said(page).startswith(b"<html>")
    assert json.loads(said(unknown))["error"]["message"] == "model: nobody"


@pytest.mark.parametrize("step", [cut(after=1), drop(after=1), drop(after=1, reset=True), garbage(after=1)], ids=str)
def test_a_spoilt_stream_is_spoilt_when_it_is_played(tmp_path: Path, step: Any) -> None:
    def tried(emulator: Emulator) -> tuple[str, bool | None]:
        try:
            said(ask(emulator, stream=True))
        except ConnectionLost as lost:
            return emulator.requests[-1].response.text, lost.is_reset
        return emulator.requests[-1].response.text, None

    recorded = tried(recording(tmp_path, say("one two three four five six") & step))

    assert tried(playing(tmp_path)) == recorded


def test_several_answers_to_one_request_come_in_order_and_then_the_last_again(tmp_path: Path) -> None:
    emulator = recording(tmp_path, error(529), say("first"), say("second"))
    for _ in range(3):
        ask(emulator)

    played = playing(tmp_path)
    for _ in range(4):
        ask(played)
    played.reset()
    ask(played)

    assert [request.response.status for request in played.requests] == [529]
    played.reset()
    texts = [json.loads(said(ask(played))).get("content", [{"text": "-"}])[-1]["text"] for _ in range(4)]
    assert texts == ["-", "first", "second", "second"]


def test_threads_that_ask_the_same_share_its_answers(tmp_path: Path) -> None:
    emulator = recording(tmp_path, *(say(f"answer {number}") for number in range(20)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(emulator), range(20)))
        played = playing(tmp_path)
        answers = list(pool.map(lambda _: json.loads(said(ask(played)))["content"][-1]["text"], range(20)))

    assert sorted(answers) == sorted(f"answer {number}" for number in range(20))


def test_no_secret_is_on_a_tape(tmp_path: Path) -> None:
    emulator = recording(tmp_path)
    headers = KEY | {
        "authorization": "Bearer sk-ant-oat01-another",
        "cookie": "session=1234",
        "x-custom": "internal",
        "user-agent": "program/1",
    }
    body = ASKED | {"messages": [{"role": "user", "content": "my key is sk-ant-api03-third, keep it"}]}
    answer = emulator.respond("POST", "/v1/messages", headers, json.dumps(body).encode())
    organization = answer.headers["anthropic-organization-id"]
    workspace = answer.headers["anthropic-workspace-id"]

    (file,) = tmp_path.iterdir()
    text = file.read_text()
    for secret in ("secret", "another", "third", "1234", "internal", "program", organization, workspace):
        assert secret not in text, secret
    assert emulator.respond("POST", "/v1/messages", headers, json.dumps(body).encode()).status == 200


def test_an_organization_in_a_body_is_taken_out(tmp_path: Path) -> None:
    organization = Emulator().respond("GET", "/v1/models", KEY, b"").headers["anthropic-organization-id"]
    ask(recording(tmp_path, error(429, message=f"This would exceed the limit of {organization}")))

    answer = ask(playing(tmp_path))

    assert json.loads(said(answer))["error"]["message"] == "This would exceed the limit of ..."


def test_a_file_can_be_read(tmp_path: Path) -> None:
    emulator = recording(tmp_path, say("one two three"))
    said(ask(emulator, "/v1/messages?beta=true", stream=True))

    (file,) = tmp_path.iterdir()
    assert file.name.startswith("messages-claude-haiku-5-5-")
    assert file.name.endswith("-1.json")
    data = json.loads(file.read_text())
    assert data["request"] == {
        "method": "POST",
        "path": "/v1/messages?beta=true",
        "headers": {"anthropic-version": "2026-10-21", "content-type": "application/json"},
        "body": ASKED | {"stream": True},
    }
    assert data["response"]["status"] == 200
    assert data["events"][-1] == {"after": 0.0, "event": "message_stop", "data": {"type": "message_stop"}}
    assert file.read_text().count("\n") < 80


def test_a_long_image_is_a_digest_on_the_tape(tmp_path: Path) -> None:
    image = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(b"\x00" * 5000).decode()},
    }
    ask(recording(tmp_path), messages=[{"role": "user", "content": [image]}])
    image["source"]["data"] = base64.b64encode(b"\x01" * 5000).decode()  # type: ignore[index]

    (file,) = tmp_path.iterdir()
    assert len(file.read_text()) < 5000
    assert (
        "is recorded"
        in json.loads(said(ask(playing(tmp_path), messages=[{"role": "user", "content": [image]}])))["error"]["message"]
    )


def of(body: Any, target: str = "/v1/messages") -> Normal:
    return Normal.of("POST", target, body)


SAME = [
    ("key order", {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ("null", {"a": 1, "b": None}, {"a": 1}),
    ("metadata", {"a": 1, "metadata": {"user_id": "u"}}, {"a": 1}),
    ("cache mark", {"system": [{"type": "text", "text": "x", "cache_control": {}}]}, {"system": "x"}),
    ("string", {"content": "x"}, {"content": [{"type": "text", "text": "x"}]}),
    ("ids", {"content": [{"id": "toolu_A"}, {"of": "toolu_A"}]}, {"content": [{"id": "toolu_B"}, {"of": "toolu_B"}]}),
    ("signature", {"thinking": "t", "signature": "abc"}, {"thinking": "t", "signature": "def"}),
]
OTHER = [
    ("text", {"content": "x"}, {"content": "y"}),
    ("stream", {"a": 1, "stream": True}, {"a": 1}),
    ("which id", {"c": [{"id": "toolu_A"}, {"of": "toolu_A"}]}, {"c": [{"id": "toolu_A"}, {"of": "toolu_B"}]}),
    ("order", {"content": ["a", "b"]}, {"content": ["b", "a"]}),
    ("number", {"max_tokens": 1}, {"max_tokens": 2}),
]


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=name) for name, *pair in SAME])
def test_requests_that_mean_the_same_have_one_key(one: Any, other: Any) -> None:
    assert of(one).key == of(other).key
    assert differences(of(one), of(other)) == []


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=name) for name, *pair in OTHER])
def test_requests_that_mean_something_else_have_another_key(one: Any, other: Any) -> None:
    assert of(one).key != of(other).key
    assert differences(of(one), of(other))


def test_the_query_counts_but_for_its_order_and_the_beta_mark() -> None:
    assert of(None, "/v1/models?limit=3&after_id=x&beta=true").key == of(None, "/v1/models?after_id=x&limit=3").key
    assert of(None, "/v1/models?limit=3").key != of(None, "/v1/models?limit=4").key


def test_headers_do_not_count(tmp_path: Path) -> None:
    ask(recording(tmp_path))

    other = {"authorization": "Bearer other", "anthropic-version": "2023-06-01", "x-stainless-retry-count": "2"}
    answer = playing(tmp_path).respond("POST", "/v1/messages", other, json.dumps(ASKED).encode())

    assert answer.status == 200


def test_what_is_to_be_ignored_does_not_count(tmp_path: Path) -> None:
    ask(recording(tmp_path), system="Today is 2026-11-25.")

    ignoring = playing(tmp_path, ignore=[r"\d{4}-\d\d-\d\d"])

    assert ask(ignoring, system="Today is 2026-11-26.").status == 200
    assert ask(playing(tmp_path), system="Today is 2026-11-26.").status == 404


def test_an_upload_is_found_whatever_its_boundary(tmp_path: Path) -> None:
    def upload(emulator: Emulator, content: bytes) -> int:
        with sdk(emulator) as client:
            try:
                return client.beta.files.upload(file=("a.txt", content, "text/plain")).size_bytes
            except anthropic.NotFoundError:
                return -1

    assert upload(recording(tmp_path), b"hello") == 5
    assert upload(playing(tmp_path), b"hello") == 5
    assert upload(playing(tmp_path), b"other") == -1


def test_a_miss_names_the_nearest_recording_and_what_differs(tmp_path: Path) -> None:
    emulator = recording(tmp_path)
    ask(emulator, system="You are a poet.")
    ask(emulator, model="claude-opus-5-5", max_tokens=7)

    played = playing(tmp_path)
    answer = ask(played, system="You are a pirate.", temperature=None)

    told = json.loads(said(answer))["error"]
    assert answer.status == 404
    assert answer.headers["x-should-retry"] == "false"
    assert told["type"] == "not_found_error"
    assert told["details"] == {"error_code": "not_recorded"}
    assert f"the 2 recordings in {tmp_path}" in told["message"]
    assert "messages-claude-haiku-5-5-" in told["message"]
    assert "body.system.0.text: 'You are a poet.' is recorded, 'You are a pirate.' was asked" in told["message"]
    assert played.requests[0].step == "not recorded"


def test_a_difference_in_a_long_text_is_shown_where_it_begins() -> None:
    one, other = "a" * 500 + "this" + "b" * 500, "a" * 500 + "that" + "b" * 500

    (line,) = differences(of({"text": one}), of({"text": other}))

    assert "this" in line
    assert "that" in line
    assert len(line) < 250


def test_a_miss_with_nothing_like_it_says_so(tmp_path: Path) -> None:
    answer = ask(playing(tmp_path / "absent"))

    assert "none is like it" in json.loads(said(answer))["error"]["message"]


def test_a_miss_may_be_emulated(tmp_path: Path) -> None:
    player = Player(Tape(tmp_path), "emulate")

    assert ask(Emulator(answerer=player)).status == 200
    assert len(player.misses) == 1


def test_a_player_tells_what_it_has_not_played(tmp_path: Path) -> None:
    emulator = recording(tmp_path)
    ask(emulator)
    ask(emulator, max_tokens=7)
    player = Player(Tape(tmp_path))

    ask(Emulator(answerer=player))

    (unused,) = player.unused
    assert json.loads((tmp_path / unused).read_text())["request"]["body"]["max_tokens"] == 7


def test_forwarding_needs_somebody_to_forward_to(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no upstream"):
        Player(Tape(tmp_path), "forward")


def test_an_upstream_is_recorded_with_its_timing(tmp_path: Path) -> None:
    upstream = Emulator(script=[say("one two three four five six") & slow(per_event=0.02)])
    with Server(upstream) as server, Upstream(server.url) as api:
        recorder = Recorder(Tape(tmp_path), api)
        with Server(Emulator(answerer=recorder)) as proxy:
            client = anthropic.Anthropic(api_key="sk-ant-api03-secret", base_url=proxy.url, max_retries=0)
            with client.messages.stream(**ASKED) as stream:
                streamed = stream.get_final_message()
            created = client.messages.create(**ASKED)
            client.close()

    assert upstream.requests[0].headers["authorization"] == "..."  # the client's own key was passed on
    first = min(tmp_path.iterdir(), key=lambda path: "events" not in path.read_text())
    delays = [event["after"] for event in json.loads(first.read_text())["events"]]
    assert sum(delays) >= 0.1
    with sdk(playing(tmp_path)) as client:
        with client.messages.stream(**ASKED) as stream:
            assert stream.get_final_message() == streamed
        assert client.messages.create(**ASKED) == created
    timed = ask(playing(tmp_path, is_timed=True), stream=True)
    assert not isinstance(timed.body, bytes)
    assert [round(chunk.delay, 4) for chunk in timed.body] == delays


def test_an_upstream_that_breaks_off_is_recorded_so(tmp_path: Path) -> None:
    script = [say("one two three four five six") & drop(after=1)]
    with Server(Emulator(script=script)) as server, Upstream(server.url) as api:
        emulator = Emulator(answerer=Recorder(Tape(tmp_path), api))
        with pytest.raises(ConnectionLost):
            said(ask(emulator, stream=True))

    played = playing(tmp_path)
    with pytest.raises(ConnectionLost):
        said(ask(played, stream=True))
    assert played.requests[0].response.text == "one two"


def test_an_upstream_out_of_reach_is_a_502_and_not_recorded(tmp_path: Path) -> None:
    with Server(Emulator()) as server:
        url = server.url
    with Upstream(url) as api:
        answer = ask(Emulator(answerer=Recorder(Tape(tmp_path), api)))

    assert answer.status == 502
    assert f"no answer from {url}" in json.loads(said(answer))["error"]["message"]
    assert not list(tmp_path.iterdir())


def test_a_connection_lost_before_the_answer_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(ConnectionLost):
        ask(recording(tmp_path, reset()))

    assert not list(tmp_path.iterdir())


def test_an_upstream_may_be_given_a_key_of_its_own() -> None:
    wrong = KEY | {"x-api-key": "wrong", "authorization": "Bearer wrong"}
    with Server(Emulator()) as server, Upstream(server.url, key="sk-ant-api03-its-own") as api:
        answer = Emulator(answerer=api).respond("POST", "/v1/messages", wrong, json.dumps(ASKED).encode())

    assert answer.status == 200


@pytest.mark.parametrize("url", ["api.anthropic.com", "ftp://x", ""])
def test_an_upstream_needs_a_url(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL"):
        Upstream(url)


def test_a_miss_may_be_forwarded(tmp_path: Path) -> None:
    with Server(Emulator(script=[say("from afar")])) as server, Upstream(server.url) as api:
        played = playing(tmp_path, "forward", api)
        answer = json.loads(said(ask(played)))

    assert answer["content"][-1]["text"] == "from afar"


def test_a_slow_upstream_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    with Server(Emulator(script=[hang(1)])) as upstream, Upstream(upstream.url) as api:
        emulator = Emulator(answerer=Recorder(Tape(tmp_path), api))
        with Server(emulator) as proxy, ThreadPoolExecutor(1) as pool:
            slowly = pool.submit(httpx2.post, f"{proxy.url}/v1/messages", headers=KEY, json=ASKED, timeout=60)
            while not emulator.requests:
                time.sleep(0.001)
            state = httpx2.get(f"{proxy.url}/_emulator/state")

            assert state.status_code == 200
            assert not slowly.done()
            assert slowly.result().status_code == 200


def test_a_stream_that_is_left_early_is_not_recorded(tmp_path: Path) -> None:
    response = ask(recording(tmp_path), stream=True)
    assert not isinstance(response.body, bytes)
    next(iter(response.body))

    del response

    assert not list(tmp_path.iterdir())


KILLED = """
import sys
from clarion.emulator.recording import Tape
from clarion.emulator.recording.recording import Event, Recording

tape = Tape(sys.argv[1])
events = tuple(Event(0.0, b'event: x\\ndata: {"type": "x", "n": "%d"}\\n\\n' % number) for number in range(300))
print("ready", flush=True)
while True:
    tape.add(Recording(method="POST", target="/v1/messages", status=200, events=events))
"""


def test_a_recorder_that_is_killed_leaves_whole_files(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while not list(tmp_path.glob("*.json")):
            time.sleep(0.001)
        threading.Event().wait(0.05)
        process.kill()

    tape = Tape(tmp_path)
    assert len(tape) == len(list(tmp_path.glob("*.json"))) >= 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError: 'format'"),
        ('{"format": 9}', "has format 9; this Clarion reads 1"),
        ('{"format": 1}', "KeyError: 'request'"),
    ],
)
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "odd.json").write_text(text)

    with pytest.raises(TapeError, match=r"odd\.json") as caught:
        Tape(tmp_path)

    assert why in str(caught.value)


def test_a_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="no regular expression"):
        Tape(tmp_path, ["("])


def test_a_tape_can_be_added_to_and_cleared(tmp_path: Path) -> None:
    ask(recording(tmp_path))
    ask(recording(tmp_path))
    assert [name[-7:] for name in Tape(tmp_path).names] == ["-1.json", "-2.json"]

    Tape(tmp_path).clear()

    assert not list(tmp_path.iterdir())


@given(data=st.binary() | st.text().map(lambda text: f"event: x\ndata: {json.dumps(text)}\n\n".encode()))
def test_any_bytes_come_back_from_a_tape_as_they_were(data: bytes) -> None:
    recorded = Recording(method="POST", target="/", status=200, events=(Event(0.5, data),), lost="reset")

    read = Recording.parse(recorded.text().encode(), "a file")

    assert read.events is not None
    assert meaning(read.events[0].data) == meaning(data)
    assert read.lost == "reset"


def meaning(data: bytes) -> object:
    """Bytes as they are, or as the JSON they hold: spaces and escapes may be written otherwise."""
    body = data.removeprefix(b"event: x\ndata: ")
    try:
        return json.loads(body)
    except ValueError:
        return body
