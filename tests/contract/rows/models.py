"""What each model takes: transcribed from the published tables, apart from the emulator's own catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.row import NEW, OLD, Row, about, assistant, like, ok, refused, tool, user
from contract.rows.media import EXACT, image

ALL = ("low", "medium", "high", "xhigh", "max")
NO_XHIGH = ("low", "medium", "high", "max")
USE_ADAPTIVE = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
USE_ENABLED = (
    'Thinking defaults to adaptive mode when not specified; use "thinking.type.enabled" with "budget_tokens" for '
    "extended thinking."
)
NOT_PREFILLED = "This model does not support assistant message prefill. The conversation must end with a user message."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A line of the table. `habit` is what happens when `thinking` is left out: always, on or off."""

    id: str
    thinking: tuple[str, ...]
    habit: str = "always"
    shown: str = "omitted"
    efforts: tuple[str, ...] = ALL
    is_sampled: bool = False
    is_prefilled: bool = False
    is_forced: bool = False
    max_tokens: int = 128_000
    window: int = 1_000_000
    instead: str = USE_ADAPTIVE  # what the refusal of thinking `disabled` recommends
    is_calm: bool = True  # turns thinking down only up to effort high
    has_system_turns: bool = True
    sees_more: bool = True  # images of the high tier: up to 2576 px, not 1568
    geo: bool = True


MODELS = (
    Facts(id="claude-fable-5-2", thinking=("adaptive",)),
    Facts(id="claude-mythos-5-2", thinking=("adaptive",)),
    Facts(id="claude-fable-5-1", thinking=("adaptive",)),
    Facts(id="claude-mythos-5-1", thinking=("adaptive",)),
    Facts(id="claude-opus-5-5", thinking=("adaptive",)),
    Facts(id="claude-sonnet-5-5", thinking=("adaptive", "between_tools"), habit="on", instead="between_tools"),
    Facts(id="claude-haiku-5-5", thinking=("adaptive", "disabled"), habit="on", is_forced=True),
    Facts(id="claude-opus-5", thinking=("adaptive", "disabled"), habit="on", is_forced=True),
    Facts(id="claude-sonnet-5", thinking=("adaptive", "disabled"), habit="on", is_forced=True, is_calm=False,
          has_system_turns=False),
    Facts(id="claude-fable-5", thinking=("adaptive",), is_forced=True, instead=USE_ENABLED),
    Facts(id="claude-mythos-5", thinking=("adaptive",), is_forced=True, instead=USE_ENABLED),
    Facts(id="claude-opus-4-8", thinking=("adaptive", "disabled"), habit="off", is_forced=True, is_calm=False),
    Facts(id="claude-opus-4-7", thinking=("adaptive", "disabled"), habit="off", is_forced=True, is_calm=False,
          has_system_turns=False),
    Facts(id="claude-mythos-preview", thinking=("adaptive", "enabled"), efforts=NO_XHIGH, instead=USE_ENABLED,
          has_system_turns=False),
    Facts(id="claude-opus-4-6", thinking=("adaptive", "enabled", "disabled"), habit="off",
          shown="summarized", sees_more=False,
          efforts=NO_XHIGH, is_sampled=True, is_forced=True, is_calm=False, has_system_turns=False),
    Facts(id="claude-sonnet-4-6", thinking=("adaptive", "enabled", "disabled"), habit="off",
          shown="summarized", sees_more=False,
          efforts=NO_XHIGH, is_sampled=True, is_forced=True, is_calm=False, has_system_turns=False),
    Facts(id="claude-opus-4-5", thinking=("enabled", "disabled"), habit="off",
          shown="summarized", sees_more=False,
          efforts=("low", "medium", "high"), is_sampled=True, is_prefilled=True, is_forced=True, max_tokens=64_000,
          window=200_000, is_calm=False, has_system_turns=False, geo=False),
    Facts(id="claude-sonnet-4-5", thinking=("enabled", "disabled"), habit="off",
          shown="summarized", sees_more=False, efforts=(),
          is_sampled=True, is_prefilled=True, is_forced=True, max_tokens=64_000, window=200_000, is_calm=False,
          has_system_turns=False, geo=False),
    Facts(id="claude-haiku-4-5-20251001", thinking=("enabled", "disabled"), habit="off",
          shown="summarized", sees_more=False,
          efforts=(), is_sampled=True, is_prefilled=True, is_forced=True, max_tokens=64_000, window=200_000,
          is_calm=False, has_system_turns=False, geo=False),
)  # fmt: skip

RETIRED = (
    "claude-opus-4-1-20250805", "claude-opus-4-1", "claude-opus-4-20250514", "claude-opus-4-0",
    "claude-4-opus-20250514", "claude-sonnet-4-20250514", "claude-sonnet-4-0", "claude-4-sonnet-20250514",
    "claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest", "claude-3-5-haiku-20241022",
    "claude-3-5-haiku-latest", "claude-3-haiku-20240307", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest",
    "claude-3-5-sonnet-20240620", "claude-3-opus-20240229", "claude-3-opus-latest", "claude-3-sonnet-20240229",
    "claude-2.1", "claude-2.0", "claude-1.0", "claude-1.1", "claude-1.2", "claude-1.3", "claude-instant-1.0",
    "claude-instant-1.1", "claude-instant-1.2",
)  # fmt: skip


