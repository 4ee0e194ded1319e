"""What was said, as the conventions for generative AI have it in spans. Only for those who have asked for it.

Messages become `{"role", "parts"}`, blocks become parts. Of images and documents the kind is told, not their bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clarion._telemetry.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 250_000  # characters of one attribute; what is longer is left out


def of_call(body: Mapping[str, Any], message: Mapping[str, Any] | None) -> dict[str, str | bool]:
    """Return the attributes that tell what was asked and answered."""
    told: dict[str, Any] = {"gen_ai.input.messages": [_message(each) for each in body.get("messages") or ()]}
    if system := body.get("system"):
        told["gen_ai.system_instructions"] = _parts(system)
    if tools := body.get("tools"):
        told["gen_ai.tool.definitions"] = [_definition(tool) for tool in tools]
    if message and message.get("content"):
        told["gen_ai.output.messages"] = [{**_message(message), "finish_reason": message.get("stop_reason")}]
    return _written(told)


def of_tool(arguments: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, str | bool]:
    """Return the attributes that tell what a tool took and gave."""
    return _written({"gen_ai.tool.call.arguments": arguments, "gen_ai.tool.call.result": _parts(block["content"])})


def _written(told: Mapping[str, Any]) -> dict[str, str | bool]:
    texts = {name: redacted(json.dumps(value, ensure_ascii=False, default=str)) for name, value in told.items()}
    kept: dict[str, str | bool] = {name: text for name, text in texts.items() if len(text) <= MOST}
    return kept if len(kept) == len(texts) else {**kept, "clarion.content.truncated": True}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": message.get("role"), "parts": _parts(message.get("content") or ())}


def _parts(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "content": content}] if isinstance(content, str) else [_part(block) for block in content]


def _part(block: Mapping[str, Any]) -> dict[str, Any]:
    match block:
        case {"type": "text", "text": text}:
            return {"type": "text", "content": text}
        case {"type": "thinking", "thinking": text}:
            return {"type": "reasoning", "content": text}
        case {"type": "tool_use", "id": id, "name": name, "input": given}:
            return {"type": "tool_call", "id": id, "name": name, "arguments": given}
        case {"type": "tool_result", "tool_use_id": id}:
            return {"type": "tool_call_response", "id": id, "result": _parts(block.get("content") or "")}
        case {"type": "image" | "document" as kind, "source": dict(source)}:
            told = {"type": "blob", "modality": kind, "mime_type": source.get("media_type")}
            return {name: value for name, value in told.items() if value is not None}
    return {"type": str(block.get("type"))}


def _definition(tool: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"name": tool.get("name"), "description": tool.get("description"), "parameters": tool.get("input_schema")}
    return {"type": tool.get("type") or "function"} | {name: value for name, value in kept.items() if value is not None}
