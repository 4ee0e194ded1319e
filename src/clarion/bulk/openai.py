"""Lines of OpenAI's batch API, as requests of the Messages API.

`{"custom_id", "method", "url": "/v1/chat/completions", "body"}` becomes the parameters of a message. The model is left
to the job. What has no counterpart is an error, so that nothing is lost in silence; what only tunes sampling is left
out, as no current Claude model takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._openai import block_of_call, block_of_part
from clarion.bulk.errors import RowError

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT = "/v1/chat/completions"
LEFT_OUT = frozenset(
    {
        "model",
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "seed",
        "store",
        "service_tier",
        "stream",
    }
)

EFFORTS = ("low", "medium", "high", "xhigh")

Params = dict[str, Any]


def params_of(line: dict[str, Any]) -> Params:
    """Return the parameters of the message that a line asks for. Raises RowError for what has no counterpart."""
    if line.get("url") != CHAT:
        raise RowError(f"only lines for {CHAT} can be converted, not for {line.get('url')!r}")
    body = _object("body", line.get("body"))
    for name, value in body.items():
        if name not in CONVERTED and name not in LEFT_OUT and value not in (None, False, {}, []):
            raise RowError(f"{name}={value!r} has no counterpart in the Messages API")
    params: Params = {"messages": []}
    for name, convert in CONVERTED.items():
        if body.get(name) is not None:
            convert(params, body[name])
    if not params["messages"]:
        raise RowError("its body has no messages of a user or an assistant")
    return params


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowError(f"{name} must be an object, not {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    return "null" if value is None else f"of the type {type(value).__name__}"


def _objects(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise RowError(f"{name} must be a list, not {_kind(value)}")
    return [_object(f"what stands in {name}", each) for each in value]


def _messages(params: Params, messages: Any) -> None:
    system: list[str] = []
    for message in _objects("messages", messages):
        match message.get("role"):
            case "system" | "developer":
                system.append(_text(message.get("content")))
            case "user":
                _say(params, "user", _content(message.get("content")))
            case "assistant":
                calls = [_call(call) for call in _objects("tool_calls", message.get("tool_calls") or [])]
                _say(params, "assistant", _content(message.get("content")) + calls)
            case "tool":
                result = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
                _say(params, "user", [{**result, "content": _text(message.get("content"))}])
            case role:
                raise RowError(f"a message has the role {role!r}, which has no counterpart")
    if system:
        params["system"] = "\n\n".join(system)


def _say(params: Params, role: str, content: list[dict[str, Any]]) -> None:
    """Add content to the conversation; results of several tools go into one message."""
    messages: list[dict[str, Any]] = params["messages"]
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += content
    else:
        messages.append({"role": role, "content": content})


def _content(content: Any) -> list[dict[str, Any]]:
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [_part(part) for part in _objects("content", content)]


def _part(part: dict[str, Any]) -> dict[str, Any]:
    block = block_of_part(part)
    if block is None:
        raise RowError(f"a part of type {part.get('type')!r} has no counterpart")
    return block


def _text(content: Any) -> str:
    parts = _content(content)
    if any(part["type"] != "text" for part in parts):
        raise RowError("only text may stand in a message of this role")
    return "".join(part["text"] for part in parts)


def _call(call: dict[str, Any]) -> dict[str, Any]:
    block = block_of_call(call)
    if block is None:
        raise RowError("a call in it names no function, or has arguments that are no JSON object")
    return block


def _tools(params: Params, tools: Any) -> None:
    params["tools"] = [_tool(tool) for tool in _objects("tools", tools or [])]


def _tool(tool: dict[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "function":
        raise RowError(f"a tool of type {tool.get('type')!r} has no counterpart")
    function = _object("the function of a tool", tool.get("function"))
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    told = {name: function[name] for name in ("description", "strict") if function.get(name) is not None}
    return {"name": function.get("name"), "input_schema": schema, **told}


def _tool_choice(params: Params, choice: Any) -> None:
    match choice:
        case "auto" | "none":
            params["tool_choice"] = {"type": choice}
        case "required":
            params["tool_choice"] = {"type": "any"}
        case {"function": {"name": name}}:
            params["tool_choice"] = {"type": "tool", "name": name}
        case _:
            raise RowError(f"tool_choice={choice!r} has no counterpart")


def _parallel_tool_calls(params: Params, value: Any) -> None:
    if value or not params.get("tools"):
        return
    choice = params.setdefault("tool_choice", {"type": "auto"})
    if choice["type"] != "none":
        choice["disable_parallel_tool_use"] = True


def _response_format(params: Params, wanted: Any) -> None:
    match wanted:
        case {"type": "text"}:
            return
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            params.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": schema}
        case _:
            raise RowError(f"response_format={wanted!r} has no counterpart: give a JSON Schema")


def _reasoning_effort(params: Params, effort: Any) -> None:
    if effort not in EFFORTS:
        raise RowError(f"reasoning_effort={effort!r} has no counterpart; those that have: {', '.join(EFFORTS)}")
    params.setdefault("output_config", {})["effort"] = effort


def _max_tokens(params: Params, value: Any) -> None:
    params["max_tokens"] = value


def _stop(params: Params, value: Any) -> None:
    sequences = [value] if isinstance(value, str) else value
    if not isinstance(sequences, list) or not all(isinstance(each, str) for each in sequences):
        raise RowError(f"stop must be a text or a list of texts, not {value!r}")
    params["stop_sequences"] = sequences


def _user(params: Params, value: Any) -> None:
    params["metadata"] = {"user_id": value}


def _n(_: Params, value: Any) -> None:
    if value != 1:
        raise RowError(f"n={value!r} has no counterpart: a request has one answer")


# In the order in which they are converted.
CONVERTED: dict[str, Callable[[Params, Any], None]] = {
    "messages": _messages,
    "tools": _tools,
    "tool_choice": _tool_choice,
    "parallel_tool_calls": _parallel_tool_calls,
    "response_format": _response_format,
    "reasoning_effort": _reasoning_effort,
    "max_tokens": _max_tokens,
    "max_completion_tokens": _max_tokens,
    "stop": _stop,
    "user": _user,
    "n": _n,
}
