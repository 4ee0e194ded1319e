"""The Message Batches API: create, retrieve, list, cancel and delete a batch, and fetch its results."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.answer import answer
from clarion.emulator.batches import Batch, Outcome
from clarion.emulator.endpoints.paging import page
from clarion.emulator.endpoints.request import base_url, json_answer
from clarion.emulator.rules.batch import check_batch, check_queue
from clarion.emulator.rules.check import accept
from clarion.emulator.script.condition import Sight
from clarion.emulator.wire import ConnectionLost, Refusal, Response, Stamp, error, invalid

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.script.condition import RouteName
    from clarion.emulator.state import State

__all__ = ["cancel_batch", "create_batch", "delete_batch", "list_batches", "retrieve_batch", "retrieve_results"]

JSON_LINES = "application/x-jsonl"
FAILURE = "Internal server error"


def create_batch(request: Request) -> Response:
    """Answer `POST /v1/messages/batches`. Its requests are checked when their turn comes."""
    check_batch(request.body)
    requests: list[dict[str, Any]] = request.body["requests"]
    batches = request.state.batches
    request.state.limiter.check_spending(request.now)
    check_queue(batches.queued(request.now), len(requests), request.state.limiter.tier.batch_queue)
    batch = _batch(request, request.stamp.id("msgbatch"), requests)
    response = _described(request, batch, "batches.create")
    batches.add(batch)
    return response


def retrieve_batch(request: Request) -> Response:
    """Answer `GET /v1/messages/batches/{id}`."""
    return _described(request, _found(request), "batches.retrieve")


def list_batches(request: Request) -> Response:
    """Answer `GET /v1/messages/batches`, newest first."""
    for batch in (found := request.state.batches.newest_first()):
        _work(request.state, batch, request.now)
    infos = {batch.id: batch.info(request.now, base_url(request)) for batch in found}
    return json_answer(request, "batches.list", page(infos, request.query_within(infos)))


def cancel_batch(request: Request) -> Response:
    """Answer `POST /v1/messages/batches/{id}/cancel`; to cancel twice changes nothing."""
    batch = _found(request)
    with batch.lock:
        if batch.has_ended(request.now):
            raise invalid("", f"Batch {batch.id} cannot be canceled because it has already ended.")
        if batch.cancel_initiated_at is None:
            batch.cancel_initiated_at = request.now
    return _described(request, batch, "batches.cancel")


def delete_batch(request: Request) -> Response:
    """Answer `DELETE /v1/messages/batches/{id}`; one that is still processed must be canceled first."""
    batch = _found(request)
    if not batch.has_ended(request.now) and not request.takes_placeholders:
        raise invalid("", f"Batch {batch.id} cannot be deleted while it is processed: cancel it first.")
    data = {"id": batch.id, "type": "message_batch_deleted"}
    response = json_answer(request, "batches.delete", data)
    request.state.batches.remove(batch.id)
    return response


def retrieve_results(request: Request) -> Response:
    """Answer `GET /v1/messages/batches/{id}/results`: a line of JSON for each request, in no order."""
    batch = _found(request)
    info = batch.info(request.now, base_url(request))
    if info["archived_at"]:
        raise Refusal(404, f"The results of batch {batch.id} are no longer available.")
    if not info["results_url"]:
        raise Refusal(404, f"Batch {batch.id} has not ended: its results are not yet available.")
    step = request.take("batches.results")
    lines = [orjson.dumps({"custom_id": custom_id, "result": result}) for custom_id, result in batch.results()]
    headers = {"content-type": JSON_LINES}
    return step.sent(Response(200, headers, b"\n".join(lines) + b"\n"))


def _batch(request: Request, id: str, requests: list[dict[str, Any]]) -> Batch:
    return Batch(
        id=id,
        created_at=request.now,
        takes=timedelta(seconds=request.state.settings.batch_seconds),
        version=request.version,
        betas=request.betas,
        scope=request.scope,
        requests=requests,
    )


def _found(request: Request) -> Batch:
    batch = request.state.batches.find(request.match["id"])
    if batch is None and request.takes_placeholders:
        return _batch(request, request.match["id"], [])
    if batch is None:
        raise Refusal(404, f"There is no message batch with the id {request.match['id']}.")
    _work(request.state, batch, request.now)
    return batch


def _described(request: Request, batch: Batch, route: RouteName) -> Response:
    return json_answer(request, route, batch.info(request.now, base_url(request)))


def _work(state: State, batch: Batch, now: datetime) -> None:
    """Do the work of a batch whose time has come, once."""
    with batch.lock:
        if batch.outcomes is None and batch.is_due(now):
            batch.outcomes = [_outcome(state, batch, index) for index in range(len(batch.requests))]
            batch.requests = [{} for _ in batch.requests]  # they are not needed again


def _outcome(state: State, batch: Batch, index: int) -> Outcome:
    asked, due = batch.requests[index], batch.due(index)
    if due > batch.stops_at:
        return Outcome(asked["custom_id"], due, {})
    params = asked["params"]
    stamp = Stamp.of(next(state.ordinals), asked["custom_id"], orjson.dumps(params))
    wait, result = _result(state, batch, params, stamp, due)
    return Outcome(asked["custom_id"], due + timedelta(seconds=wait), result)


def _result(
    state: State, batch: Batch, params: dict[str, Any], stamp: Stamp, due: datetime
) -> tuple[float, dict[str, Any]]:
    """Return how much longer than planned a request took, and its result."""
    try:
        wait, message = _answered(state, batch, params, stamp, due)
    except Refusal as refusal:
        return refusal.delay, {"type": "errored", "error": error(refusal, stamp.id("req"))}
    except ConnectionLost as lost:  # of a script: within the service it is a failure like any other
        return lost.delay, {"type": "errored", "error": error(Refusal(500, FAILURE), stamp.id("req"))}
    return wait, {"type": "succeeded", "message": message}


def _answered(
    state: State, batch: Batch, params: dict[str, Any], stamp: Stamp, due: datetime
) -> tuple[float, dict[str, Any]]:
    """Return how much longer than planned the answer took, and the message. Raises what a step of the script has."""
    state.script.check_model(params, due)
    call, input_tokens = accept(
        state.files.resolved(params, due, takes_placeholders=state.settings.takes_placeholders),
        batch.version,
        batch.betas,
        in_batch=True,
        profile=state.settings.profile,
        now=due,
    )
    reading = state.cache.read(call, input_tokens, batch.scope, due)
    step = state.script.take(Sight(route="batches.item", body=params), due)
    message = step.said(call, answer(call, input_tokens, stamp, seed=state.settings.seed, now=due), stamp)
    message = replace(message, usage=replace(reading.billed(message.usage), service_tier="batch"))
    told = {"id": stamp.id("msg"), **message.wire()}
    sent = step.sent(Response(200, {}, orjson.dumps(told)))
    if sent.status != 200:  # a page of a proxy: no message came of it
        raise Refusal(500, FAILURE)
    state.cache.keep(reading, due, due)
    state.limiter.pay(told, due)
    return sent.delay, told
