"""Connections of a process are not spoken over by its children, nor those of an event loop by the next one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anthropic
import orjson
import pytest

from clarion import AsyncClaudeService, ClaudeService
from forks import forked
from wire import START


class TellingItsCaller(BaseHTTPRequestHandler):
    """Answers every message with the port that it came from, over a connection that is kept."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name that http.server gives it
        self.rfile.read(int(self.headers["content-length"]))
        content = [{"type": "text", "text": str(self.client_address[1])}]
        body = orjson.dumps({**START["message"], "content": content, "stop_reason": "end_turn"})  # type: ignore[dict-item]  # a dict of many kinds
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), TellingItsCaller) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask_in_a_fork(url: str) -> None:
    claude = ClaudeService(api_key="key", base_url=url)
    ports = [claude.complete("Hi").text for _ in range(2)]
    reading, writing = os.pipe()
    if os.fork() == 0:
        with contextlib.suppress(BaseException):
            os.write(writing, " ".join(claude.complete("Hi").text for _ in range(2)).encode())
        os._exit(0)
    os.wait()
    print(*ports, *os.read(reading, 100).decode().split(), claude.complete("Hi").text)


async def asked(claude: AsyncClaudeService) -> str:
    return (await claude.complete("Hi")).text


def ask_in_a_fork_awaiting(url: str) -> None:
    claude = AsyncClaudeService(api_key="key", base_url=url)
    with asyncio.Runner() as loop:
        ports = [loop.run(asked(claude)) for _ in range(2)]
        reading, writing = os.pipe()
        if os.fork() == 0:
            asyncio.set_event_loop(None)
            with contextlib.suppress(BaseException), asyncio.Runner() as other:
                os.write(writing, " ".join(other.run(asked(claude)) for _ in range(2)).encode())
            os._exit(0)
        os.wait()
        print(*ports, *os.read(reading, 100).decode().split(), loop.run(asked(claude)))


@pytest.mark.parametrize("ask", [ask_in_a_fork, ask_in_a_fork_awaiting])
def test_a_forked_process_has_connections_of_its_own_and_its_parent_keeps_its(
    url: str, tmp_path: Path, ask: Any
) -> None:
    said = tmp_path / "said"

    forked(ask, url, said=said)

    first, second, of_child, of_child_again, last = said.read_text().split()
    assert first == second == last
    assert of_child == of_child_again
    assert of_child != first


def test_a_service_goes_on_over_other_connections_when_its_event_loop_has_ended(url: str) -> None:
    claude = AsyncClaudeService(api_key="key", base_url=url)
    clients: list[anthropic.AsyncAnthropic] = []

    async def ask() -> str:
        clients.append(claude.sdk)
        return await asked(claude)

    ports = [asyncio.run(ask()) for _ in range(3)]

    assert len(set(ports)) == 3
    assert all(client.is_closed() for client in clients)


def test_connections_of_a_loop_that_was_closed_abruptly_are_closed_by_the_next_one(url: str) -> None:
    claude = AsyncClaudeService(api_key="key", base_url=url)
    clients: list[anthropic.AsyncAnthropic] = []

    async def ask() -> str:
        clients.append(claude.sdk)
        return await asked(claude)

    with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # nobody has closed its transports
        loop = asyncio.new_event_loop()
        first = loop.run_until_complete(ask())
        loop.close()
        second = asyncio.run(ask())
        gc.collect()

    assert second != first
    assert all(client.is_closed() for client in clients)


def test_loops_of_several_threads_share_a_service(url: str) -> None:
    claude = AsyncClaudeService(api_key="key", base_url=url)
    together = threading.Barrier(3)
    ports: list[tuple[str, str]] = []

    async def ask() -> None:
        first = await asked(claude)
        await asyncio.to_thread(together.wait)
        ports.append((first, await asked(claude)))

    threads = [threading.Thread(target=asyncio.run, args=(ask(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(claude.close())

    assert len(set(ports)) == 3
    assert all(first == second for first, second in ports)


def test_a_client_of_ones_own_stays_the_one_that_was_passed(url: str) -> None:
    client = anthropic.AsyncAnthropic(api_key="key", base_url=url)
    claude = AsyncClaudeService(sdk=client)

    async def used() -> anthropic.AsyncAnthropic:
        return claude.sdk

    assert asyncio.run(used()) is client


def test_where_no_loop_of_asyncio_runs_the_way_out_is_said() -> None:
    call = AsyncClaudeService(api_key="key").complete("Hi")

    with pytest.raises(RuntimeError, match="in trio, call ClaudeService"):
        call.send(None)
