"""The server over real sockets: nothing is lost, nobody waits for ever, and it ends well."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from clarion.emulator import Chunk, Emulator, Response, Server
from clarion.emulator.script import drop, error, hang, hangup, reset, slow, stall
from clarion.emulator.server.connection import Connection
from clarion.emulator.server.site import Patience, Site

BODY = json.dumps(
    {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": "Hi"}]}
).encode()
STREAM = BODY.replace(b'"max_tokens"', b'"stream": true, "max_tokens"')


def request(body: bytes = BODY, *, path: str = "/v1/messages", version: str = "1.1", extra: str = "") -> bytes:
    head = f"POST {path} HTTP/{version}\r\nhost: a\r\nx-api-key: k\r\nanthropic-version: 2026-10-21\r\n{extra}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


GET = b"GET /v1/models HTTP/1.1\r\nhost: a\r\nx-api-key: k\r\nanthropic-version: 2026-10-21\r\n\r\n"
LAST = request(extra="connection: close\r\n")


class Endless(Emulator):
    """Answers with a stream that never ends, and tells how much of it was made and whether it was stopped."""

    def __init__(self, delay: float, data: bytes) -> None:
        super().__init__()
        self.chunk = Chunk(delay, data)
        self.made = 0
        self.stopped = threading.Event()

    def respond(self, method: str, *arguments: Any) -> Response:
        if method == "GET":
            return super().respond(method, *arguments)
        return Response(200, {"content-type": "text/event-stream"}, self.chunks())

    def chunks(self) -> Iterator[Chunk]:
        try:
            while True:
                self.made += 1
                yield self.chunk
        finally:
            self.stopped.set()


@contextlib.contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=60) as client:
        yield client


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def talk(server: Server, *parts: bytes) -> bytes:
    """Send parts one by one; return all that comes until the server closes."""
    with connected(server) as client:
        for part in parts:
            client.sendall(part)
        return rest(client)


def rest(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(1 << 20), b""))


def until(client: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data:
        data += client.recv(1 << 16)
    return data


def statuses(data: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", data)]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(Emulator()) as running:
        yield running


def test_hundreds_of_connections_at_once_all_get_all_their_answers(server: Server) -> None:
    async def ask() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server))
        for _ in range(3):
            writer.write(request())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
        writer.write(request(STREAM, extra="connection: close\r\n"))
        answer = await reader.read()
        writer.close()
        return answer.count(b"event: message_stop")

    async def crowd() -> list[int]:
        return await asyncio.gather(*(ask() for _ in range(300)))

    assert asyncio.run(crowd()) == [1] * 300


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    answer = talk(server, *(LAST[i : i + 1] for i in range(len(LAST))))

    assert statuses(answer) == [200]


def test_requests_sent_ahead_are_answered_in_their_order(server: Server) -> None:
    answer = talk(server, request() + GET + request(STREAM) + b"\r\n" + request(path="/nowhere") + LAST)

    assert statuses(answer) == [200, 200, 200, 404, 200]
    assert answer.index(b'"has_more"') < answer.index(b"event: message_stop") < answer.index(b"/nowhere")


def test_a_client_that_sends_far_ahead_is_held_back_and_answered(server: Server) -> None:
    many = [request()] * 1000

    with connected(server) as client:
        sender = threading.Thread(target=client.sendall, args=(b"".join([*many, LAST]),))
        sender.start()
        answer = rest(client)
        sender.join()

    assert statuses(answer) == [200] * 1001


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"\x16\x03\x01\x00", 400), (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000, 431)],
)
def test_what_is_no_http_is_refused_in_the_words_of_the_api(server: Server, sent: bytes, status: int) -> None:
    head, _, body = talk(server, sent).partition(b"\r\n\r\n")

    assert statuses(head) == [status]
    assert b"connection: close" in head
    assert json.loads(body)["error"]["type"] == "invalid_request_error"


def test_a_request_cut_short_is_refused(server: Server) -> None:
    for part in (request()[:-1], request()[:30]):
        with connected(server) as client:
            client.sendall(part)
            client.shutdown(socket.SHUT_WR)
            assert statuses(rest(client)) == [400]


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/messages", 32 * 1024 * 1024 + 1, 413),
        ("/v1/messages?beta=true", 32 * 1024 * 1024 + 1, 413),
        ("/v1/messages/batches", 32 * 1024 * 1024 + 1, 100),
        ("/v1/messages/batches", 256 * 1024 * 1024 + 1, 413),
        ("/v1/files", 500 * 1024 * 1024, 100),
        ("/v1/files", 500 * 1024 * 1024 + 1, 413),
    ],
)
def test_leave_to_send_a_body_is_given_up_to_the_limit_of_the_path(
    server: Server, path: str, size: int, status: int
) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {size}\r\nexpect: 100-continue\r\n\r\n"

    with connected(server) as client:
        client.sendall(head.encode())
        answer = until(client, b"\r\n\r\n")

    assert statuses(answer) == [status]


def test_a_client_that_asks_for_leave_gets_it_and_its_answer(server: Server) -> None:
    head, _, body = request(extra="expect: 100-continue\r\nconnection: close\r\n").partition(b"\r\n\r\n")

    with connected(server) as client:
        client.sendall(head + b"\r\n\r\n")
        assert until(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert statuses(rest(client)) == [200]


def test_a_refused_request_is_in_the_log() -> None:
    emulator = Emulator()
    with Server(emulator) as running:
        talk(running, b"POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n")

    assert [(one.path, one.response.status) for one in emulator.requests] == [("/v1/messages", 413)]


def test_an_old_client_gets_a_stream_that_ends_with_the_connection(server: Server) -> None:
    head, _, body = talk(server, request(STREAM, version="1.0")).partition(b"\r\n\r\n")

    assert b"transfer-encoding" not in head
    assert body.startswith(b"event: message_start\n")
    assert body.endswith(b"\n\n")


def test_an_old_client_may_keep_its_connection(server: Server) -> None:
    kept = request(version="1.0", extra="connection: keep-alive\r\n")

    assert statuses(talk(server, kept + kept + request(version="1.0"))) == [200] * 3


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT"])
def test_other_methods_are_answered_as_the_emulator_says(server: Server, method: str) -> None:
    head, _, body = talk(server, LAST.replace(b"POST", method.encode(), 1)).partition(b"\r\n\r\n")

    assert statuses(head) == [405]
    assert bool(body) is (method != "HEAD")


def test_a_client_that_sends_no_more_still_gets_its_answer(server: Server) -> None:
    for body in (BODY, STREAM):
        with connected(server) as client:
            client.sendall(request(body))
            client.shutdown(socket.SHUT_WR)
            answer = rest(client)
        assert answer.endswith((b"}", b"0\r\n\r\n"))


def test_a_client_that_has_left_is_not_waited_for_through_a_long_pause() -> None:
    for step in (hang(600), stall(1, seconds=600)):
        with Server(Emulator(script=[step])) as running, connected(running) as client:
            client.sendall(request(STREAM))
            client.shutdown(socket.SHUT_WR)

            rest(client)  # would take ten minutes


def test_nothing_more_is_made_for_a_client_that_has_gone() -> None:
    emulator = Endless(0.001, b"event: ping\n\n")
    with Server(emulator) as running:
        with connected(running) as client:
            client.sendall(request())
            until(client, b"ping")

        assert emulator.stopped.wait(60)


def test_nothing_is_made_ahead_for_a_client_that_does_not_read_and_others_are_served() -> None:
    emulator = Endless(0.0, b"x" * 10_000)
    with Server(emulator) as running, connected(running) as client, connected(running) as other:
        client.sendall(request())
        until(client, b"xxx")
        made = -1
        while made != emulator.made:
            made = emulator.made
            other.sendall(GET)
            until(other, b'"has_more"')

        assert made < 10_000


class Waiting(Emulator):
    """Answers when so many requests are there at once, or never."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.barrier = threading.Barrier(together)

    @property
    def is_slow(self) -> bool:
        return True

    def respond(self, *arguments: Any) -> Response:
        self.barrier.wait(30)
        return super().respond(*arguments)


