"""Fallbacks on the server: which models may stand in, and that each could take the request as changed for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion.emulator import models
from clarion.emulator.rules import request, thinking
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_fallbacks"]

CHANGEABLE = ("max_tokens", "thinking", "output_config", "speed")
RULES = (thinking.check_max_tokens, thinking.check_thinking, thinking.check_effort, request.check_speed)


def check_fallbacks(call: Call) -> None:
    """Refuse fallbacks beside a credit, for a model that has none, to one not permitted, or that do not fit."""
    wanted = call.body.get("fallbacks")
    if not wanted:
        return
    if call.body.get("fallback_credit_token") is not None:
        raise invalid("fallback_credit_token", "cannot be combined with `fallbacks`")
    if wanted == "default":
        return
    permitted = call.model.fallbacks
    if permitted == ():
        raise invalid("fallbacks", "not supported for this model")
    for index, entry in enumerate(wanted):
        model = models.find(entry["model"])
        if model is None or model.lifecycle == "retired" or (permitted and model.id not in permitted):
            raise invalid(f"fallbacks.{index}.model", f"'{entry['model']}' is not a permitted fallback model")
        _check_entry(call, index, model, entry)


def _check_entry(call: Call, index: int, model: models.Model, entry: dict[str, Any]) -> None:
    """Refuse what the entry sets itself as if it were asked of its model; what it leaves out adapts."""
    kept = {key: value for key, value in call.body.items() if key not in CHANGEABLE or key == "max_tokens"}
    own = {key: value for key, value in entry.items() if value is not None}
    for rule in RULES:
        try:
            rule(replace(call, model=model, body=kept | own))
        except Refusal as refusal:
            raise invalid(f"fallbacks.{index}", refusal.message) from None
