"""What a request body looks like: the fields of the Messages API as tables of checks.

Source: the request types of the Messages API and of token counting, API version 2026-10-21 (November 2026).
Sampling fields are in the table too, as version 2023-06-01 has them; whether they may be there is a rule of
`rules.sampling`.
"""

from __future__ import annotations

from typing import Any

from clarion.emulator.rules.shape import (
    Check,
    Misfit,
    anything,
    array,
    boolean,
    either,
    integer,
    literal,
    mapping,
    number,
    optional,
    record,
    tagged,
    text,
)
from clarion.emulator.wire import Refusal, invalid

__all__ = ["check_body"]

MAX_MESSAGES = 100_000
KIND: dict[str, Check] = {"type": anything}  # the tag itself was checked when it picked the table

MARK = record({"type": literal("ephemeral")}, {"ttl": literal("5m", "1h")})
MARKED: dict[str, Check] = {"cache_control": optional(MARK)}
CITATIONS = record({}, {"enabled": boolean})


def _block(required: dict[str, Check], extra: dict[str, Check] | None = None) -> Check:
    return record(KIND | required, MARKED | (extra or {}))


TEXT = _block({"text": text}, {"citations": optional(array(mapping))})
IMAGE = _block(
    {
        "source": tagged(
            {
                "base64": record(
                    KIND
                    | {
                        "data": text,
                        "media_type": literal("image/jpeg", "image/png", "image/gif", "image/webp"),
                    }
                ),
                "url": record(KIND | {"url": text}),
                "file": record(KIND | {"file_id": text}),
            }
        )
    },
    {"transformations": optional(record({}, {"oversized_image": literal("downsize", "error")}))},
)
DOCUMENT = _block(
    {
        "source": tagged(
            {
                "base64": record(KIND | {"data": text, "media_type": literal("application/pdf")}),
                "text": record(KIND | {"data": text, "media_type": literal("text/plain")}),
                "content": record(KIND | {"content": either(array(tagged({"text": TEXT, "image": IMAGE})))}),
                "url": record(KIND | {"url": text}),
                "file": record(KIND | {"file_id": text}),
            }
        )
    },
    {"title": optional(text), "context": optional(text), "citations": optional(CITATIONS)},
)
SEARCH_RESULT = _block(
    {"content": array(tagged({"text": TEXT})), "source": text, "title": text}, {"citations": CITATIONS}
)
TOOL_REFERENCE = _block({"tool_name": text})
TOOL_RESULT = _block(
    {"tool_use_id": text},
    {
        "content": either(
            array(
                tagged(
                    {
                        "text": TEXT,
                        "image": IMAGE,
                        "search_result": SEARCH_RESULT,
                        "document": DOCUMENT,
                        "tool_reference": TOOL_REFERENCE,
                        "browser_state": _block({}, {"state_changes": anything, "tabs": anything}),
                    }
                )
            )
        ),
        "is_error": boolean,
        "toolset_name": optional(text),
    },
)
TOOL_USE = _block({"id": text, "name": text, "input": mapping}, {"caller": mapping, "toolset_name": optional(text)})
SERVER_RESULT = _block({"tool_use_id": text, "content": anything}, {"caller": mapping})

BLOCKS: dict[str, Check] = {
    "text": TEXT,
    "image": IMAGE,
    "document": DOCUMENT,
    "search_result": SEARCH_RESULT,
    "thinking": record(KIND | {"thinking": text, "signature": text}),
    "redacted_thinking": record(KIND | {"data": text}),
    "tool_use": TOOL_USE,
    "tool_result": TOOL_RESULT,
    "server_tool_use": TOOL_USE,
    "web_search_tool_result": SERVER_RESULT,
    "web_fetch_tool_result": SERVER_RESULT,
    "code_execution_tool_result": SERVER_RESULT,
    "bash_code_execution_tool_result": SERVER_RESULT,
    "text_editor_code_execution_tool_result": SERVER_RESULT,
    "tool_search_tool_result": SERVER_RESULT,
    "container_upload": _block({"file_id": text}),
}
MESSAGE = record(
    {"role": literal("user", "assistant", "system"), "content": either(array(tagged(BLOCKS)))},
)

_CALLERS = {"allowed_callers": array(text), "defer_loading": boolean, "strict": boolean}
_EXAMPLES = {"input_examples": array(mapping)}
_WEB: dict[str, Check] = {
    "allowed_domains": optional(array(text)),
    "blocked_domains": optional(array(text)),
    "max_uses": optional(integer(1)),
}
_SEARCH = _WEB | {"user_location": optional(mapping)}
_FETCH = _WEB | {
    "citations": optional(CITATIONS),
    "max_content_tokens": optional(integer(1)),
    "url_sources": anything,
}
_EDITOR: dict[str, Check] = {**_CALLERS, **_EXAMPLES}
_LATER: dict[str, Check] = {"response_inclusion": anything, "use_cache": anything}
_TOOLSET = record(KIND, MARKED | {"configs": anything})