def test_requests_that_wait_for_somebody_else_wait_together() -> None:
    with Server(Waiting(together=50)) as running, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(running)) for _ in range(50)]
        for client in clients:
            client.sendall(LAST)

        assert [statuses(rest(client)) for client in clients] == [[200]] * 50


def test_a_server_stops_without_what_somebody_else_has_not_said() -> None:
    emulator = Waiting(together=2)
    with Server(emulator, patience=Patience(grace=0.01)) as running, connected(running) as client:
        client.sendall(LAST)
        while not emulator.barrier.n_waiting:
            threading.Event().wait(0.001)
        running.__exit__(None, None, None)

        assert not emulator.barrier.broken
        emulator.barrier.abort()


def test_an_emulator_that_fails_answers_500_and_the_connection_stays(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Emulator):
        def respond(self, method: str, *arguments: Any) -> Response:
            if method == "GET":
                raise RuntimeError("a script failed")
            return super().respond(method, *arguments)

    with Server(Failing()) as running:
        answer = talk(running, GET + LAST)

    assert statuses(answer) == [500, 200]
    assert "no answer to GET /v1/models" in caplog.text


def test_a_header_that_http_cannot_say_costs_no_answer() -> None:
    with Server(Emulator(script=[error(529, headers={"x-note": "☃"})])) as running:
        answer = talk(running, LAST)

    assert b"x-note: ?\r\n" in answer


