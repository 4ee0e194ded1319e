"""All rules, and the order in which they are applied.

Unknown and missing fields come first, then the model, then what the model takes, then the conversation, then the
media, whose decoding is the costly part, and last the context window. Only the first offence is reported. The API's
own order is not documented; this one is the best known, and no client should lean on it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion.emulator import models, tokens
from clarion.emulator.call import Call
from clarion.emulator.rules import request, signatures, sources, thinking, tools, turns
from clarion.emulator.rules.body import check_body
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.models import Model

__all__ = ["accept"]

RULES: tuple[Callable[[Call], None], ...] = (
    thinking.check_max_tokens,
    thinking.check_sampling,
    turns.check_roles,
    turns.check_prefill,
    thinking.check_thinking,
    thinking.check_effort,
    signatures.check_binding,
    tools.check_tools,
    tools.check_choice,
    request.check_geography,
    request.check_speed,
    request.check_metadata,
    request.check_stop_sequences,
    request.check_marks,
    turns.check_version,
    turns.check_content,
    turns.check_pairs,
    thinking.check_format,
    sources.check_citations,
)


def accept(body: Any, version: str, betas: frozenset[str], *, counting: bool = False) -> tuple[Call, int]:
    """Return the call a body makes and its input tokens, or raise the `Refusal` the API would answer with."""
    check_body(body, betas, counting=counting)
    call = Call(model=_model(body["model"]), version=version, body=body, betas=betas)
    for rule in RULES:
        rule(call)
    call = replace(call, dropped=signatures.check_signatures(call), media=sources.read_media(call))
    sources.check_counts(call)
    size = tokens.count_prompt(call)
    if size > call.model.context and not counting:
        raise invalid("", f"prompt is too long: {size} tokens > {call.model.context} maximum")
    return call, size


def _model(name: str) -> Model:
    model = models.find(name)
    if model is None or model.lifecycle == "retired":
        raise Refusal(404, f"model: {name}")
    return model
