"""Which strings of data are names of models that a program will ask for.

Not those of a record of what was answered, such as a recorded response or a line of a log, nor of a register of models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._model_names import named
from clarion.check.models import judged
from clarion.check.values import Items, Table, Text
from clarion.check.wording import holds_model, speaks_of_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.values import Value

# Keys of what the API answers, of what is written down of it, and of registers of models.
RECORD = frozenset(
    (
        *("usage", "stop_reason", "stopReason", "input_tokens", "output_tokens", "inputTokens", "outputTokens"),
        *("prompt_tokens", "completion_tokens", "request_id", "requestId", "timestamp", "created_at", "createdAt"),
        *("lifecycle", "released", "retires_on", "retired_on", "retires_at", "deprecation_date", "context_window"),
        *(
            "context_length",
            "max_input_tokens",
            "input_cost_per_token",
            "latency",
            "latency_ms",
            "cost",
            "completion",
            "response",
            "answer",
            "score",
            "accuracy",
        ),
    )
)


def retiring_models(value: Value, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield a finding for every name of a retired model, or one that soon will be, that data asks for."""
    for name in _asked_for(value, False):
        if "claude-" in name.text and (found := named(name.text, facts.catalog)):
            finding = judged(found, facts, text, name.start, name.end)
            if finding is not None:
                yield finding


def _asked_for(value: Value, is_held: bool) -> Iterator[Text]:
    """Yield the strings that stand under a key by which a model is held."""
    match value:
        case Text() if is_held:
            yield value
        case Items(items=items):
            for item in items:
                yield from _asked_for(item, is_held)
        case Table(entries=entries) if RECORD.isdisjoint(value.by_key):
            for entry in entries:
                yield from _asked_for(entry.value, _holds(entry.key, is_held))


def _holds(key: str, is_held: bool) -> bool:
    if "claude-" in key:  # a name, not a place of one
        return False
    return holds_model(key) if speaks_of_models(key) else is_held
