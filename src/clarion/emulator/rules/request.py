"""Rules of the small fields: geography, speed, metadata, stop sequences, and who is billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = [
    "check_billing",
    "check_geography",
    "check_metadata",
    "check_speed",
    "check_stop_sequences",
    "check_thread",
]

FAST_BETA = "fast-mode-2026-02-01"
GEOGRAPHIES = ("us", "global")
MAX_USER_ID = 256  # characters


def check_thread(call: Call) -> None:
    """Refuse threads: the emulator keeps no conversations."""
    if call.body.get("thread") is not None:
        reason = "Message threads are not emulated; send the whole conversation."
        raise invalid("thread", reason, error_code="thread_unsupported_request")


def check_geography(call: Call) -> None:
    """Refuse an `inference_geo` there is none of, and any on models that run where they run."""
    wanted = call.body.get("inference_geo")
    if wanted is None:
        return
    if not call.model.geo:
        raise invalid("inference_geo", "not supported for this model")
    if wanted not in GEOGRAPHIES:
        raise invalid("inference_geo", "Input should be 'us' or 'global'")


def check_speed(call: Call) -> None:
    """Refuse a speed where the model has none to choose, has it no longer, or takes it under a beta only."""
    speed = call.body.get("speed")
    if speed is not None and call.model.fast == "beta" and FAST_BETA not in call.betas:
        raise invalid("speed", "Extra inputs are not permitted")
    if speed == "fast" and (call.model.fast == "no" or call.today >= call.model.fast_until):
        raise invalid("speed", "'fast' is not supported for this model")


def check_metadata(call: Call) -> None:
    """Refuse a user id that is too long."""
    user_id = (call.body.get("metadata") or {}).get("user_id") or ""
    if len(user_id) > MAX_USER_ID:
        raise invalid("metadata.user_id", f"String should have at most {MAX_USER_ID} characters")


def check_stop_sequences(call: Call) -> None:
    """Refuse stop sequences that are blank."""
    for sequence in call.body.get("stop_sequences") or ():
        if not sequence.strip():
            raise invalid("stop_sequences", "each stop sequence must contain non-whitespace")


def check_billing(call: Call) -> None:
    """Refuse to bill the customer behind a user profile when no profile is named."""
    if (call.body.get("billing_policy") or {}).get("bill_to") == "user_profile" and not call.user_profile:
        raise invalid(
            "billing_policy",
            "bill_to 'user_profile' requires the anthropic-user-profile-id header",
            error_code="user_profile_required",
        )