def _thinking(kind: str) -> dict[str, Any]:
    config: dict[str, Any] = {"type": kind}
    return {"thinking": config | {"budget_tokens": 1024} if kind == "enabled" else config, "max_tokens": 2000}


def _refusal_of(model: Facts, kind: str) -> Any:
    if kind == "adaptive":
        return "adaptive thinking is not supported on this model"
    reason = f'"thinking.type.{kind}" is not supported for this model.'
    if kind == "enabled":
        return f"{reason} {USE_ADAPTIVE}"
    if kind == "disabled" and model.instead != "between_tools":
        return f"{reason} {model.instead}"
    return like(reason, "between_tools" if kind == "disabled" else "")


def _rows(model: Facts) -> Iterator[Row]:
    short = model.id.removeprefix("claude-")
    one: dict[str, Any] = {"model": model.id}
    yield ok(f"{short} answers up to its limit", **one, max_tokens=model.max_tokens)
    yield refused(
        f"{short} not beyond its limit",
        f"max_tokens: {model.max_tokens + 1} > {model.max_tokens}, which is the maximum allowed number of output "
        f"tokens for {model.id}",
        **one,
        max_tokens=model.max_tokens + 1,
    )
    for kind in ("adaptive", "enabled", "disabled", "between_tools"):
        if kind in model.thinking:
            yield ok(f"{short} thinks {kind}", **one, **_thinking(kind))
        else:
            yield refused(f"{short} does not think {kind}", _refusal_of(model, kind), **one, **_thinking(kind))
    for effort in ALL:
        fields = one | {"output_config": {"effort": effort}}
        if effort in model.efforts:
            yield ok(f"{short} works at {effort}", **fields)
        elif model.efforts:
            yield refused(f"{short} does not work at {effort}", like("output_config.effort", effort), **fields)
        else:
            yield refused(f"{short} knows no effort, {effort}", like("This model does not support"), **fields)
    turned_down = [kind for kind in ("disabled", "between_tools") if kind in model.thinking]
    for kind in turned_down:
        fields = one | _thinking(kind)
        for effort in ("high", "xhigh", "max"):
            if effort not in model.efforts:
                continue
            if model.is_calm and effort != "high":
                yield refused(f"{short} thinks at {effort}, not {kind}", like(f'"thinking.type.{kind}"', effort),
                              **fields, output_config={"effort": effort})  # fmt: skip
            else:
                yield ok(f"{short} thinks {kind} at {effort}", **fields, output_config={"effort": effort})
    sampling: dict[str, Any] = {"temperature": 0.2, "top_p": 0.5, "top_k": 5}
    for field, value in sampling.items():
        gone = f"{field}: Extra inputs are not permitted"
        yield refused(f"{short} takes no {field}", gone, **one, **{field: value}, version=NEW)
        if model.is_sampled:
            yield ok(f"{short} took {field}", **one, **{field: value}, version=OLD)
        else:
            yield refused(f"{short} took no {field}", gone, **one, **{field: value}, version=OLD)
    yield ok(f"{short} took the default temperature", **one, temperature=1, version=OLD)
    prefilled = one | {"messages": [user("Hi"), assistant("{")]}
    if model.is_prefilled:
        yield ok(f"{short} takes a prefill", **prefilled)
    else:
        yield refused(f"{short} takes no prefill", NOT_PREFILLED, **prefilled)
    for choice in ({"type": "any"}, {"type": "tool", "name": "get_weather"}):
        fields = one | {"tools": [tool()], "tool_choice": choice}
        if model.is_forced:
            yield ok(f"{short} is forced by {choice['type']}", **fields)
        else:
            yield refused(f"{short} is not forced by {choice['type']}", like("tool_choice", choice["type"]), **fields)
    yield ok(f"{short} chooses tools", **one, tools=[tool()], tool_choice={"type": "auto"})
    yield ok(f"{short} gives structure", **one, output_config={"format": {"type": "json_schema", "schema": {
        "type": "object", "properties": {}, "additionalProperties": False}}})  # fmt: skip
    turns = one | {"messages": [user("Hi"), {"role": "system", "content": "Be brief"}]}
    if model.has_system_turns:
        yield ok(f"{short} takes system turns", **turns)
    else:
        yield refused(f"{short} takes no system turns", like("messages", "system"), **turns)
    wide = one | {"messages": [user(image(1600, 100, **EXACT))]}
    if model.sees_more:
        yield ok(f"{short} sees 1600 pixels", **wide)
    else:
        yield refused(f"{short} does not see 1600 pixels", like("messages.0.content.0", "1600x100"), **wide)
    if model.geo:
        yield ok(f"{short} runs in the US", **one, inference_geo="us")
    else:
        yield refused(f"{short} runs where it runs", like("inference_geo"), **one, inference_geo="us")


ROWS = (
    *about("models", *(row for model in MODELS for row in _rows(model))),
    *about(
        "retired models",
        *(refused(f"{name} is retired", f"model: {name}", status=404, model=name) for name in RETIRED),
        refused("an unknown model", "model: claude-9", status=404, model="claude-9"),
        refused("an empty model", "model: ", status=404, model=""),
        refused("counting for a retired model", "model: claude-2.1", status=404, to="count_tokens", model="claude-2.1"),
        ok("a deprecated model answers", model="claude-sonnet-4-5-20250929"),
        ok("a deprecated model past its day answers", model="claude-mythos-preview"),
    ),
)
