"""Many streams at once in one process: how late the text comes, for Clarion and for the SDK, from the same server.

Every stream sends an event every 20 ms, stamped with the time; the lag is how much later its text is in the program's
hands. `python bench/crowd.py [streams]` (1,000 by default; the SDK then takes most of a minute)
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import Any

import anthropic
import orjson
from figures import Figure, tell

from clarion import AsyncClaudeService

EVENTS, EVERY = 200, 0.02
REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hi"}],
}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\nrequest-id: req_1\r\n\r\n"
MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "claude-opus-5-5",
    "content": [],
    "stop_reason": None,
}
START = {"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": 1, "output_tokens": 1}}}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
END = [
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
    {"type": "message_stop"},
]


def frame(event: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), orjson.dumps(event))


def delta() -> dict[str, Any]:
    text = f"{time.time():.4f} "
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def serve(ready: Connection) -> None:
    """Serve in a process of its own: one ticker writes to every open stream."""

    async def main() -> None:
        streams: dict[asyncio.StreamWriter, int] = {}

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(length)
            writer.write(HEAD + frame(START) + frame(BLOCK))
            streams[writer] = EVENTS

        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
        ready.send(server.sockets[0].getsockname()[1])
        while True:
            due = time.monotonic() + EVERY
            for writer, left in list(streams.items()):
                streams[writer] -= 1
                writer.write(frame(delta()) if left > 0 else b"".join(map(frame, END)))
                if left <= 0:
                    del streams[writer]
                    writer.close()
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    asyncio.run(main())


async def crowd(streams: int, texts: Callable[[], AsyncIterator[str]]) -> tuple[float, list[float]]:
    lags: list[float] = []

    async def watch() -> None:
        async for text in texts():
            now = time.time()
            lags.extend(now - float(stamp) for stamp in text.split())

    start = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(streams):
            group.create_task(watch())
    return time.monotonic() - start, lags


async def main(streams: int, url: str) -> None:
    claude = AsyncClaudeService(api_key="k", base_url=url)
    sdk = anthropic.AsyncAnthropic(api_key="k", base_url=url, timeout=600)

    async def ours() -> AsyncIterator[str]:
        async with claude.stream("Hi") as stream:
            async for text in stream:
                yield text

    async def theirs() -> AsyncIterator[str]:
        async with sdk.messages.stream(**REQUEST) as stream:
            async for text in stream.text_stream:
                yield text

    print(f"{streams} streams of {EVENTS} events, one every {EVERY * 1000:.0f} ms: {EVENTS * EVERY:.1f} s without lag")
    found = {}
    for name, texts in (("Clarion", ours), ("SDK", theirs)):
        taken, lags = await crowd(streams, texts)
        median, late = statistics.median(lags) * 1000, statistics.quantiles(lags, n=100)[98] * 1000
        found[name] = {"lag, median": median, "lag, 99 % within": late}
        print(f"{name:<8} {taken:5.1f} s, {len(lags):,} texts", flush=True)
    for what, value in found["Clarion"].items():
        beside = found["SDK"][what]
        tell(Figure(what=f"{streams:,} streams: {what}", value=value, unit="ms", reference="SDK", beside=beside))
    await claude.close()
    await sdk.close()


if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, f"http://127.0.0.1:{here.recv()}"))
    server.terminate()
