"""What stands at the other end of the wire in tests: an emulator that remembers, and a socket that says anything."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from clarion.emulator import Emulator, Response


class RememberingEmulator(Emulator):
    """The emulator, with the bodies and headers of the requests it was sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        self.bodies.append(orjson.loads(body) if body else {})
        self.headers.append({name.lower(): value for name, value in headers.items()})
        return super().respond(method, path, headers, body)


class RenamingEmulator(RememberingEmulator):
    """The emulator, whose model has another name in its answers, as with gateways."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        response = super().respond(method, path, headers, body)
        assert isinstance(response.body, bytes)
        return replace(response, body=orjson.dumps({**orjson.loads(response.body), "model": self.name}))


def http(body: bytes, *, status: str = "200 OK", kind: str = "application/json", length: int | None = None) -> bytes:
    """An HTTP answer as bytes; `length` may promise more than there is."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body) if length is None else length}\r\n"
    return f"{head}request-id: req_wire\r\nconnection: close\r\n\r\n".encode() + body


def sse(*events: Mapping[str, Any]) -> bytes:
    """Events as the API frames them."""
    return b"".join(b"event: %s\ndata: %s\n\n" % (e["type"].encode(), orjson.dumps(e)) for e in events)


def streamed(*events: Mapping[str, Any], length: int | None = None) -> bytes:
    return http(sse(*events), kind="text/event-stream", length=length)


START = {
    "type": "message_start",
    "message": {
        "id": "msg_wire",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1},
    },
}
TEXT_START = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
HELLO = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}
TEXT_STOP = {"type": "content_block_stop", "index": 0}
END = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn", "stop_sequence": None},
    "usage": {"output_tokens": 5},
}
STOP = {"type": "message_stop"}
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@contextlib.contextmanager
def saying(answer: bytes, *, reset: bool = False, hold: bool = False) -> Iterator[str]:
    """Serve one fixed answer to every connection and close, reset, or hold it; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        leave = threading.Event()

        def serve() -> None:
            while not leave.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    _read_request(connection)
                    connection.sendall(answer)
                    if hold:
                        leave.wait(10)
                    if reset:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve)
        thread.start()
        host, port = server.getsockname()
        try:
            yield f"http://{host}:{port}"
        finally:
            leave.set()
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
