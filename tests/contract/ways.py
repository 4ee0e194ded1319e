"""The ways a row reaches the emulator: the official SDK in both colours, and bytes over a socket.

Each way returns the same `Outcome`. None of them uses Clarion's own client.
"""

from __future__ import annotations

import http.client
import inspect
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import anthropic
from anthropic import omit

from clarion.emulator import Emulator
from contract.row import PATHS, Row

DAY = 1_795_608_000.0  # 2026-11-25 12:00 UTC
TIMEOUT = 60  # seconds; with one of its own the SDK does not ask for a stream when `max_tokens` is large
NOT_THE_FIELD = frozenset({"output_format"})  # an argument of the SDK that is no field of the API
A_WHILE = 60  # seconds; a batch is done by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a row: the body of an answer, or the error in it."""

    status: int
    type: str = ""
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, status: int, body: dict[str, Any]) -> Outcome:
        """Read a body as it came."""
        if body.get("type") != "error":
            return cls(status=status, body=body)
        error = body["error"]
        return cls(status=status, type=error["type"], message=error["message"], details=error.get("details") or {})


def check(row: Row, outcome: Outcome) -> None:
    """Compare an outcome with what the row expects."""
    said = f"{outcome.status} {outcome.message}"
    assert outcome.status == row.status, said
    if row.is_accepted:
        assert not outcome.message, said
        return
    assert outcome.type == row.type
    assert row.expects(outcome.message), f"{outcome.message!r} is not {row.message!r}"
    expected = row.details | ({"error_code": row.code} if row.code else {})
    assert outcome.details == expected


def headers(row: Row) -> dict[str, str]:
    """Return the headers a row sends beside those of the client."""
    return {"anthropic-version": row.version, **row.headers}


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the SDK and what to call it with."""

    method: Any
    arguments: dict[str, Any]

    @classmethod
    def of(cls, client: Any, row: Row, *, stream: bool = False) -> Call:
        """Return the call that sends a row; what the SDK has no argument for goes into the body besides."""
        messages = client.beta.messages if row.betas else client.messages
        arguments: dict[str, Any] = {"extra_headers": headers(row), "timeout": TIMEOUT}
        if row.betas:
            arguments["betas"] = row.betas.split(",")
        body = row.body
        if row.to in {"item", "batches"}:
            method = messages.batches.create
            body = row.fields if row.to == "batches" else {"requests": [{"custom_id": "a", "params": row.body}]}
        else:
            method = {"messages": messages.create, "count_tokens": messages.count_tokens}[row.to]
        if stream:
            method = messages.stream
        known, required = _parameters(method)
        arguments |= dict.fromkeys(required, omit)
        arguments |= {name: value for name, value in body.items() if name in known}
        return cls(method, arguments | {"extra_body": {name: body[name] for name in body if name not in known}})


@cache
def _parameters(method: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the arguments a method of the SDK takes, and those it demands."""
    found = {
        name: one for name, one in inspect.signature(method).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    }  # fmt: skip
    required = {name for name, one in found.items() if one.default is inspect.Parameter.empty}
    return frozenset(found) - NOT_THE_FIELD, frozenset(required | ({"max_tokens", "messages", "model"} & found.keys()))


def refusal(error: anthropic.APIStatusError) -> Outcome:
    """Return the outcome that an error of the SDK tells of."""
    assert isinstance(error.body, dict)
    assert error.request_id == error.body["request_id"]
    outcome = Outcome.of(error.status_code, error.body)
    assert (error.type, error.error_code) == (outcome.type, outcome.details.get("error_code"))
    return outcome


def of_item(line: dict[str, Any]) -> Outcome:
    """Return what became of the item of a batch; its error carries no status, so the type tells it."""
    result = line["result"]
    if result["type"] == "succeeded":
        return Outcome(status=200, body=result["message"])
    assert result["type"] == "errored"
    statuses = {"invalid_request_error": 400, "not_found_error": 404}
    return Outcome.of(statuses[result["error"]["error"]["type"]], result["error"])


def through_sdk(client: anthropic.Anthropic, emulator: Emulator, row: Row) -> Outcome:
    """Send a row through the SDK."""
    call = Call.of(client, row)
    try:
        answer = call.method(**call.arguments)
        if row.to != "item":
            return Outcome(status=200, body=answer.to_dict())
        emulator.clock.advance(A_WHILE)
        batches: Any = client.beta.messages.batches if row.betas else client.messages.batches
        (line,) = list(batches.results(answer.id))
        return of_item(line.to_dict())
    except anthropic.APIStatusError as error:
        return refusal(error)


async def through_async_sdk(client: anthropic.AsyncAnthropic, emulator: Emulator, row: Row) -> Outcome:
    """Send a row through the SDK's other colour."""
    call = Call.of(client, row)
    try:
        answer = await call.method(**call.arguments)
        if row.to != "item":
            return Outcome(status=200, body=answer.to_dict())
        emulator.clock.advance(A_WHILE)
        batches: Any = client.beta.messages.batches if row.betas else client.messages.batches
        (line,) = [line async for line in await batches.results(answer.id)]
        return of_item(line.to_dict())
    except anthropic.APIStatusError as error:
        return refusal(error)


class Wire:
    """Bytes over a socket to a server; a connection of its own, kept alive."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Send a request; return status, headers with names in lower case, and body."""
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

    def ask(self, method: str, path: str, data: Any, row: Row) -> Outcome:
        """Send JSON under the headers of a row; the answer is JSON with the ids every answer carries."""
        sent = {"authorization": "Bearer test", "content-type": "application/json", **headers(row)}
        if row.betas:
            sent["anthropic-beta"] = row.betas
        status, found, body = self.send(method, path, b"" if data is None else json.dumps(data).encode(), sent)
        answer = json.loads(body.splitlines()[0])
        assert found["request-id"].startswith("req_")
        if answer.get("type") == "error":
            assert answer.keys() == {"type", "error", "request_id"}
            assert answer["request_id"] == found["request-id"]
        return Outcome.of(status, answer)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def through_wire(wire: Wire, emulator: Emulator, row: Row) -> Outcome:
    """Send a row as bytes over the socket."""
    if row.to in PATHS:
        return wire.ask("POST", PATHS[row.to], row.body, row)
    path = "/v1/messages/batches"
    data = row.fields if row.to == "batches" else {"requests": [{"custom_id": "a", "params": row.body}]}
    made = wire.ask("POST", path, data, row)
    if row.to == "batches" or made.status != 200:
        return made
    emulator.clock.advance(A_WHILE)
    return of_item(wire.ask("GET", f"{path}/{made.body['id']}/results", None, row).body)
