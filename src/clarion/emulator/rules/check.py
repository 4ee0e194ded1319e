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
from clarion.emulator.compaction import shortened
from clarion.emulator.rules import (
    batch,
    changes,
    context,
    fallbacks,
    marks,
    pairs,
    request,
    servers,
    signatures,
    sources,
    structure,
    thinking,
    tools,
    turns,
    web,
)
from clarion.emulator.rules.body import EVERY_BETA, check_body
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from clarion.emulator.models import Model
    from clarion.emulator.state import Profile

__all__ = ["accept"]

EMPTY: dict[str, Any] = {"content": []}  # of a turn of the system that only changes the effort

RULES: tuple[Callable[[Call], None], ...] = (
    request.check_thread,
    thinking.check_max_tokens,
    thinking.check_sampling,
    turns.check_roles,
    turns.check_prefill,
    thinking.check_thinking,
    thinking.check_effort,
    tools.check_tools,
    tools.check_choice,
    tools.check_callers,
    web.check_domains,
    servers.check_servers,
    request.check_geography,
    request.check_speed,
    request.check_metadata,
    request.check_stop_sequences,
    request.check_billing,
    fallbacks.check_fallbacks,
    context.check_edits,
    context.check_compaction,
    context.check_summaries,
    marks.check_marks,
    turns.check_version,
    turns.check_content,
    changes.check_changes,
    pairs.check_pairs,
    pairs.check_server_pairs,
    structure.check_format,
    structure.check_strict_tools,
    sources.check_citations,
)


def accept(
    body: Any,
    version: str,
    betas: frozenset[str],
    *,
    counting: bool = False,
    in_batch: bool = False,
    profile: Profile = "strict",
    now: datetime | None = None,
    user_profile: str = "",
) -> tuple[Call, int]:
    """Return the call a body makes and its input tokens, or raise the `Refusal` the API would answer with.

    Args:
        body: The request, or the params of one item of a batch.
        version: The API version it is read under.
        betas: What `anthropic-beta` names.
        counting: Its tokens are to be counted, nothing is to be answered.
        in_batch: It is an item of a batch.
        profile: `contract` checks fields and their types alone, those of all betas, and takes any model and media.
        now: The time by the emulator's clock; without it nothing is over yet.
        user_profile: What `anthropic-user-profile-id` names.

    """
    is_strict = profile == "strict"
    check_body(body, betas if is_strict else EVERY_BETA, counting=counting)
    if in_batch:
        batch.check_params(body)
    call = Call(
        model=_model(body["model"], is_strict=is_strict),
        version=version,
        body=body
        | {"messages": [message if "content" in message else message | EMPTY for message in body["messages"]]},
        betas=betas,
        user_profile=user_profile,
        today=now.date().isoformat() if now else "",
        is_counted=counting,
        is_batched=in_batch,
    )
    call = shortened(_obeying(call) if is_strict else _placed(call))
    size = tokens.count_prompt(call)
    if size > call.model.context and is_strict and not counting:
        raise invalid("", f"prompt is too long: {size} tokens > {call.model.context} maximum")
    return call, size


def _obeying(call: Call) -> Call:
    """Return a call that obeys all rules, with what its media hold."""
    for rule in RULES:
        rule(call)
    call = replace(call, dropped=signatures.check_signatures(call), media=sources.read_media(call))
    sources.check_counts(call)
    return call


def _placed(call: Call) -> Call:
    """Return a call whose values may be placeholders; it has turns to answer, and its media are what could be read."""
    turns.check_roles(call)
    return replace(call, media=sources.readable_media(call))


def _model(name: str, *, is_strict: bool) -> Model:
    model = models.find(name)
    if not is_strict and (model is None or model.lifecycle == "retired"):
        return models.catalogue()[0]
    if model is None or model.lifecycle == "retired":
        raise Refusal(404, f"model: {name}")
    return model
