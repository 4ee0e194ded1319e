"""The official SDK, sync and async, in process and over a socket; and other ways to reach the emulator."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
import pytest

from clarion.emulator import AsyncEmulatorTransport, Emulator, EmulatorTransport, Server
from clarion.emulator.server import Application

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

MESSAGES: Any = [{"role": "user", "content": "How is the weather in Oslo?"}]
WEATHER: Any = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
FAST: Any = {"model": "claude-haiku-5-5", "max_tokens": 1000, "messages": MESSAGES}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Emulator()) as running:
        yield running


@pytest.fixture(params=["in process", "over a socket"])
def sync_client(request: pytest.FixtureRequest, server: Server) -> Iterator[anthropic.Anthropic]:
    transport = EmulatorTransport(Emulator()) if request.param == "in process" else None
    with httpx2.Client(transport=transport, timeout=60) as http:
        yield anthropic.Anthropic(
            api_key="test", base_url=server.url, http_client=http, max_retries=0, _strict_response_validation=True
        )


def async_client_of(kind: str, server: Server) -> anthropic.AsyncAnthropic:
    transport = AsyncEmulatorTransport(Emulator()) if kind == "in process" else None
    return anthropic.AsyncAnthropic(
        api_key="test",
        base_url=server.url,
        http_client=httpx2.AsyncClient(transport=transport, timeout=60),
        max_retries=0,
        _strict_response_validation=True,
    )


def test_the_sdk_creates_streams_and_counts(sync_client: anthropic.Anthropic) -> None:
    message = sync_client.messages.create(**FAST)
    with sync_client.messages.stream(**FAST) as stream:
        text = "".join(stream.text_stream)
    counted = sync_client.messages.count_tokens(model=FAST["model"], messages=MESSAGES)

    assert message.content[-1].type == "text"
    assert message.content[-1].text == text
    assert message.content[0].type == "thinking"
    assert counted.input_tokens == message.usage.input_tokens
    assert message._request_id is not None


@pytest.mark.parametrize("kind", ["in process", "over a socket"])
def test_the_async_sdk_creates_streams_and_counts(server: Server, kind: str) -> None:
    async def run() -> None:
        async with async_client_of(kind, server) as client:
            message = await client.messages.create(**FAST)
            async with client.messages.stream(**FAST) as stream:
                text = "".join([part async for part in stream.text_stream])
            counted = await client.messages.count_tokens(model=FAST["model"], messages=MESSAGES)

        assert message.content[-1].type == "text"
        assert message.content[-1].text == text
        assert counted.input_tokens == message.usage.input_tokens

    asyncio.run(run())


def test_the_sdk_goes_through_a_tool_loop(sync_client: anthropic.Anthropic) -> None:
    first = sync_client.messages.create(**FAST, tools=[WEATHER])
    call = first.content[-1]
    assert call.type == "tool_use"
    result: Any = {"type": "tool_result", "tool_use_id": call.id, "content": "18 degrees"}
    messages: Any = [*MESSAGES, first.to_param(), {"role": "user", "content": [result]}]

    second = sync_client.messages.create(**{**FAST, "messages": messages}, tools=[WEATHER])

    assert call.input == {"city": "Oslo"}
    assert second.content[-1].type == "text"
    assert "18 degrees" in second.content[-1].text


def test_a_streamed_tool_call_is_the_plain_one(sync_client: anthropic.Anthropic) -> None:
    with sync_client.messages.stream(**FAST, tools=[WEATHER]) as stream:
        call = stream.get_final_message().content[-1]

    assert call.type == "tool_use"
    assert call.input == {"city": "Oslo"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"model": "nobody"}, anthropic.NotFoundError),
        ({"max_tokens": 200_000, "stream": True}, anthropic.BadRequestError),
        ({"extra_headers": {"authorization": "Bearer wrong"}}, anthropic.AuthenticationError),
        ({"extra_headers": {"anthropic-version": "1999-01-01"}}, anthropic.BadRequestError),
        ({"extra_body": {"temperature": 1}}, anthropic.BadRequestError),
    ],
    ids=["model", "max_tokens", "key", "version", "temperature"],
)
def test_the_sdk_raises_the_error_of_each_refusal(
    sync_client: anthropic.Anthropic, change: dict[str, Any], error: type[anthropic.APIStatusError]
) -> None:
    with pytest.raises(error) as caught:
        sync_client.messages.create(**(FAST | change))

    assert caught.value.request_id
    assert caught.value.type


def test_old_versions_of_the_sdk_can_use_their_key_header_and_version(server: Server) -> None:
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    body = {"model": "claude-opus-4-6", "max_tokens": 50, "temperature": 0.2, "messages": MESSAGES}

    response = httpx2.post(f"{server.url}/v1/messages?beta=true", headers=headers, json=body)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", ["in process", "over a socket"])
def test_a_stream_arrives_in_pieces_at_its_pace(kind: str) -> None:
    emulator = Emulator(first_token_delay=0.1, tokens_per_second=200)
    times: list[float] = []

    with Server(emulator) as paced:
        transport = EmulatorTransport(emulator) if kind == "in process" else None
        client = anthropic.Anthropic(api_key="k", base_url=paced.url, http_client=httpx2.Client(transport=transport))
        start = time.perf_counter()
        with client.messages.stream(model="claude-opus-4-8", max_tokens=100, messages=MESSAGES) as stream:
            times.extend(time.perf_counter() - start for _ in stream.text_stream)
        client.close()

    assert times[0] >= 0.1
    assert times[-1] - times[0] >= 0.25
    assert len({round(one, 2) for one in times}) > 8


def test_an_async_stream_arrives_in_pieces_at_its_pace() -> None:
    async def run() -> list[float]:
        http_client = httpx2.AsyncClient(transport=AsyncEmulatorTransport(Emulator(tokens_per_second=200)))
        async with anthropic.AsyncAnthropic(api_key="k", http_client=http_client) as client:
            start = time.perf_counter()
            async with client.messages.stream(model="claude-opus-4-8", max_tokens=100, messages=MESSAGES) as stream:
                return [time.perf_counter() - start async for _ in stream.text_stream]

    times = asyncio.run(run())

    assert times[-1] - times[0] >= 0.25
    assert len({round(one, 2) for one in times}) > 8


@pytest.mark.parametrize("kind", ["in process", "over a socket"])
def test_a_stream_may_be_left_early_and_the_next_call_is_served(kind: str) -> None:
    emulator = Emulator(tokens_per_second=5)  # the whole answer would take half a minute

    with Server(emulator) as paced:
        transport = EmulatorTransport(emulator) if kind == "in process" else None
        with httpx2.Client(transport=transport, timeout=60) as http:
            client = anthropic.Anthropic(api_key="k", base_url=paced.url, http_client=http)
            start = time.perf_counter()
            with client.messages.stream(model="claude-opus-4-8", max_tokens=5000, messages=MESSAGES) as stream:
                next(iter(stream.text_stream))
            models = client.models.list()

    assert time.perf_counter() - start < 15
    assert models.data


def test_an_async_stream_may_be_left_early() -> None:
    async def run() -> int:
        http_client = httpx2.AsyncClient(transport=AsyncEmulatorTransport(Emulator(tokens_per_second=20)))
        async with anthropic.AsyncAnthropic(api_key="k", http_client=http_client) as client:
            async with client.messages.stream(model="claude-opus-4-8", max_tokens=5000, messages=MESSAGES) as stream:
                async for _ in stream.text_stream:
                    break
            return len((await client.models.list()).data)

    assert asyncio.run(run()) > 0


def test_nothing_more_is_made_for_a_client_that_has_gone() -> None:
    body = json.dumps({"model": "claude-opus-4-8", "max_tokens": 500, "stream": True, "messages": MESSAGES}).encode()
    headers = [(b"x-api-key", b"k"), (b"anthropic-version", b"2026-10-21")]
    scope = {"type": "http", "method": "POST", "path": "/v1/messages", "query_string": b"", "headers": headers}
    arrivals: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(arrivals)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Application(Emulator())(scope, receive, send))

    assert sent[0]["status"] == 200
    assert b"message_stop" not in b"".join(message.get("body", b"") for message in sent)


def test_the_server_stops_while_a_stream_is_open() -> None:
    start = time.perf_counter()
    with httpx2.Client() as http, Server(Emulator(tokens_per_second=5)) as paced:
        body = {"model": "claude-opus-4-8", "max_tokens": 5000, "stream": True, "messages": MESSAGES}
        headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
        request = http.build_request("POST", f"{paced.url}/v1/messages", headers=headers, json=body)
        response = http.send(request, stream=True)
        next(response.iter_raw())
        url = paced.url

    assert time.perf_counter() - start < 15
    with pytest.raises(httpx2.TransportError):
        httpx2.get(url)


def test_a_busy_port_is_an_os_error_that_names_it(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])

    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"), Server(Emulator(), port=port):
        pass


def test_a_server_that_does_not_run_has_no_url() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = Server(Emulator()).url


def test_a_server_may_be_stopped_at_once_and_started_again() -> None:
    server = Server(Emulator())
    for _ in range(2):
        with server:
            assert server.url.startswith("http://127.0.0.1:")


def test_ctrl_c_ends_a_server_in_the_foreground_without_a_traceback() -> None:
    code = (
        "from clarion.emulator import Emulator, serve\n"
        "import _thread, threading\n"
        "def ready(url):\n"
        "    print(url, flush=True)\n"
        "    threading.Timer(0.5, _thread.interrupt_main).start()\n"
        "serve(Emulator(), on_ready=ready)\n"
        "print('ended', flush=True)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)

    assert done.stdout.splitlines()[0].startswith("http://127.0.0.1:")
    assert done.stdout.splitlines()[1] == "ended"
    assert done.stderr == ""


def test_a_body_too_large_is_refused_over_a_socket(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}

    connection.request("POST", "/v1/messages", b" " * (32 * 1024 * 1024 + 1), headers)

    assert connection.getresponse().status == 413
    connection.close()


def test_threads_share_an_emulator_and_never_an_id() -> None:
    with httpx2.Client(transport=EmulatorTransport(Emulator())) as http_client:
        client = anthropic.Anthropic(api_key="k", http_client=http_client)
        barrier = threading.Barrier(8)

        def ask(_: int) -> list[str]:
            barrier.wait()
            return [client.messages.create(**FAST).id for _ in range(10)]

        with ThreadPoolExecutor(8) as pool:
            ids = [one for found in pool.map(ask, range(8)) for one in found]

    assert len(set(ids)) == 80


def test_importing_the_emulator_imports_no_edge_and_nothing_of_the_client() -> None:
    code = (
        "import sys, clarion.emulator\n"
        "heavy = {'httpx2', 'uvicorn', 'PIL', 'pypdf', 'anthropic', 'pydantic', 'aiohttp'} & set(sys.modules)\n"
        "mine = {'clarion', 'clarion._names', 'clarion.emulator'}\n"
        "other = [m for m in sys.modules if m.startswith('clarion') and m not in mine "
        "and not m.startswith('clarion.emulator.')]\n"
        "assert not heavy, heavy\n"
        "assert not other, other\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import clarion.emulator

    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = clarion.emulator.Nothing


def test_the_server_takes_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with Server(Emulator(), host="::1") as running:
            assert running.url.startswith("http://[::1]:")
    except OSError:
        pytest.skip("no IPv6 loopback here")
