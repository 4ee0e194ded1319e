"""The emulator's server beside a uvicorn application that answers constants: answers, streams, crowds, memory.

The server has one core of a Linux machine and the load has another. The two are asked in turns, and what counts of each
is its best round: other work on the machine only ever slows down.
`python bench/emulator.py [--requests 1000000] [--seconds 3]`
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
from figures import Figure, tell

from clarion.emulator import Emulator, serve
from clarion.emulator.script import say, slow

ROUNDS, SLOW_ROUNDS = 5, 3
EVENTS, EVERY, SLOW_EVENTS = 200, 0.02, 400
HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
FAST = importlib.util.find_spec("uvloop") and importlib.util.find_spec("httptools")
ANSWER_HEADERS = [(b"content-type", b"application/json"), (b"request-id", b"req_1")]
STREAM_HEADERS = [(b"content-type", b"text/event-stream"), (b"request-id", b"req_1")]


def message(number: int = 0, blocks: int = 1, **fields: Any) -> bytes:
    """A request for a message; the account of it is the longer the more blocks it has."""
    words = "Hello there, how are you doing on this fine day of the month, my friend and colleague?"
    content = [{"type": "text", "text": f"{words} {number + place}"} for place in range(blocks)]
    messages = [{"role": "user", "content": content}]
    return orjson.dumps({"model": "claude-haiku-5-5", "max_tokens": 8000, "messages": messages, **fields})


def wire(body: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    return f"POST /v1/messages HTTP/1.1\r\nhost: emulator\r\n{head}content-length: {len(body)}\r\n\r\n".encode() + body


def events(body: bytes) -> list[bytes]:
    """The events the emulator answers a request with."""
    answer = Emulator().respond("POST", "/v1/messages", HEADERS, body).body
    assert not isinstance(answer, bytes)
    return [chunk.data for chunk in answer]


def streamed() -> bytes:
    """The request whose answer is nearest to 200 events."""
    return min(
        (message(blocks=blocks, stream=True) for blocks in range(1, 33)),
        key=lambda body: abs(len(events(body)) - EVENTS),
    )


def emulator(ready: Connection, script: Callable[[], list[Any]] = list) -> None:
    os.sched_setaffinity(0, {0})
    serve(Emulator(script=script()), on_ready=ready.send)


def slow_script() -> list[Any]:
    return [say("word " * (SLOW_EVENTS * 7 // 2)) & slow(first_token=0, per_event=EVERY)] * 1000


def constants(ready: Connection) -> None:
    import uvicorn

    os.sched_setaffinity(0, {0})
    plain = Emulator().respond("POST", "/v1/messages", HEADERS, message()).body
    assert isinstance(plain, bytes)
    stream = events(streamed())
    headers = [*ANSWER_HEADERS, (b"content-length", b"%d" % len(plain))]

    async def answer(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body += part["body"]
            more = part.get("more_body", False)
        if b'"stream":true' not in body:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": plain})
            return
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        for event in stream:
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            port = self.servers[0].sockets[0].getsockname()[1]
            ready.send(f"http://127.0.0.1:{port}")

    config = uvicorn.Config(answer, port=0, lifespan="off", log_level="critical", access_log=False, backlog=4096)
    Announcing(config).run()


@contextlib.contextmanager
def running(server: Callable[..., None], *arguments: Any) -> Iterator[tuple[int, int]]:
    """Run a server; yield its process id and port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=server, args=(there, *arguments), daemon=True)
    process.start()
    try:
        yield process.pid or 0, int(here.recv().rpartition(":")[2])
    finally:
        process.terminate()
        process.join()


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def cpu(pid: int) -> float:
    """Seconds of CPU a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client(asyncio.Protocol):
    """One connection that asks whenever it is told to, and tells when an answer is whole."""

    def __init__(self, on_answer: Callable[[Client], object], on_data: Callable[[bytes], object] | None = None) -> None:
        self.on_answer = on_answer
        self.on_data = on_data
        self.is_lost = False
        self.buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.on_data is not None:
            self.on_data(data)
        self.buffer = buffer = self.buffer + data if self.buffer else data
        head = buffer.find(b"\r\n\r\n")
        place = buffer.lower().find(b"content-length: ", 0, head)
        is_whole = (
            buffer.endswith(b"0\r\n\r\n")
            if place < 0
            else len(buffer) >= head + 4 + int(buffer[place + 16 : buffer.find(b"\r", place)])
        )
        if head >= 0 and is_whole:
            if not buffer.startswith(b"HTTP/1.1 200"):
                raise ValueError(f"no good answer: {buffer[:300]!r}")
            self.buffer = b""
            self.on_answer(self)
        elif place < 0:
            self.buffer = buffer[:head] + buffer[-8:] if len(buffer) > 4096 else buffer

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True


async def connect(port: int, *arguments: Any) -> Client:
    _, client = await asyncio.get_running_loop().create_connection(lambda: Client(*arguments), "127.0.0.1", port)
    return client


async def rate(
    port: int, requests: list[bytes], connections: int, seconds: float, at_most: int = 10**9
) -> tuple[float, int]:
    """Ask one thing after another on so many connections; return answers a second and their number."""
    answers, done = 0, asyncio.Event()
    start = time.perf_counter()
    end = start + seconds

    def again(client: Client) -> None:
        nonlocal answers
        answers += 1
        if time.perf_counter() > end or answers >= at_most:
            done.set()
        else:
            client.transport.write(requests[answers % len(requests)])

    clients = [await connect(port, again) for _ in range(connections)]
    start = time.perf_counter()
    end = start + seconds
    for client in clients:
        client.transport.write(requests[0])
    await done.wait()
    taken = time.perf_counter() - start
    if lost := sum(client.is_lost for client in clients):
        raise ConnectionError(f"{lost} connections were lost")
    for client in clients:
        client.transport.abort()
    return answers / taken, answers


async def crowd(port: int, request: bytes, connections: int) -> tuple[int, int]:
    """Open connections all at once and ask twice on each; return how many were refused and how many lost."""
    left = asyncio.Semaphore(0)
    found = await asyncio.gather(
        *(connect(port, lambda _: left.release()) for _ in range(connections)), return_exceptions=True
    )
    clients = [one for one in found if isinstance(one, Client)]
    for _ in range(2):
        for client in clients:
            client.transport.write(request)
        async with asyncio.timeout(60):
            for _ in clients:
                await left.acquire()
    lost = sum(client.is_lost for client in clients)
    for client in clients:
        client.transport.abort()
    return connections - len(clients), lost


async def lags(port: int, streams: int) -> tuple[list[float], int]:
    """Open paced streams one by one over two seconds; return how late events came, and how many streams ended well.

    One stream in twenty is timed, event by event. The others are read four times a second, so that the load leaves its
    core free for those; the server sends every event by itself all the same.
    """
    request = wire(message(stream=True))
    late: list[float] = []
    ended, done = 0, asyncio.Event()
    others: list[socket.socket] = []

    def watch() -> Callable[[bytes], object]:
        start, seen = time.perf_counter(), 0

        def see(data: bytes) -> None:
            nonlocal seen
            now = time.perf_counter()
            for _ in range(data.count(b"event: ")):
                seen += 1
                late.append(now - start - seen * EVERY)

        return see

    def end(_: Client) -> None:
        nonlocal ended
        ended += 1
        if ended == streams:
            done.set()

    async def read_others() -> None:
        while True:
            await asyncio.sleep(0.25)
            for other in others[:]:
                if read(other).endswith(b"0\r\n\r\n"):
                    others.remove(other)
                    end(timed[0])

    timed: list[Client] = []
    reading = asyncio.create_task(read_others())
    for number in range(streams):
        if number % 20 == 0:
            timed.append(await connect(port, end, watch()))
            timed[-1].transport.write(request)
        else:
            others.append(socket.create_connection(("127.0.0.1", port)))
            others[-1].sendall(request)
            others[-1].setblocking(False)
        await asyncio.sleep(2 / streams)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SLOW_EVENTS * EVERY * 4):
            await done.wait()
    reading.cancel()
    return late, ended


def read(client: socket.socket) -> bytes:
    """Read what there is, without waiting."""
    with contextlib.suppress(BlockingIOError):
        return client.recv(1 << 20)
    return b""


def run(coroutine: Any) -> Any:
    if FAST:
        import uvloop

        return uvloop.run(coroutine)
    return asyncio.run(coroutine)


def beside(title: str, requests: list[bytes], connections: int, seconds: float, bar: float | None = None) -> None:
    """Tell how many answers a second of the server's CPU gives, and how many there were a second by the clock."""
    speeds: dict[str, list[float]] = {"emulator": [], "constants": []}
    costs: dict[str, list[float]] = {"emulator": [], "constants": []}
    with running(emulator) as ours, running(constants) as theirs:
        for _ in range(ROUNDS):
            for name, (pid, port) in (("emulator", ours), ("constants", theirs)):
                before = cpu(pid)
                speed, answers = run(rate(port, requests, connections, seconds))
                speeds[name].append(speed)
                costs[name].append((cpu(pid) - before) / answers)
    what = f"{title} (by the clock {max(speeds['emulator']):,.0f}/s, uvicorn {max(speeds['constants']):,.0f})"
    a_second = {name: 1 / min(each) for name, each in costs.items()}
    value, reference = a_second["emulator"], a_second["constants"]
    tell(Figure(what=what, value=value, unit="/s of CPU", reference="uvicorn", beside=reference, bar=bar, more=True))


