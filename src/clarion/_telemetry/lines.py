"""The log lines of attempts: one each, of the logger `clarion.attempts`, readable and with every field as an attribute.

    clarion.attempts INFO event=attempt model=claude-opus-5-5 attempt=1 outcome=ok status=200 duration=1.2 ... next=done

No prompt, no answer and no text of an error is in them; at DEBUG these follow in a line of their own, cut short. Keys
never are.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion._telemetry.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarion._telemetry.record import Ended

logging.getLogger("clarion").addHandler(logging.NullHandler())

log = logging.getLogger("clarion.attempts")

SHOWN = 500  # characters of a text that a line at DEBUG shows
WORD = re.compile(r"[^\s\"'=\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What happens after an attempt: `what` is done, tools, continue, retry, fallback, give_up or left.

    `wait` is in seconds; `model` is the one that is asked next, if it is another.
    """

    what: str
    wait: float | None = None
    model: str | None = None


def write(ended: Ended, then: Next, *, attempt: int, about: Mapping[str, object]) -> None:
    """Write the line of an attempt: at INFO for an answer, at WARNING for a failure."""
    level = logging.INFO if ended.failure is None else logging.WARNING
    if log.isEnabledFor(level):
        fields = {name: _clean(value) for name, value in {**_fields(ended, then, attempt), **about}.items()}
        log.log(level, "%s", _Line(fields), extra=fields)
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s", _Line(_texts(ended)))


def _fields(ended: Ended, then: Next, attempt: int) -> dict[str, object]:
    """Return the fields of a line, in order; None for what is not known."""
    record = ended.record
    usage = record.usage
    return {
        "event": "attempt",
        "model": record.model,
        "asked": None if record.asked == record.model else record.asked,
        "attempt": attempt,
        "outcome": _outcome(ended),
        "status": record.status,
        "error": record.error,
        "stop_reason": record.stop_reason,
        "duration": round(record.latency, 3),
        "time_to_first_token": None if record.first_token is None else round(record.first_token, 3),
        "input_tokens": usage.input_tokens,
        "cache_write_tokens": usage.cache_creation_input_tokens,
        "cache_read_tokens": usage.cache_read_input_tokens,
        "output_tokens": usage.output_tokens,
        "cost": None if record.cost is None else float(record.cost.total),
        "request_id": record.request_id,
        "tags": dict(record.tags),
        "emulated": record.emulated or None,
        "next": then.what,
        "wait": None if then.wait is None else round(then.wait, 3),
        "next_model": then.model,
    }


def _outcome(ended: Ended) -> str:
    if ended.came is None:
        return "left"
    if ended.failure is None:
        return "ok"
    return "barred" if ended.failure.kind in ("circuit", "ledger") else "failed"


def _texts(ended: Ended) -> dict[str, object]:
    """Return what was said: the last message, the answer, the text of an error; cut short."""
    body = ended.call.send.body
    message = ended.reply.message if ended.reply else {}
    return {
        "event": "texts",
        "model": body["model"],
        "prompt": _short(_said(body["messages"][-1]["content"])) if body.get("messages") else None,
        "answer": _short(_said(message.get("content") or "")),
        "error_text": _short(ended.failure.message) if ended.failure else None,
    }


def _said(content: Any) -> str:
    """Return the words of a content; of blocks without any, what they are."""
    match content:
        case str():
            return content
        case list() | tuple():
            return "\n".join(map(_said, content))
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "tool_use", "name": name, "input": given}:
            return f"[tool_use {name} {json.dumps(given, ensure_ascii=False, default=repr)}]"
        case {"type": "tool_result", "content": inner}:
            return f"[tool_result {_said(inner)}]"
        case {"type": kind}:
            return f"[{kind}]"
    return repr(content)


def _short(text: str) -> str:
    text = redacted(text)  # first, so that no half of a key is left
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)"


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return {redacted(str(name)): redacted(str(each)) for name, each in value.items()}
    return redacted(value) if isinstance(value, str) else value


class _Line:
    """Fields as `key=value`, written out when a handler wants it."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def __str__(self) -> str:
        return " ".join(f"{_word(name)}={_word(value)}" for name, value in _flat(self._fields) if value is not None)


def _flat(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", each) for key, each in value.items())
        else:
            yield name, value


def _word(value: object) -> str:
    """Return a value on one line, in quotes where it would not be one word."""
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    if text.isprintable() and WORD.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