def test_a_stream_that_fails_is_broken_off(caplog: pytest.LogCaptureFixture) -> None:
    def chunks() -> Iterator[Chunk]:
        yield Chunk(0.0, b"some")
        raise RuntimeError("a script failed")

    class Failing(Emulator):
        def respond(self, *arguments: Any) -> Response:
            return Response(200, {}, chunks())

    with Server(Failing()) as running:
        answer = talk(running, GET)

    assert b"some" in answer
    assert not answer.endswith(b"0\r\n\r\n")
    assert "an answer broke off" in caplog.text


def test_a_scripted_loss_is_a_reset_or_a_close() -> None:
    steps = [hangup(), reset(), hang(0.01) & hangup(), drop(1, reset=True), slow(first_token=0.01) & drop(1)]
    ends: list[object] = []
    with Server(Emulator(script=steps)) as running:
        for _ in steps:
            try:
                ends.append(b"HTTP" in talk(running, request(STREAM)))
            except ConnectionResetError:
                ends.append("reset")

    assert ends == [False, "reset", False, "reset", True]


def test_a_client_is_parted_with_when_it_takes_too_long() -> None:
    patience = Patience()

    async def answer_to(part: bytes, seconds: float) -> bytes:
        """Send a part of a request, let so many seconds pass on the server's side, and read."""
        loop = asyncio.get_running_loop()
        site = Site(Emulator(), loop, patience)
        connection = Connection(site)
        listening = await loop.create_server(lambda: connection, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(GET + part)
        await reader.readuntil(b'"has_more":false')
        connection.check(loop.time() + seconds)
        writer.write_eof()
        found = await reader.read()
        writer.close()
        listening.close()
        return found

    assert statuses(asyncio.run(answer_to(b"POST", patience.head + 1))) == [408]
    assert statuses(asyncio.run(answer_to(request()[:-1], patience.body + 1))) == [400]
    assert b"took too long" not in asyncio.run(answer_to(request()[:-1], patience.head + 1))
    assert statuses(asyncio.run(answer_to(b"", patience.idle + 1))) == []


def test_the_server_lets_an_answer_end_before_it_stops() -> None:
    with Server(Emulator(script=[slow(first_token=0.05, per_event=0.005)])) as running, connected(running) as client:
        client.sendall(request(STREAM))
        until(client, b"200 OK")
        running.__exit__(None, None, None)

        assert rest(client).endswith(b"0\r\n\r\n")


def test_idle_clients_see_the_end_of_a_stopping_server() -> None:
    with Server(Emulator()) as running, connected(running) as client:
        client.sendall(GET)
        until(client, b'"has_more"')
        running.__exit__(None, None, None)

        assert rest(client).count(b"HTTP") == 0


def test_a_port_is_free_again_once_the_server_has_stopped() -> None:
    with Server(Emulator()) as running:
        port = port_of(running)
        talk(running, LAST)

    with Server(Emulator(), port=port) as again:
        assert statuses(talk(again, LAST)) == [200]


def test_a_server_for_all_addresses_names_one_that_can_be_reached() -> None:
    with Server(Emulator(), host="0.0.0.0") as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert statuses(talk(running, LAST)) == [200]


FOREGROUND = """
from clarion.emulator import Emulator, Server
from clarion.emulator.script import hang
from clarion.emulator.server.site import Patience

emulator = Emulator(script=[hang(600)])
Server(emulator, patience=Patience(grace=600)).run(on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@contextlib.contextmanager
def foreground() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", FOREGROUND], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline().rpartition(":")[2])


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to processes")
def test_a_second_ctrl_c_ends_a_server_that_waits_for_an_answer_to_end() -> None:
    with foreground() as (process, port), socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request() + request())
        idle = socket.create_connection(("127.0.0.1", port), timeout=60)
        idle.sendall(GET)
        until(idle, b'"has_more"')
        process.send_signal(signal.SIGINT)
        assert rest(idle) == b""  # so the server is waiting now
        idle.close()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)

    assert (output, errors) == ("ended\n", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to processes")
def test_sigterm_ends_a_server_that_a_shell_script_has_put_in_the_background() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as such a shell does, and as its children inherit
    try:
        with foreground() as (process, _):
            process.terminate()
            output, errors = process.communicate(timeout=60)
    finally:
        signal.signal(signal.SIGINT, before)

    assert (process.returncode, output, errors) == (0, "ended\n", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to processes")
def test_sigterm_ends_a_server_in_the_foreground() -> None:
    with foreground() as (process, _):
        process.terminate()
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output, errors) == (0, "ended\n", "")
