"""The emulator as an application of somebody else's server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, MutableMapping
from typing import Any

import httpx2

from clarion.emulator import Emulator
from clarion.emulator.script import drop
from clarion.emulator.server import Application

HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
BODY = {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": "Hi"}]}


def ask(application: Application, method: str, path: str, **options: Any) -> httpx2.Response:
    async def run() -> httpx2.Response:
        transport = httpx2.ASGITransport(application, root_path=options.pop("root_path", ""))
        async with httpx2.AsyncClient(transport=transport, base_url="http://emulator", headers=HEADERS) as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


def sent(application: Application, bodies: Iterable[bytes], **fields: object) -> list[MutableMapping[str, Any]]:
    """Return the messages the application sends for a request whose body comes in these parts."""
    headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    scope = {"type": "http", "method": "POST", "path": "/v1/messages", "query_string": b"", "headers": headers}
    arrivals = ({"type": "http.request", "body": body, "more_body": True} for body in bodies)
    found: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(arrivals, {"type": "http.request", "body": b""})

    async def send(message: MutableMapping[str, Any]) -> None:
        found.append(message)

    asyncio.run(application({**scope, **fields}, receive, send))
    return found


def test_plain_answers_and_streams_pass_through() -> None:
    application = Application(Emulator())

    assert ask(application, "POST", "/v1/messages?beta=true", json=BODY).json()["type"] == "message"
    assert "message_stop" in ask(application, "POST", "/v1/messages", json={**BODY, "stream": True}).text
    assert ask(application, "GET", "/v1/models?limit=1").json()["has_more"] is True


def test_a_mounted_application_sees_the_path_below_its_mount() -> None:
    messages = sent(Application(Emulator()), [json.dumps(BODY).encode()], path="/a/v1/messages", root_path="/a")

    assert messages[0]["status"] == 200


def test_a_body_too_large_is_refused_before_it_has_all_come() -> None:
    taken = []

    def parts() -> Iterable[bytes]:
        for number in range(100):
            taken.append(number)
            yield b" " * 1024 * 1024

    messages = sent(Application(Emulator()), parts())

    assert messages[0]["status"] == 413
    assert len(taken) == 33


def test_a_lost_connection_leaves_the_answer_without_its_end() -> None:
    body = json.dumps({**BODY, "stream": True}).encode()

    messages = sent(Application(Emulator(script=[drop(1)])), [body])

    assert messages[0]["status"] == 200
    assert all(message.get("more_body") for message in messages[1:])
