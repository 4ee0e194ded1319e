"""What a model lets a request say about thinking, effort, sampling and the length of the answer."""

from __future__ import annotations

from typing import Any

from clarion.emulator.call import VERSION, Call
from clarion.emulator.wire import invalid

__all__ = ["check_effort", "check_max_tokens", "check_sampling", "check_thinking"]

SAMPLING = ("temperature", "top_p", "top_k")
CALM = ("low", "medium", "high")  # effort levels at which everything a model takes may be asked for
INTERLEAVED = "interleaved-thinking-2025-05-14"
LONG_OUTPUT = "output-300k-2026-03-24"


def check_max_tokens(call: Call) -> None:
    """Refuse more output than the model gives, and a pre-warm (0) together with what makes no sense there."""
    asked = call.body.get("max_tokens")
    if asked is None:
        return
    most = call.model.max_output
    if call.is_batched and LONG_OUTPUT in call.betas:
        most = call.model.batch_output or most
    if asked > most:
        raise invalid(
            "max_tokens",
            f"{asked} > {most}, which is the maximum allowed number of output tokens for {call.body['model']}",
        )
    if asked:
        return
    refused = {
        "stream": call.body.get("stream"),
        "thinking.enabled": call.thinking == "enabled",
        "output_config.format": call.schema is not None,
        "a forced `tool_choice`": call.is_forced,
    }
    for what, present in refused.items():
        if present:
            raise invalid("max_tokens", f"0 is not permitted together with {what}")


def check_sampling(call: Call) -> None:
    """Refuse sampling fields: all in the new version; in the old one what model or thinking forbids."""
    for name in SAMPLING:
        if name in call.body and not _may_sample(call, name, call.body[name]):
            raise invalid(name, "Extra inputs are not permitted")
    for name, most in (("temperature", 1), ("top_p", 1)):
        if not 0 <= call.body.get(name, 0) <= most:
            raise invalid(name, f"Input should be between 0 and {most}")
    if call.model.sampling and call.thinks:
        _check_thinking_sampling(call.body)


def _may_sample(call: Call, name: str, value: float) -> bool:
    if call.version == VERSION:
        return False
    if call.model.sampling:
        return True
    return {"temperature": value == 1 and "top_p" not in call.body, "top_p": value >= 0.99, "top_k": False}[name]


def _check_thinking_sampling(body: dict[str, Any]) -> None:
    if body.get("temperature", 1) != 1:
        raise invalid("", "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
    if "top_k" in body:
        raise invalid("", "`top_k` must be unset when thinking is enabled or in adaptive mode.")
    if body.get("top_p", 1) < 0.95:
        raise invalid(
            "",
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode.",
        )


def check_thinking(call: Call) -> None:
    """Refuse a thinking type the model does not take, and a budget that does not fit."""
    thinking = call.body.get("thinking")
    if not thinking:
        return
    kind = thinking["type"]
    if kind not in call.model.thinking:
        raise invalid("", _no_such_thinking(call, kind))
    budget = thinking.get("budget_tokens", 0)
    may_exceed = call.model.interleaved and INTERLEAVED in call.betas
    if "max_tokens" in call.body and budget >= call.body["max_tokens"] and not may_exceed:
        raise invalid(
            "",
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at "
            "https://docs.claude.com/en/docs/build-with-claude/extended-thinking",
        )


def _no_such_thinking(call: Call, kind: str) -> str:
    if kind == "adaptive":
        return "adaptive thinking is not supported on this model"
    advice = {
        "disabled": call.model.disabled_advice,
        "enabled": 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    }
    text = f'"thinking.type.{kind}" is not supported for this model.'
    return f"{text} {advice[kind]}" if kind in advice else text


def check_effort(call: Call) -> None:
    """Refuse an effort the model does not offer, one too high for the thinking asked for, and changes of it."""
    _check_level(call, "output_config.effort", (call.body.get("output_config") or {}).get("effort"))
    for index, message in enumerate(call.messages):
        effort = (message.get("output_config") or {}).get("effort")
        if effort and call.thinking == "between_tools":
            path = f"messages.{index}.output_config.effort"
            raise invalid(path, 'effort cannot change within a conversation with "thinking.type.between_tools"')
        _check_level(call, f"messages.{index}.output_config.effort", effort)


def _check_level(call: Call, path: str, effort: str | None) -> None:
    if effort is None:
        return
    if not call.model.efforts:
        raise invalid("", "This model does not support the effort parameter.")
    if effort not in call.model.efforts:
        offered = ", ".join(call.model.efforts)
        raise invalid(path, f"'{effort}' is not supported for this model. Supported levels: {offered}")
    if call.thinking in call.model.calm_only and effort not in CALM:
        raise invalid(
            "", f'"thinking.type.{call.thinking}" is not supported for this model with effort "{effort}". '
            'Use effort "high" or lower, or "thinking.type.adaptive".'
        )  # fmt: skip
