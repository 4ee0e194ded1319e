"""The Rate Limits API: the limits of the organisation, as a client may read them before it asks for anything.

Source: the types of the Rate Limits API in the official SDK, November 2026. Any key is taken for an administrator's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator import models
from clarion.emulator.endpoints.paging import MAX_SIZE, cursor_page
from clarion.emulator.limits import tiers
from clarion.emulator.wire import JSON, Refusal, Response, invalid

if TYPE_CHECKING:
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.limits import Limiter

__all__ = ["list_rate_limits"]

GROUP_TYPES = ("batch", "files", "model_group", "skills", "token_count", "web_search")
OF_MODELS = ("requests_per_minute", "input_tokens_per_minute_cache_aware", "output_tokens_per_minute")


def list_rate_limits(request: Request) -> Response:
    """Answer `GET /v1/organizations/rate_limits`: all groups, or those of a type or of a model."""
    kind, model = (request.query.get(name, [None])[-1] for name in ("group_type", "model"))
    if kind is not None and kind not in GROUP_TYPES:
        raise invalid("group_type", f"Input should be one of {', '.join(GROUP_TYPES)}, not '{kind}'")
    entries = [entry for entry in _entries(request.state.limiter) if kind in {None, entry["group"]["type"]}]
    if model is not None:
        entries = [entry for entry in entries if model in (entry["models"] or ())]
        if not entries:
            raise Refusal(404, f"model: {model}")
    found, next_page = cursor_page([entry["id"] for entry in entries], request.query, MAX_SIZE)
    data = {"data": [entry for entry in entries if entry["id"] in found], "next_page": next_page}
    return Response(200, {"content-type": JSON}, orjson.dumps(data))


def _entries(limiter: Limiter) -> list[dict[str, Any]]:
    tier = limiter.tier
    rows = [_entry("model_group", key, dict(zip(OF_MODELS, limiter.numbers(key), strict=True))) for key in tier.groups]
    batch = {"requests_per_minute": tier.batches, "enqueued_batch_requests": tier.batch_queue}
    return [
        *rows,
        _entry("batch", "batch", batch),
        _entry("token_count", "token_count", {"requests_per_minute": tier.count_tokens}),
        _entry("files", "files", {"requests_per_minute": tier.files}),
    ]


def _entry(kind: str, key: str, limits: dict[str, int]) -> dict[str, Any]:
    group = tiers.groups().get(key)
    names = None if group is None else [name for id in group.models for name in _names(id)]
    about = {} if group is None else {"display_name": group.name}
    return {
        "type": "rate_limit",
        "id": _id("rl", key),
        "group": {"type": kind, "id": _id("rlg", key), **about},
        "models": names,
        "limits": [{"type": name, "value": value} for name, value in limits.items()],
    }


def _names(id: str) -> tuple[str, ...]:
    model = models.find(id)
    return (id, *model.aliases) if model else (id,)


def _id(prefix: str, key: str) -> str:
    return f"{prefix}_01{hashlib.blake2b(key.encode(), digest_size=11, person=prefix.encode()).hexdigest()}"
