"""The Models API: every model, what it can do, and where it stands in its life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator import models
from clarion.emulator.endpoints.paging import page
from clarion.emulator.endpoints.request import json_answer
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.wire import Response

__all__ = ["list_models", "retrieve_model"]

LIFECYCLES = ("active", "deprecated", "retired")


def list_models(request: Request) -> Response:
    """Answer `GET /v1/models`, a page at a time; retired models only when asked for."""
    wanted = request.query.get("lifecycle", []) + request.query.get("lifecycle[]", [])
    if unknown := [stage for stage in wanted if stage not in LIFECYCLES]:
        raise invalid("lifecycle", f"Input should be 'active', 'deprecated' or 'retired', not '{unknown[0]}'")
    stages = wanted or LIFECYCLES[:2]
    aged = (request.state.script.aged(model, request.now) for model in models.catalogue())
    found = [model for model in aged if model.lifecycle in stages]
    found.sort(key=lambda model: model.created, reverse=True)
    infos = {model.id: models.info(model) for model in found}
    return json_answer(request, "models", page(infos, request.query_within(infos)))


def retrieve_model(request: Request) -> Response:
    """Answer `GET /v1/models/{id}`; an alias gives the model it stands for."""
    name = request.match["id"]
    model = models.find(name)
    if model is None and not request.takes_placeholders:
        raise Refusal(404, f"model: {name}")
    aged = request.state.script.aged(model or models.catalogue()[0], request.now)
    return json_answer(request, "models", models.info(aged))
