"""What spans tell, by the names of OpenTelemetry's conventions for generative AI. Pure.

What these have no name for begins with `clarion.`; nothing that may be a credential is in a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._telemetry.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from opentelemetry.util.types import AttributeValue

    from clarion._telemetry.record import Ended
    from clarion._usage import Usage

    Attributes = dict[str, AttributeValue]

SENT = {  # fields of a request -> attributes
    "max_tokens": "gen_ai.request.max_tokens",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
}


def of_request(body: Mapping[str, Any]) -> Attributes:
    """Return what is told of a request."""
    asked: Attributes = {"gen_ai.request.model": str(body["model"])}
    asked |= {name: body[field] for field, name in SENT.items() if isinstance(body.get(field), int | float)}
    output = body.get("output_config") or {}
    if output.get("effort"):
        asked["gen_ai.request.reasoning.level"] = str(output["effort"])
    if output.get("format"):
        asked["gen_ai.output.type"] = "json"
    return asked


def of_outcome(ended: Ended) -> Attributes:
    """Return what is told of how an attempt went."""
    record = ended.record
    came: dict[str, AttributeValue | None] = {
        "http.response.status_code": record.status,
        "anthropic.request.id": record.request_id,
        "gen_ai.response.time_to_first_chunk": record.first_token,
        "clarion.abandoned": True if ended.came is None else None,
    }
    if ended.reply is not None:
        came |= {
            "gen_ai.response.id": ended.reply.message.get("id"),
            "gen_ai.response.model": record.model,
            "gen_ai.response.finish_reasons": [record.stop_reason] if record.stop_reason else None,
            "clarion.emulated": True if record.emulated else None,
            **of_usage(record.usage, None if record.cost is None else record.cost.total),
        }
    return known(came)


def of_usage(usage: Usage, cost: Decimal | None) -> Attributes:
    """Return usage as the conventions have it: input is all that was read, cached or not. `cost` is in US dollars."""
    used: Attributes = {
        "gen_ai.usage.input_tokens": usage.total_input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_input_tokens,
        "gen_ai.usage.cache_write.input_tokens": usage.cache_creation_input_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.thinking_tokens,
    }
    return used if cost is None else {**used, "clarion.cost.usd": float(cost)}


def of_tags(tags: Mapping[str, str]) -> Attributes:
    """Return what is told of a caller's tags."""
    return {redacted(f"clarion.tag.{name}"): redacted(str(value)) for name, value in tags.items()}


def known(values: Mapping[str, AttributeValue | None]) -> Attributes:
    """Return the values that are known."""
    found = {name: value for name, value in values.items() if value is not None}
    return {name: redacted(value) if isinstance(value, str) else value for name, value in found.items()}
