"""Somebody who asks the emulator on a clock that stands still, and reads the usage of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from clarion.emulator import Emulator, Response

FAMILY = "anthropic-ratelimit-"
NOON = 1_795_435_200.0
MODEL = "claude-haiku-5-5"  # caches from 512 tokens
LONG = "word " * 400  # about 656 tokens
FIVE = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
Fields = dict[str, Any]


def text(words: str = LONG, mark: Fields | None = None) -> Fields:
    return {"type": "text", "text": words} | ({"cache_control": mark} if mark else {})


def user(*blocks: Fields) -> Fields:
    return {"role": "user", "content": list(blocks)}


def tool(mark: Fields | None = None, **more: Any) -> Fields:
    known = {"name": "look_up", "description": LONG, "input_schema": {"type": "object", "properties": {}}}
    return known | ({"cache_control": mark} if mark else {}) | more


@dataclass(frozen=True)
class Tokens:
    """Where the tokens of a prompt went."""

    fresh: int
    read: int = 0
    five: int = 0
    hour: int = 0

    @property
    def total(self) -> int:
        return self.fresh + self.read + self.five + self.hour


@dataclass
class Desk:
    """Asks an emulator on a clock that stands still, and reads the usage of the answers."""

    emulator: Emulator = field(default_factory=lambda: Emulator(clock=lambda: NOON))

    def post(self, path: str = "/v1/messages", /, *, headers: dict[str, str] | None = None, **fields: Any) -> Response:
        """Send a small valid request changed by `fields`; None takes a field out."""
        base = {"model": MODEL, "max_tokens": 10, "messages": [user(text("Hello"))]}
        body = {key: value for key, value in (base | fields).items() if value is not None}
        sent = {"anthropic-version": "2026-10-21"} | (headers or {"x-api-key": "mine"})
        return self.emulator.respond("POST", path, sent, json.dumps(body).encode())

    def send(self, path: str = "/v1/messages", /, *, headers: dict[str, str] | None = None, **fields: Any) -> Fields:
        response = self.post(path, headers=headers, **fields)
        assert isinstance(response.body, bytes)
        answer: Fields = json.loads(response.body)
        assert response.status == 200, answer
        return answer

    def ask(self, *, headers: dict[str, str] | None = None, **fields: Any) -> Tokens:
        usage = self.send(headers=headers, **fields)["usage"]
        spans = usage["cache_creation"]
        five, hour = spans["ephemeral_5m_input_tokens"], spans["ephemeral_1h_input_tokens"]
        assert usage["cache_creation_input_tokens"] == five + hour
        return Tokens(usage["input_tokens"], usage["cache_read_input_tokens"], five, hour)

    def count(self, **fields: Any) -> int:
        tokens: int = self.send("/v1/messages/count_tokens", max_tokens=None, **fields)["input_tokens"]
        return tokens


def desk(**options: Any) -> Desk:
    """Return somebody who asks an emulator of these options."""
    return Desk(Emulator(clock=lambda: NOON, **options))


def told(response: Response) -> dict[str, str]:
    """Return the rate-limit headers without their common beginning."""
    return {name.removeprefix(FAMILY): value for name, value in response.headers.items() if name.startswith(FAMILY)}


def problem(response: Response) -> tuple[int, str, str, str | None]:
    """Return status, type, message and code of a refusal."""
    assert isinstance(response.body, bytes)
    found = json.loads(response.body)["error"]
    return response.status, found["type"], found["message"], (found.get("details") or {}).get("error_code")


def key() -> dict[str, str]:
    return {"x-api-key": "mine", "anthropic-version": "2026-10-21"}
