"""The models of the Messages API: what each takes, refuses and defaults to.

Everything that differs between models is a field here, filled from `models.toml`, so that no other module
looks at a model's name. A model is found by its id or by any alias; retired ones stay in the catalogue, as
they do in the API.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Literal

__all__ = ["Model", "catalogue", "find", "info"]

EFFORTS = ("low", "medium", "high", "xhigh", "max")
THINKING_TYPES = ("adaptive", "between_tools", "disabled", "enabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model; `models.toml` explains the fields. Windows and minima are tokens, dates are ISO days."""

    id: str
    display_name: str
    created: str
    lifecycle: Literal["active", "deprecated", "retired"]
    aliases: tuple[str, ...]
    line: str | None = None
    deprecated: str | None = None
    retires: str | None = None
    replacement: str | None = None
    context: int
    max_output: int
    thinking: tuple[str, ...]
    when_omitted: Literal["always", "on", "off"]
    display: Literal["omitted", "summarized"]
    binds_thinking: bool
    reads_thinking: tuple[str, ...]
    progress: Literal["thinking", "text"]
    efforts: tuple[str, ...]
    effort: str
    calm_only: tuple[str, ...]
    disabled_advice: str
    sampling: bool
    prefill: bool
    forced_tools: bool
    system_turns: bool
    structured_outputs: bool
    code_execution: bool
    compaction: bool
    keep_thinking: bool
    geo: bool
    fast: Literal["yes", "beta", "ignored", "no"]
    fast_until: str
    fallbacks: tuple[str, ...] | None = None
    interleaved: bool
    batch_output: int | None = None
    computer_tools: bool
    image_tier: Literal["high", "standard"]
    min_cacheable: int
    tokenizer: Literal["new", "old"]
    frame: int
    tool_tokens: tuple[int, int]


@cache
def catalogue() -> tuple[Model, ...]:
    """Every model, in the order of the file: newest first within its group, retired ones last."""
    text = resources.files("clarion.emulator").joinpath("models.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return tuple(_model(data["default"] | table) for table in data["model"])


def find(name: str) -> Model | None:
    """Return the model with this id or alias, retired or not; None when there is none."""
    return _index().get(name)


def info(model: Model) -> dict[str, Any]:
    """Return the model as the Models API describes it; what a retired model could do is null."""
    retired = model.lifecycle == "retired"
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.display_name,
        "created_at": _midnight(model.created),
        "lifecycle": model.lifecycle,
        "line": model.line,
        "deprecated_at": _midnight(model.deprecated),
        "retires_at": _midnight(model.retires),
        "max_input_tokens": None if retired else model.context,
        "max_tokens": None if retired else model.max_output,
        "capabilities": None if retired else _capabilities(model),
    }


def _capabilities(model: Model) -> dict[str, Any]:
    yes = {"supported": True}
    efforts = {level: {"supported": level in model.efforts} for level in EFFORTS}
    thinking = {kind: {"supported": kind in model.thinking} for kind in THINKING_TYPES}
    return {
        "batch": yes,
        "citations": yes,
        "code_execution": {"supported": model.code_execution},
        "context_management": {
            "supported": True,
            "clear_thinking_20251015": yes,
            "clear_tool_uses_20250919": yes,
            "compact_20260112": {"supported": model.compaction},
        },
        "effort": {"supported": bool(model.efforts), **efforts},
        "image_input": yes,
        "pdf_input": yes,
        "server_tools": {"supported": True, "web_search": yes, "code_execution": yes},
        "structured_outputs": {"supported": model.structured_outputs},
        "thinking": {"supported": True, "types": thinking},
    }


@cache
def _index() -> dict[str, Model]:
    return {name: model for model in catalogue() for name in (model.id, *model.aliases)}


def _model(table: dict[str, Any]) -> Model:
    known = {field.name for field in fields(Model)}
    if unknown := table.keys() - known:
        raise ValueError(f"models.toml: {table['id']} has unknown keys {sorted(unknown)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Model(**values)


def _midnight(day: str | None) -> str | None:
    return day and f"{day}T00:00:00Z"
