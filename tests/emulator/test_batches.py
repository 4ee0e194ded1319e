"""The Message Batches API, by a clock that the tests move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from clarion.emulator import Emulator, Server
from clarion.emulator.script import error, hang, html, reset, say

if TYPE_CHECKING:
    from anthropic.types.messages import MessageBatch

HOUR = 3600.0


def asking(text: str, **fields: Any) -> Any:
    return {"model": "claude-haiku-5-5", "max_tokens": 60, "messages": [{"role": "user", "content": text}]} | fields


def of(*texts: str) -> Any:
    return [{"custom_id": text, "params": asking(text)} for text in texts]


def about(text: str) -> Any:
    return lambda body: body["messages"][0]["content"] == text


def results(client: anthropic.Anthropic, batch: MessageBatch) -> dict[str, Any]:
    return {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}


def test_a_batch_in_progress_counts_all_its_requests_as_processing(api: Any, client: anthropic.Anthropic) -> None:
    batch = client.messages.batches.create(requests=of("a", "b", "c"))

    api.emulator.clock.advance(0.9)  # two of three are answered by now
    seen = client.messages.batches.retrieve(batch.id)

    assert seen.processing_status == "in_progress"
    assert seen.request_counts.to_dict() == {
        "processing": 3, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0,
    }  # fmt: skip
    assert seen.results_url is None


def test_a_batch_ends_after_its_time_with_a_result_for_every_request(api: Any, client: anthropic.Anthropic) -> None:
    batch = client.messages.batches.create(requests=of("a", "b", "c"))

    api.emulator.clock.advance(1)
    seen = client.messages.batches.retrieve(batch.id)

    assert seen.processing_status == "ended"
    assert seen.request_counts.succeeded == 3
    assert seen.request_counts.processing == 0
    assert seen.ended_at is not None
    assert {name: result.type for name, result in results(client, batch).items()} == dict.fromkeys("abc", "succeeded")


def test_results_come_in_an_order_of_their_own(api: Any, client: anthropic.Anthropic) -> None:
    names = [f"row-{number}" for number in range(20)]
    batch = client.messages.batches.create(requests=of(*names))
    api.emulator.clock.advance(1)

    found = list(results(client, batch))

    assert found != names
    assert sorted(found) == sorted(names)


def test_a_message_in_a_batch_was_served_in_the_batch_tier(api: Any, client: anthropic.Anthropic) -> None:
    batch = client.messages.batches.create(requests=of("a"))
    api.emulator.clock.advance(1)

    assert results(client, batch)["a"].message.usage.service_tier == "batch"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "no-such-model"}, "model: no-such-model"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"stream": True}, "stream: "),
        ({"max_tokens": 0}, "max_tokens: "),
        ({"speed": "fast"}, "speed: "),
    ],
)
def test_a_bad_request_in_a_batch_is_found_only_when_its_turn_comes(
    api: Any, client: anthropic.Anthropic, change: dict[str, Any], said: str
) -> None:
    params: Any = {key: value for key, value in asking("bad", **change).items() if value is not None}
    batch = client.messages.batches.create(requests=[{"custom_id": "bad", "params": params}, *of("good")])
    api.emulator.clock.advance(1)

    found = results(client, batch)

    assert found["bad"].type == "errored"
    assert found["bad"].error.error.message.startswith(said)
    assert found["good"].type == "succeeded"


def test_what_is_not_done_within_a_day_expires() -> None:
    emulator = Emulator(batch_seconds=48 * HOUR, clock=lambda: 0.0)
    with Server(emulator) as server, anthropic.Anthropic(api_key="test", base_url=server.url) as client:
        batch = client.messages.batches.create(requests=of("a", "b", "c", "d"))
        emulator.clock.advance(24 * HOUR)

        counts = client.messages.batches.retrieve(batch.id).request_counts

        assert (counts.succeeded, counts.expired, counts.processing) == (2, 2, 0)
        assert sorted(result.type for result in results(client, batch).values()) == ["expired"] * 2 + ["succeeded"] * 2


def test_a_canceled_batch_keeps_what_was_done_and_cancels_the_rest(api: Any) -> None:
    api.emulator = Emulator(batch_seconds=100, clock=lambda: 0.0)
    created = call(api, "POST", "", {"requests": of("a", "b", "c", "d")})
    api.emulator.clock.advance(50)

    canceling = call(api, "POST", f"/{created['id']}/cancel")
    api.emulator.clock.advance(1)
    ended = call(api, "GET", f"/{created['id']}")

    assert canceling["processing_status"] == "canceling"
    assert canceling["request_counts"]["processing"] == 4
    assert ended["processing_status"] == "ended"
    assert ended["cancel_initiated_at"] is not None
    assert (ended["request_counts"]["succeeded"], ended["request_counts"]["canceled"]) == (2, 2)


def test_canceling_twice_changes_nothing_and_an_ended_batch_cannot_be_canceled(api: Any) -> None:
    created = call(api, "POST", "", {"requests": of("a")})
    first = call(api, "POST", f"/{created['id']}/cancel")
    second = call(api, "POST", f"/{created['id']}/cancel")
    api.emulator.clock.advance(2)

    assert first == second
    assert "already ended" in refused(api, 400, "POST", f"/{created['id']}/cancel")


def test_a_batch_that_is_processed_must_be_canceled_before_it_is_deleted(api: Any) -> None:
    created = call(api, "POST", "", {"requests": of("a")})

    assert "cancel it first" in refused(api, 400, "DELETE", f"/{created['id']}")
    api.emulator.clock.advance(1)
    assert call(api, "DELETE", f"/{created['id']}") == {"id": created["id"], "type": "message_batch_deleted"}
    assert created["id"] in refused(api, 404, "GET", f"/{created['id']}")


def test_results_are_there_from_the_end_of_a_batch_until_29_days_after_its_creation(api: Any) -> None:
    created = call(api, "POST", "", {"requests": of("a")})
    path = f"/{created['id']}/results"

    assert "not ended" in refused(api, 404, "GET", path)
    api.emulator.clock.advance(29 * 24 * HOUR - 1)
    assert api.send("GET", f"/v1/messages/batches{path}").status == 200
    api.emulator.clock.advance(1)
    assert "no longer" in refused(api, 404, "GET", path)
    archived = call(api, "GET", f"/{created['id']}")
    assert archived["archived_at"] is not None
    assert archived["results_url"] is None


def test_batches_are_listed_newest_first_a_page_at_a_time(api: Any, client: anthropic.Anthropic) -> None:
    made = [client.messages.batches.create(requests=of("a")).id for _ in range(5)]

    first = client.messages.batches.list(limit=2)

    assert [batch.id for batch in first.data] == made[:-3:-1]
    assert first.has_more
    assert [batch.id for batch in client.messages.batches.list(limit=2)] == made[::-1]


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ([], "requests: List should have at least 1 item"),
        ([{"params": {}}], "requests.0.custom_id: Field required"),
        ([{"custom_id": "a"}], "requests.0.params: Field required"),
        ([{"custom_id": "a", "params": [], "x": 1}], "requests.0.x: Extra inputs"),
        ([{"custom_id": "a b", "params": {}}], "requests.0.custom_id: String should match pattern"),
        ([{"custom_id": "a" * 65, "params": {}}], "requests.0.custom_id: String should match pattern"),
        ([*of("a"), *of("a")], "requests.1.custom_id: custom_id must be unique"),
        ("all", "requests: Input should be a valid list"),
    ],
)
def test_a_malformed_batch_is_refused_at_once(api: Any, requests: Any, said: str) -> None:
    assert refused(api, 400, "POST", "", {"requests": requests}).startswith(said)


def test_a_batch_holds_at_most_100_000_requests_and_the_queue_200_000(api: Any) -> None:
    full = [{"custom_id": str(number), "params": {}} for number in range(100_000)]

    assert "at most 100000" in refused(api, 400, "POST", "", {"requests": [*full, *of("one-more")]})
    call(api, "POST", "", {"requests": full})
    call(api, "POST", "", {"requests": full})
    assert "200,000" in refused(api, 429, "POST", "", {"requests": of("one-more")})


def test_the_version_at_creation_governs_the_requests_of_a_batch(api: Any) -> None:
    sampled = [{"custom_id": "a", "params": asking("a", model="claude-opus-4-6", temperature=0.5)}]

    kinds = []
    for version in ("2023-06-01", "2026-10-21"):
        response = api.send("POST", "/v1/messages/batches", {"requests": sampled}, anthropic_version=version)
        batch = json.loads(response.body)["id"]
        api.emulator.clock.advance(1)
        line = json.loads(api.send("GET", f"/v1/messages/batches/{batch}/results").body)
        kinds.append(line["result"]["type"])

    assert kinds == ["succeeded", "errored"]


def test_steps_of_a_script_meet_single_requests_and_single_endpoints(api: Any, client: anthropic.Anthropic) -> None:
    api.emulator.add(
        error(529).when(route="batches.item", body=about("over")),
        hang(25 * HOUR).when(route="batches.item", body=about("slow")),
        say("scripted").when(route="batches.item", body=about("said")),
        html(502).when(route="batches.item", body=about("page")),
        reset().when(route="batches.item", body=about("lost")),
        error(404).when(route="batches.retrieve"),
    )
    batch = client.messages.batches.create(requests=of("over", "slow", "said", "page", "lost", "plain"))
    api.emulator.clock.advance(24 * HOUR)

    with pytest.raises(anthropic.NotFoundError):
        client.messages.batches.retrieve(batch.id)
    found = results(client, batch)

    assert found["over"].error.error.type == "overloaded_error"
    assert found["slow"].type == "expired"
    assert found["said"].message.content[-1].text == "scripted"
    assert found["page"].error.error.type == found["lost"].error.error.type == "api_error"
    assert found["plain"].type == "succeeded"
    assert api.emulator.unused == ()


def call(api: Any, method: str, path: str, body: Any = None) -> Any:
    response = api.send(method, f"/v1/messages/batches{path}", body)
    assert response.status == 200, response.body
    return json.loads(response.body)


def refused(api: Any, status: int, method: str, path: str, body: Any = None) -> str:
    response = api.send(method, f"/v1/messages/batches{path}", body)
    assert response.status == status, response.body
    message: str = json.loads(response.body)["error"]["message"]
    return message
