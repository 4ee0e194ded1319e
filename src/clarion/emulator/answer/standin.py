"""A model that stands in on the server after a refusal (`fallbacks`).

The models of the list are asked in turn; the answer is that of the first that does not refuse. It names that model,
has a `fallback` block where it takes over, and tells in `usage.iterations` what each attempt used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion.emulator import models
from clarion.emulator.answer.reply import answer
from clarion.emulator.message import Given
from clarion.emulator.tokens import count_prompt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from clarion.emulator.call import Call
    from clarion.emulator.message import Message
    from clarion.emulator.wire import Stamp

__all__ = ["stood_in"]

CHANGED = ("max_tokens", "thinking", "output_config", "speed")  # what an entry of the list may say anew


def stood_in(call: Call, refused: Message, stamp: Stamp, *, seed: int, now: datetime) -> Message:
    """Return what a fallback answers in place of a refusal; the refusal itself if there is none, or all refuse."""
    content, attempts = [*refused.content], [*_iterations("message", refused)]
    declined, details = str(call.body["model"]), refused.stop_details
    for asked in _asked_instead(call):
        made = answer(asked, count_prompt(asked), stamp, seed=seed, now=now)
        content += [_hand_over(declined, made.model, details), *made.content]
        if made.stop_reason != "refusal":
            usage = replace(made.usage, iterations=(*attempts, *_iterations("fallback_message", made)))
            return replace(made, content=tuple(content), usage=usage)
        attempts += _iterations("message", made)
        declined, details = made.model, made.stop_details
    return replace(refused, usage=replace(refused.usage, iterations=tuple(attempts))) if attempts[1:] else refused


def _asked_instead(call: Call) -> Iterator[Call]:
    """Yield the call as each fallback is asked it: what an entry leaves out of what may change adapts to its model."""
    wanted = call.body["fallbacks"]
    entries = [{"model": id} for id in call.model.fallbacks or ()] if wanted == "default" else wanted
    kept = {key: value for key, value in call.body.items() if key not in CHANGED}
    if written := (call.body.get("output_config") or {}).get("format"):
        kept["output_config"] = {"format": written}
    for entry in entries:
        model = models.find(entry["model"]) or call.model  # a placeholder stands for the model that was asked
        own = {key: value for key, value in entry.items() if value is not None}
        most = min(own.get("max_tokens", call.body["max_tokens"]), model.max_output)
        yield replace(call, model=model, body=kept | own | {"max_tokens": most})


def _hand_over(declined: str, serves: str, details: dict[str, Any] | None) -> Given:
    trigger = {"type": "refusal", "category": (details or {}).get("category")}
    return Given({"type": "fallback", "from": {"model": declined}, "to": {"model": serves}, "trigger": trigger})


def _iterations(kind: str, message: Message) -> list[dict[str, Any]]:
    return [part | {"model": message.model} for part in message.usage.parts(kind)]