def slow_streams() -> tuple[float, float, str]:
    """Return within how many milliseconds 99 and 50 % of the events came, and what that took."""
    with running(emulator, slow_script) as (pid, port):
        before = cpu(pid)
        late, whole = run(lags(port, 1000))
        each = (cpu(pid) - before) / 1000 / SLOW_EVENTS * 1e6
    note = f"{len(late):,} events timed, {whole} streams whole, {each:.1f} us of CPU an event"
    return statistics.quantiles(late, n=100)[98] * 1000, statistics.median(late) * 1000, note


def main(requests: int, seconds: float) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"constants: uvicorn with {'uvloop and httptools' if FAST else 'asyncio and h11'}")
    stream = streamed()
    beside("plain answers, 64 connections", [wire(message())], 64, seconds, 0.4)
    beside("plain answers, each another", [wire(message(number)) for number in range(2000)], 64, seconds)
    beside(f"streams of {len(events(stream))} events, 16 connections", [wire(stream)], 16, seconds, 0.5)
    with running(emulator) as (pid, port):
        refused, lost = run(crowd(port, wire(message()), 2000))
        print(f"{'2,000 connections at once':<37}{refused} refused, {lost} lost")
        before = memory(pid)
        run(rate(port, [wire(message())], 64, 1e9, requests))
        tell(Figure(what=f"memory after {requests:,} answers", value=memory(pid), unit="MB", bar=200))
        print(f"before: {before:.0f} MB")
    last, middle, note = min(slow_streams() for _ in range(SLOW_ROUNDS))
    tell(Figure(what="1,000 slow streams, 50 events/s: lag, median", value=middle, unit="ms"))
    tell(Figure(what="1,000 slow streams, 50 events/s: lag, 99 % within", value=last, unit="ms", bar=50))
    print(note)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    main(options.requests, options.seconds)
