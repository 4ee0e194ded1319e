"""Servers that judge bulk engines, each in a process of its own: one that is always ready, one that keeps limits.

`GET /stats` tells what they have seen. The first is a bare protocol, so that it is never what is slow; the second is
the emulator.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import importlib.util
import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the judge also serves the tests

from clarion.emulator import Limits, serve
from judge import Judge

MESSAGE = {
    "id": "msg_01AbCdEfGhIjKlMnOpQrStUv",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-5-5",
    "content": [
        {"type": "text", "text": "The review praises the soup and the service, and finds fault with the noise."}
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 42,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 18,
        "service_tier": "standard",
    },
}
LIMITS = {"requests": 4_000_000, "input-tokens": 4_000_000_000, "output-tokens": 800_000_000}


class _Ready(asyncio.Protocol):
    """A connection whose requests are answered after so many seconds, all with the same message."""

    def __init__(self, seen: list[float], latency: float) -> None:
        self._seen = seen
        self._latency = latency
        self._body = orjson.dumps(MESSAGE)
        self._came = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (head := self._came.find(b"\r\n\r\n")) >= 0:
            if self._came.startswith(b"GET"):
                self._write({}, orjson.dumps({"answered": len(self._seen), "refused": 0, "times": self._seen[::1000]}))
                end = head + 4
            else:
                length = self._came.lower().find(b"content-length:", 0, head)
                end = head + 4 + int(self._came[length + 15 : self._came.find(b"\r\n", length)])
                if len(self._came) < end:
                    return
                self._seen.append(time.monotonic())
                asyncio.get_running_loop().call_later(self._latency, self._answer)
            del self._came[:end]

    def _answer(self) -> None:
        self._write(_headers(int(time.time())), self._body)

    def _write(self, headers: Mapping[str, str], body: bytes) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]  # a socket's transport


def _headers(now: int) -> dict[str, str]:
    return {
        "request-id": "req_011CSHoEeqs5C35K2UUqR7Fy",
        "date": email.utils.formatdate(now, usegmt=True),
        **{f"anthropic-ratelimit-{name}-limit": str(limit) for name, limit in LIMITS.items()},
        **{f"anthropic-ratelimit-{name}-remaining": str(limit) for name, limit in LIMITS.items()},
        **{
            f"anthropic-ratelimit-{name}-reset": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
            for name in LIMITS
        },
    }


def _answer(ready: Connection, latency: float) -> None:
    seen: list[float] = []

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: _Ready(seen, latency), "127.0.0.1", 0, backlog=4096
        )
        ready.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    if importlib.util.find_spec("uvloop"):
        import uvloop

        uvloop.run(main())
    else:
        asyncio.run(main())


def _keep_limits(ready: Connection, limits: Limits, latency: float) -> None:
    serve(Judge(limits, first_token_delay=latency), on_ready=ready.send)


@contextlib.contextmanager
def always_ready(*, latency: float = 0.0) -> Iterator[str]:
    """Serve what has no limits, and say where."""
    with _served(_answer, latency) as url:
        yield url


@contextlib.contextmanager
def limited(limits: Limits, *, latency: float = 1.0) -> Iterator[str]:
    """Serve the emulator with its limits, and say where."""
    with _served(_keep_limits, limits, latency) as url:
        yield url


@contextlib.contextmanager
def _served(work: Any, *options: Any) -> Iterator[str]:
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    server = spawning.Process(target=work, args=(there, *options))
    server.start()
    try:
        yield here.recv()
    finally:
        server.kill()
        server.join()
