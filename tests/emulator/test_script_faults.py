"""What a script's faults look like to a client, in process and over a socket, sync and async."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, Server, Step
from clarion.emulator.script import (
    body,
    cut,
    drop,
    error,
    error_event,
    garbage,
    hang,
    hangup,
    html,
    ok,
    reset,
    say,
    slow,
    stall,
    truncated,
)

HEADERS = {"x-api-key": "test", "anthropic-version": "2026-10-21"}
PLAIN: dict[str, Any] = {
    "model": "claude-opus-4-8",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "Hello"}],
}
WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"  # four deltas
BROKEN = httpx2.RemoteProtocolError


@dataclass
class Seen:
    """What a client saw of an answer: all of it, or what came before `error`."""

    status: int = 0
    headers: httpx2.Headers = field(default_factory=httpx2.Headers)
    data: bytes = b""
    error: httpx2.TransportError | None = None
    seconds: float = 0.0

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def events(self) -> list[str]:
        """The names of the events that came whole."""
        return [part.split(b"\n")[0].decode()[7:] for part in self.data.split(b"\n\n")[:-1]]

    @property
    def text(self) -> str:
        """The text of the deltas that came whole."""
        found = [part.partition(b"data: ")[2] for part in self.data.split(b"\n\n")[:-1] if b"text_delta" in part]
        return "".join(json.loads(data)["delta"]["text"] for data in found)


Ask = Callable[..., Seen]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Emulator, str]]:
    emulator = Emulator()
    with Server(emulator) as running:
        yield emulator, running.url


@pytest.fixture(params=["sync, in process", "async, in process", "sync, over a socket", "async, over a socket"])
def ask(request: pytest.FixtureRequest, server: tuple[Emulator, str]) -> Iterator[Ask]:
    """Return what puts steps into a script, makes one call and tells what came of it."""
    colour, place = request.param.split(", ")
    emulator, url = server if place == "over a socket" else (Emulator(), "http://emulator.invalid")

    def ask(*steps: Step, path: str = "/v1/messages", read: float = 60.0, **fields: Any) -> Seen:
        emulator.add(*steps)
        sent = {name: value for name, value in (PLAIN | fields).items() if value is not None}
        patience = httpx2.Timeout(60.0, read=read)
        started = time.monotonic()
        if colour == "sync":
            transport = EmulatorTransport(emulator) if place == "in process" else None
            seen = _ask(transport, url + path, sent, patience)
        else:
            async_transport = AsyncEmulatorTransport(emulator) if place == "in process" else None
            seen = asyncio.run(_ask_async(async_transport, url + path, sent, patience))
        seen.seconds = time.monotonic() - started
        return seen

    yield ask
    assert emulator.unused == ()


def _ask(transport: EmulatorTransport | None, url: str, fields: dict[str, Any], timeout: httpx2.Timeout) -> Seen:
    seen = Seen()
    with httpx2.Client(transport=transport, timeout=timeout, verify=False) as client:
        try:
            with client.stream("POST", url, json=fields, headers=HEADERS) as response:
                seen.status, seen.headers = response.status_code, response.headers
                for data in response.iter_bytes():
                    seen.data += data
        except httpx2.TransportError as failure:
            seen.error = failure
    return seen


async def _ask_async(
    transport: AsyncEmulatorTransport | None,
    url: str,
    fields: dict[str, Any],
    timeout: httpx2.Timeout,  # noqa: ASYNC109 - it is the client's
) -> Seen:
    seen = Seen()
    async with httpx2.AsyncClient(transport=transport, timeout=timeout, verify=False) as client:
        try:
            async with client.stream("POST", url, json=fields, headers=HEADERS) as response:
                seen.status, seen.headers = response.status_code, response.headers
                async for data in response.aiter_bytes():
                    seen.data += data
        except httpx2.TransportError as failure:
            seen.error = failure
    return seen


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (408, "invalid_request_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (503, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_has_the_body_of_the_api(ask: Ask, status: int, kind: str, stream: bool) -> None:
    seen = ask(error(status), stream=stream)

    assert seen.status == status
    assert seen.json["type"] == "error"
    assert seen.json["error"]["type"] == kind
    assert seen.json["error"]["message"]
    assert seen.json["request_id"] == seen.headers["request-id"]
    assert "retry-after" not in seen.headers
    assert seen.headers.get("x-should-retry") == ("false" if status in {401, 404} else None)


def test_an_error_may_carry_a_code_a_wait_and_other_headers(ask: Ask) -> None:
    seen = ask(error(429, code="ramp_limit_exceeded", retry_after=0.3, headers={"X-Should-Retry": "false"}))

    assert seen.json["error"]["details"] == {"error_code": "ramp_limit_exceeded"}
    assert seen.headers["retry-after"] == "0.3"
    assert seen.headers["x-should-retry"] == "false"


def test_a_proxy_answers_in_html_and_without_a_request_id(ask: Ask) -> None:
    seen = ask(html(502))

    assert seen.status == 502
    assert seen.data.startswith(b"<html>")
    assert seen.headers["content-type"] == "text/html"
    assert "request-id" not in seen.headers
    assert ask(html(200)).status == 200
    assert b"<h1>524 Error</h1>" in ask(html(524)).data


@pytest.mark.parametrize("data", [b"", b'{"id": "msg_01", "content": [{"ty'])
@pytest.mark.parametrize("stream", [False, True])
def test_a_body_may_be_any_bytes_under_good_headers(ask: Ask, data: bytes, stream: bool) -> None:
    seen = ask(body(data), stream=stream)

    assert (seen.status, seen.data, seen.error) == (200, data, None)
    assert seen.headers["content-type"].startswith("text/event-stream" if stream else "application/json")


@pytest.mark.parametrize("step", [truncated(), cut(after=3), drop(after=3)])
def test_a_plain_answer_may_be_broken_off_half_way(ask: Ask, step: Step) -> None:
    seen = ask(step)

    assert seen.status == 200
    assert len(seen.data) == int(seen.headers["content-length"]) // 2
    assert type(seen.error) is BROKEN


def test_a_connection_may_be_reset_before_the_answer(ask: Ask) -> None:
    seen = ask(reset())

    assert (seen.status, type(seen.error)) == (0, httpx2.ReadError)


def test_a_connection_may_be_closed_before_the_answer(ask: Ask) -> None:
    seen = ask(hangup())

    assert (seen.status, type(seen.error)) == (0, BROKEN)
    assert "without sending a response" in str(seen.error)


@pytest.mark.parametrize("stream", [False, True])
def test_a_hanging_call_meets_the_read_timeout(ask: Ask, stream: bool) -> None:
    seen = ask(hang(30), read=0.1, stream=stream)

    assert (seen.status, type(seen.error)) == (0, httpx2.ReadTimeout)
    assert 0.1 <= seen.seconds < 2


@pytest.mark.parametrize("step", [ok(), error(529), html(), error_event(), reset()])
def test_what_follows_a_hang_comes_late(ask: Ask, step: Step) -> None:
    seen = ask(hang(0.1) & step)

    assert seen.seconds >= 0.1
    assert type(seen.error) is not httpx2.ReadTimeout


def test_a_slow_answer_takes_its_time_and_is_whole(ask: Ask) -> None:
    seen = ask(say(WORDS) & slow(first_token=0.05, per_event=0.01), stream=True)
    plain = ask(say(WORDS) & slow(first_token=0.05, per_event=0.01))

    assert seen.text == WORDS
    assert seen.seconds >= 0.05 + 0.01 * len(seen.events)
    assert plain.seconds >= 0.05 + 0.01 * len(seen.events)


def test_a_stream_slower_than_the_read_timeout_times_out(ask: Ask) -> None:
    seen = ask(slow(first_token=20), stream=True, read=0.1)

    assert (seen.status, type(seen.error)) == (200, httpx2.ReadTimeout)


def test_a_cut_stream_ends_in_good_order_without_its_end(ask: Ask) -> None:
    seen = ask(say(WORDS) & cut(after=2), stream=True)

    assert seen.error is None
    assert seen.text == "one two three four five six"
    assert seen.events == ["message_start", "content_block_start", "ping", *["content_block_delta"] * 2]


@pytest.mark.parametrize("after", [0, 3])
def test_a_dropped_stream_breaks_in_the_middle_of_an_event(ask: Ask, after: int) -> None:
    seen = ask(say(WORDS) & drop(after), stream=True)

    assert type(seen.error) is BROKEN
    assert seen.events.count("content_block_delta") == after
    assert not seen.data.endswith(b"\n")


@pytest.mark.parametrize("stream", [False, True])
def test_a_connection_may_be_reset_in_the_body(ask: Ask, stream: bool) -> None:
    seen = ask(say(WORDS) & drop(after=2, reset=True), stream=stream)

    assert type(seen.error) is httpx2.ReadError
    assert len(seen.text) <= len("one two three four five six")


def test_a_stalled_stream_meets_the_read_timeout(ask: Ask) -> None:
    seen = ask(say(WORDS) & stall(after=2, seconds=30), stream=True, read=0.2)

    assert type(seen.error) is httpx2.ReadTimeout
    assert seen.text == "one two three four five six"


def test_pings_keep_a_stalled_stream_from_timing_out(ask: Ask) -> None:
    seen = ask(say(WORDS) & stall(after=2, seconds=0.5, pings=0.1), stream=True, read=0.4)

    assert seen.error is None
    assert seen.text == WORDS
    assert seen.events.count("ping") == 6
    assert seen.seconds >= 0.5


def test_a_plain_answer_may_stall_half_way(ask: Ask) -> None:
    timed_out = ask(stall(seconds=30), read=0.1)
    late = ask(say(WORDS) & stall(seconds=0.1))

    assert (timed_out.status, type(timed_out.error)) == (200, httpx2.ReadTimeout)
    assert late.json["content"][-1]["text"] == WORDS


def test_an_error_event_ends_the_stream_it_is_in(ask: Ask) -> None:
    seen = ask(say(WORDS) & error_event(after=1, type="rate_limit_error", code="ramp_limit_exceeded"), stream=True)

    last = json.loads(seen.data.strip().split(b"data: ")[-1])
    assert (seen.status, seen.error) == (200, None)
    assert seen.events[-2:] == ["content_block_delta", "error"]
    assert last["error"]["type"] == "rate_limit_error"
    assert last["error"]["details"] == {"error_code": "ramp_limit_exceeded"}


def test_an_error_event_without_a_stream_is_the_error_of_its_type(ask: Ask) -> None:
    seen = ask(error_event(after=1))

    assert seen.status == 529
    assert seen.json["error"] == {"type": "overloaded_error", "message": "Overloaded"}


def test_garbage_is_one_event_among_good_ones(ask: Ask) -> None:
    seen = ask(say(WORDS) & garbage(after=1), stream=True)

    bad = [part for part in seen.data.split(b"\n\n")[:-1] if not part.rstrip().endswith(b"}")]
    assert len(bad) == 1
    assert seen.events[-1] == "message_stop"
    assert seen.error is None


def test_garbage_in_a_plain_answer_is_half_a_json(ask: Ask) -> None:
    seen = ask(garbage())

    assert (seen.status, seen.error) == (200, None)
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.data)


def test_other_routes_fail_only_when_a_step_says_so(ask: Ask) -> None:
    counting = {"path": "/v1/messages/count_tokens", "max_tokens": None}
    steps = [step.when(route="count_tokens") for step in (error(529), html(), reset(), cut(), garbage())]

    seen = [ask(step, **counting) for step in steps]
    untouched = ask(error(500), **counting)

    assert [one.status for one in seen] == [529, 502, 0, 200, 200]
    assert [type(one.error) for one in seen[2:]] == [httpx2.ReadError, BROKEN, type(None)]
    assert untouched.json["input_tokens"] > 0
    assert ask().status == 500


@asynccontextmanager
async def _served(emulator: Emulator) -> AsyncIterator[httpx2.AsyncClient]:
    with Server(emulator) as server:
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
            yield client


def test_one_broken_connection_leaves_the_others_alone() -> None:
    async def run() -> list[str]:
        steps = [step for _ in range(10) for step in (reset(), hangup(), drop(1), ok(), ok())]
        async with _served(Emulator(script=steps)) as client:

            async def one() -> str:
                try:
                    response = await client.post("/v1/messages", json=PLAIN | {"stream": True}, headers=HEADERS)
                except httpx2.TransportError as failure:
                    return type(failure).__name__
                return "whole" if b"message_stop" in response.content else "part"

            return await asyncio.gather(*(one() for _ in range(50)))

    found = asyncio.run(run())

    assert sorted(found) == ["ReadError"] * 10 + ["RemoteProtocolError"] * 20 + ["whole"] * 20
