"""What a batch may hold. Its requests are looked at one by one when their turn comes, not here."""

from __future__ import annotations

import re
from typing import Any

from clarion.emulator.rules.shape import Misfit, array, mapping, record, text
from clarion.emulator.wire import Refusal, invalid

__all__ = ["MAX_REQUESTS", "check_batch", "check_params", "check_queue"]

MAX_REQUESTS = 100_000
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
BODY = record({"requests": array(record({"custom_id": text, "params": mapping}), MAX_REQUESTS)})
UNSUPPORTED = ("speed", "fallbacks", "thread", "diagnostics", "fallback_credit_token")


def check_batch(body: Any) -> None:
    """Refuse a batch that is empty or too large, and custom ids that are malformed or not unique."""
    try:
        BODY(body, frozenset())
    except Misfit as misfit:
        raise invalid("", str(misfit)) from None
    requests = body["requests"]
    if not requests:
        raise invalid("requests", "List should have at least 1 item after validation, not 0")
    seen: set[str] = set()
    for index, request in enumerate(requests):
        custom_id = request["custom_id"]
        if not CUSTOM_ID.fullmatch(custom_id):
            raise invalid(f"requests.{index}.custom_id", f"String should match pattern '^{CUSTOM_ID.pattern}$'")
        if custom_id in seen:
            raise invalid(f"requests.{index}.custom_id", f"custom_id must be unique in the batch: '{custom_id}'")
        seen.add(custom_id)


def check_queue(queued: int, more: int, most: int) -> None:
    """Refuse a batch that does not fit into the queue of requests that wait to be processed."""
    if queued + more > most:
        raise Refusal(
            429, f"This batch would exceed your organization's limit of {most:,} batch requests in the queue."
        )


def check_params(params: dict[str, Any]) -> None:
    """Refuse what only makes sense for a request of its own."""
    if params.get("stream"):
        raise invalid("stream", "Streaming is not supported for requests in a batch")
    if params.get("max_tokens") == 0:
        raise invalid("max_tokens", "0 is not permitted in a batch")
    for name in UNSUPPORTED:
        if params.get(name) is not None:
            raise invalid(name, "not supported for requests in a batch")
    policy = params.get("billing_policy")
    if isinstance(policy, dict) and policy.get("bill_to") == "user_profile":
        raise invalid("billing_policy", "bill_to 'user_profile' is not supported for requests in a batch")
