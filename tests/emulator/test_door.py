"""What happens before a request is understood: routes, size, keys, versions, JSON, and the headers of every answer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from clarion.emulator import Emulator, Response

GOOD = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}


def error_of(response: Response) -> tuple[int, str, str]:
    assert isinstance(response.body, bytes)
    body = json.loads(response.body)
    assert body.keys() == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert body["request_id"] == response.headers["request-id"]
    return response.status, body["error"]["type"], body["error"]["message"]


def test_an_unknown_route_is_not_found(api: Any) -> None:
    response = api.send("GET", "/v1/nothing")

    assert error_of(response)[:2] == (404, "not_found_error")
    assert response.headers["x-should-retry"] == "false"


def test_a_wrong_method_is_not_allowed(api: Any) -> None:
    response = api.send("GET", "/v1/messages")

    assert error_of(response)[:2] == (405, "invalid_request_error")
    assert response.headers["allow"] == "POST"


def test_a_query_string_changes_nothing(api: Any) -> None:
    assert api.send("POST", "/v1/messages?beta=true", GOOD).status == 200


def test_a_body_over_32_mb_is_too_large_and_one_of_32_mb_is_read(api: Any) -> None:
    limit = 32 * 1024 * 1024

    assert error_of(api.send("POST", "/v1/messages", b" " * (limit + 1)))[:2] == (413, "request_too_large")
    assert error_of(api.send("POST", "/v1/messages", b" " * limit))[0] == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b"\xff"], ids=["empty", "open", "cut", "not utf-8"])
def test_what_is_not_json_is_a_400(api: Any, body: bytes) -> None:
    status, kind, message = error_of(api.send("POST", "/v1/messages", body))

    assert (status, kind) == (400, "invalid_request_error")
    assert "not valid JSON" in message


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-api-key": "sk-ant-123"}, 200),
        ({"Authorization": "Bearer sk-ant-123"}, 200),
        ({"X-Api-Key": "sk", "Authorization": "Bearer wrong"}, 200),
        ({"x-api-key": "wrong", "authorization": "Bearer sk"}, 401),
        ({"x-api-key": "sk-invalid-key"}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Basic abc"}, 401),
        ({"x-api-key": ""}, 401),
        ({}, 401),
    ],
    ids=lambda value: str(value),
)
def test_either_header_carries_the_key_and_the_key_header_wins(headers: dict[str, str], status: int) -> None:
    sent = {"Anthropic-Version": "2023-06-01", **headers}

    response = Emulator().respond("POST", "/v1/messages", sent, json.dumps(GOOD).encode())

    assert response.status == status
    if status == 401:
        assert error_of(response)[1] == "authentication_error"
        assert response.headers["x-should-retry"] == "false"


def test_a_wrong_key_is_named_as_the_api_names_it(api: Any) -> None:
    assert error_of(api.send("POST", "/v1/messages", GOOD, x_api_key="wrong"))[2] == "invalid x-api-key"


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_the_version_header_is_required(path: str) -> None:
    response = Emulator().respond("POST", path, {"x-api-key": "k"}, json.dumps(GOOD).encode())

    assert error_of(response)[2] == "anthropic-version: header is required"


@pytest.mark.parametrize(
    ("version", "status"), [("2023-06-01", 200), ("2026-10-21", 200), ("2023-01-01", 400), ("tomorrow", 400)]
)
def test_two_versions_are_served(api: Any, version: str, status: int) -> None:
    assert api.send("POST", "/v1/messages", GOOD, anthropic_version=version).status == status


@pytest.mark.parametrize("body", [GOOD, {}], ids=["answer", "refusal"])
def test_every_answer_carries_ids_and_twelve_rate_limit_headers(api: Any, body: dict[str, Any]) -> None:
    headers = api.send("POST", "/v1/messages", body).headers

    limits = [name for name in headers if name.startswith("anthropic-ratelimit-")]
    assert len(limits) == 12
    assert headers["server"] == "clarion-emulator"
    assert headers["anthropic-organization-id"]
    assert re.fullmatch(r"req_01[1-9A-HJ-NP-Za-km-z]{22}", headers["request-id"])
    assert int(headers["anthropic-ratelimit-input-tokens-remaining"]) % 1000 == 0
    assert headers["anthropic-ratelimit-requests-reset"] == "2026-11-23T12:00:00Z"


def test_the_clock_may_tell_a_datetime() -> None:
    emulator = Emulator(clock=lambda: datetime(2030, 1, 2, tzinfo=UTC))

    sent = {"x-api-key": "test", "anthropic-version": "2026-10-21"}

    headers = emulator.respond("POST", "/v1/messages", sent, json.dumps(GOOD).encode()).headers

    assert headers["anthropic-ratelimit-tokens-reset"] == "2030-01-02T00:00:00Z"


def test_message_threads_are_refused_with_the_code_that_makes_the_sdk_send_whole_histories(api: Any) -> None:
    status, body = api.ask(thread={"type": "create"}, betas="message-threads-2026-08-12")

    assert status == 400
    assert body["error"]["details"] == {"error_code": "thread_unsupported_request"}


def test_a_beta_field_needs_its_beta(api: Any) -> None:
    edits: dict[str, Any] = {"context_management": {"edits": []}}

    assert api.refused(**edits) == "context_management: Extra inputs are not permitted"
    assert api.ask(**edits, betas="context-management-2025-06-27")[0] == 200


def test_a_pace_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="tokens_per_second"):
        Emulator(tokens_per_second=0)
    with pytest.raises(ValueError, match="first_token_delay"):
        Emulator(first_token_delay=-1)
