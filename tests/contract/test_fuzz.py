"""Ten thousand requests, sound, nearly sound and broken: each is answered or refused as the API would.

No request makes the emulator raise or fail, nor hang, and every stream comes to its end. To make up a request takes as
long as to answer it, so each is sent ten times: in every way and under both profiles. The seed is printed when a run
fails; `CLARION_FUZZ_SEED` sets it, and `CLARION_FUZZ_TIMES=50` has fifty times as many made up.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from clarion.emulator import Emulator, Response
from clarion.emulator.state import Profile
from contract.grammar import BETAS, broken, requests
from contract.row import NEW, OLD
from contract.ways import DAY
from patience import patience

pytestmark = pytest.mark.untraced

SEED = int(os.environ.get("CLARION_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
TIMES = int(os.environ.get("CLARION_FUZZ_TIMES") or 1)
WAYS = [(version, stream) for version in (NEW, OLD) for stream in (False, True)]

fuzzed = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _told() -> None:
    print(f"CLARION_FUZZ_SEED={SEED}")


def headers(version: str = NEW, betas: frozenset[str] = frozenset()) -> dict[str, str]:
    return {"x-api-key": "test", "anthropic-version": version, "anthropic-beta": ",".join(sorted(betas))}


def check(response: Response) -> int:
    """Check an answer, a refusal or a stream for its shape; return the status."""
    assert response.status < 500
    if not isinstance(response.body, bytes):
        check_stream(b"".join(chunk.data for chunk in response.body))
        return response.status
    body = json.loads(response.body)
    if response.status == 200:
        assert body.get("type") == "message" or "input_tokens" in body
    else:
        assert body["type"] == "error"
        assert body["error"]["message"]
    return response.status


def check_stream(stream: bytes) -> None:
    assert stream.endswith(b"\n\n")
    events = [json.loads(frame.partition("\ndata: ")[2]) for frame in stream.decode().split("\n\n")[:-1]]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    assert kinds.count("content_block_start") == kinds.count("content_block_stop")


def ask(body: dict[str, Any], betas: frozenset[str], profile: Profile) -> None:
    emulator = Emulator(clock=lambda: DAY, profile=profile)
    counted = {key: value for key, value in body.items() if key != "max_tokens"}
    with patience():
        for version, stream in WAYS:
            data = json.dumps(body | {"stream": stream}).encode()
            check(emulator.respond("POST", "/v1/messages", headers(version, betas), data))
        data = json.dumps(counted).encode()
        check(emulator.respond("POST", "/v1/messages/count_tokens", headers(NEW, betas), data))


@seed(SEED)
@settings(fuzzed, max_examples=500 * TIMES)
@given(requests(), BETAS)
def test_a_request_that_is_nearly_sound_is_answered_or_refused(body: dict[str, Any], betas: frozenset[str]) -> None:
    ask(body, betas, "strict")
    ask(body, betas, "contract")


@seed(SEED)
@settings(fuzzed, max_examples=500 * TIMES)
@given(broken(), BETAS)
def test_a_broken_request_is_answered_or_refused(body: dict[str, Any], betas: frozenset[str]) -> None:
    ask(body, betas, "strict")
    ask(body, betas, "contract")


@seed(SEED)
@settings(fuzzed, max_examples=150 * TIMES)
@given(st.lists(requests() | broken(), min_size=1, max_size=3), BETAS)
def test_whatever_is_in_a_batch_the_batch_ends(bodies: list[dict[str, Any]], betas: frozenset[str]) -> None:
    emulator = Emulator(clock=lambda: DAY)
    items = [{"custom_id": f"c{index}", "params": body} for index, body in enumerate(bodies)]
    path = "/v1/messages/batches"

    with patience():
        made = emulator.respond("POST", path, headers(NEW, betas), json.dumps({"requests": items}).encode())
        assert isinstance(made.body, bytes)
        assert made.status == 200, made.body
        emulator.clock.advance(60)
        found = emulator.respond("GET", f"{path}/{json.loads(made.body)['id']}/results", headers(), b"")

    assert isinstance(found.body, bytes)
    results = [json.loads(line)["result"] for line in found.body.splitlines()]
    assert len(results) == len(items)
    assert {result["type"] for result in results} <= {"succeeded", "errored"}
    for result in results:
        error = result.get("error", {}).get("error", {})
        assert error.get("type") != "api_error"


PLACES = (
    "/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches", "/v1/messages/batches/{}",
    "/v1/messages/batches/{}/cancel", "/v1/messages/batches/{}/results", "/v1/models", "/v1/models/{}",
    "/v1/models?limit={}", "/v1/models?after_id={}", "/v1/models?lifecycle={}", "/v1/files", "/v1/files/{}",
    "/v1/files/{}/content", "/v1/files?page={}", "/v1/files?ids[]={}&limit={}", "/{}", "/v1/{}",
)  # fmt: skip
TYPES = (
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "x/y; charset=z",
    "",
)


@seed(SEED)
@settings(fuzzed, max_examples=1500 * TIMES)
@given(
    st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS"]),
    st.sampled_from(PLACES),
    st.text(max_size=12) | st.sampled_from(["claude-opus-5-5", "5", "%00", "%", "..%2f"]),
    st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b'{"requests": [{}]}', b"--x\r\n\r\n--x--", b"[" * 900]),
    st.sampled_from(TYPES),
    st.sampled_from(["", "gzip", "identity", "deflate, gzip", "br"]),
    st.sampled_from(["strict", "contract"]),
)
def test_any_bytes_at_any_place_are_answered(
    method: str, place: str, word: str, body: bytes, kind: str, encoding: str, profile: Any
) -> None:
    sent = headers() | {"content-type": kind, "content-encoding": encoding}

    with patience():
        response = Emulator(profile=profile).respond(method, place.replace("{}", word), sent, body)

    assert response.status < 500