def _named(extra: dict[str, Check]) -> Check:
    return _block({"name": text}, _CALLERS | extra)


TOOLS: dict[str, Check] = {
    "custom": record(
        {"name": text, "input_schema": mapping},
        {**MARKED, **_CALLERS, **_EXAMPLES, "type": anything, "description": text}
        | {"eager_input_streaming": optional(boolean)},
    ),
    "bash_20250124": _named(_EXAMPLES),
    "memory_20250818": _named(_EXAMPLES),
    "text_editor_20250124": _named(_EDITOR),
    "text_editor_20250429": _named(_EDITOR),
    "text_editor_20250728": _named(_EDITOR | {"max_characters": optional(integer(1))}),
    "code_execution_20250522": _named({}),
    "code_execution_20250825": _named({}),
    "code_execution_20260120": _named({}),
    "code_execution_20260521": _named({}),
    "web_search_20250305": _named(_SEARCH),
    "web_search_20260209": _named(_SEARCH),
    "web_search_20260318": _named(_SEARCH | _LATER),
    "web_fetch_20250910": _named(_FETCH),
    "web_fetch_20260209": _named(_FETCH),
    "web_fetch_20260309": _named(_FETCH | _LATER),
    "web_fetch_20260318": _named(_FETCH | _LATER),
    "tool_search_tool_bm25_20251119": _named({}),
    "tool_search_tool_bm25": _named({}),
    "tool_search_tool_regex_20251119": _named({}),
    "tool_search_tool_regex": _named({}),
    "computer_toolset_20260801": _TOOLSET,
    "browser_toolset_20260801": _TOOLSET,
}

PARALLEL: dict[str, Check] = {**KIND, "disable_parallel_tool_use": boolean}
DISPLAY: dict[str, Check] = {
    "display": optional(literal("summarized", "omitted", "updates")),
    "block_binding": optional(record({}, {"prefix_mismatch_behavior": optional(literal("error", "drop_block"))})),
}  # `rules.signatures` asks for the beta headers of `updates` and `block_binding`

COUNTED: dict[str, Check] = {
    "cache_control": optional(MARK),
    "output_config": record(
        {},
        {
            "effort": optional(literal("low", "medium", "high", "xhigh", "max")),
            "format": optional(tagged({"json_schema": record(KIND | {"schema": mapping})})),
        },
    ),
    "speed": optional(literal("standard", "fast")),
    "system": either(array(tagged({"text": TEXT}))),
    "thinking": tagged(
        {
            "adaptive": record(KIND, DISPLAY),
            "between_tools": record(KIND),
            "disabled": record(KIND),
            "enabled": record(KIND | {"budget_tokens": integer(1024)}, DISPLAY),
        }
    ),
    "tool_choice": tagged(
        {
            "auto": record({}, PARALLEL),
            "any": record({}, PARALLEL),
            "tool": record({"name": text}, PARALLEL),
            "none": record(KIND),
        }
    ),
    "tools": array(tagged(TOOLS, default="custom")),
}
CREATED: dict[str, Check] = {
    **COUNTED,
    "container": optional(anything),
    "diagnostics": optional(record({}, {"previous_message_id": optional(text)})),
    "inference_geo": optional(literal("us", "global")),
    "metadata": record({}, {"user_id": optional(text)}),
    "service_tier": literal("auto", "standard_only"),
    "stop_sequences": array(text),
    "stream": boolean,
    "temperature": number,
    "top_p": number,
    "top_k": integer(0),
}
BETA = {  # field a beta opens: how the beta's name begins; taken without effect, `thread` is refused
    "context_management": ("context-management-", "compact-"),
    "fallbacks": ("server-side-fallback-",),
    "thread": ("message-threads-",),
}
PROMPT: dict[str, Check] = {"model": text, "messages": array(MESSAGE, MAX_MESSAGES)}
COUNT_BODY = record(PROMPT, COUNTED)
CREATE_BODY = record({"model": text, "max_tokens": integer(0), "messages": PROMPT["messages"]}, CREATED)


def check_body(body: Any, betas: frozenset[str], *, counting: bool) -> None:
    """Refuse a body whose fields are unknown, missing or of the wrong type, naming the first offender."""
    if not isinstance(body, dict):
        raise invalid("", "Input should be a valid dictionary or object to extract fields from")
    opened = {field for field in BETA.keys() & body.keys() if _opened(field, betas)}
    if "thread" in opened:
        reason = "Message threads are not emulated; send the whole conversation."
        raise Refusal(400, f"thread: {reason}", {"error_code": "thread_unsupported_request"})
    known = {key: value for key, value in body.items() if key not in opened} if opened else body
    try:
        (COUNT_BODY if counting else CREATE_BODY)(known)
    except Misfit as misfit:
        raise invalid("", str(misfit)) from None


def _opened(field: str, betas: frozenset[str]) -> bool:
    return any(beta.startswith(BETA[field]) for beta in betas)
