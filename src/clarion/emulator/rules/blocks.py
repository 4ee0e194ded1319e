"""What content blocks look like, those a beta opens included, as tables of checks.

Source: the request types of the Messages API, November 2026.
"""

from __future__ import annotations

from clarion.emulator.rules.shape import (
    Check,
    anything,
    array,
    beta,
    boolean,
    either,
    filled,
    literal,
    mapping,
    matching,
    one_of,
    optional,
    record,
    tagged,
    text,
)

__all__ = ["BLOCKS", "CITATIONS", "KIND", "MARK", "MARKED", "MCP", "REFERENCE", "TEXT", "marked"]

KIND: dict[str, Check] = {"type": anything}  # the tag itself was checked when it picked the table

MARK = record({"type": literal("ephemeral")}, {"ttl": literal("5m", "1h")})
MARKED: dict[str, Check] = {"cache_control": optional(MARK)}
CITATIONS = record({}, {"enabled": boolean})


def marked(required: dict[str, Check], extra: dict[str, Check] | None = None) -> Check:
    """Return the check of an object with a type, these fields, and perhaps a cache mark."""
    return record(KIND | required, MARKED | (extra or {}))


def _kinds(*names: str) -> Check:
    """Take an object of one of these types, whatever else it holds: our own answers come back in it."""
    return tagged(dict.fromkeys(names, mapping))


CITATION = _kinds(
    "char_location",
    "page_location",
    "content_block_location",
    "web_search_result_location",
    "search_result_location",
)
TEXT = marked({"text": text}, {"citations": optional(array(CITATION))})
IMAGE_TYPES = literal("image/jpeg", "image/png", "image/gif", "image/webp")
IMAGE = marked(
    {
        "source": tagged(
            {
                "base64": record(KIND | {"data": text, "media_type": IMAGE_TYPES}),
                "url": record(KIND | {"url": text}),
                "file": record(KIND | {"file_id": text}),
            }
        )
    },
    {"transformations": optional(record({}, {"oversized_image": literal("downsize", "error")}))},
)
DOCUMENT = marked(
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
SEARCH_RESULT = marked(
    {"content": array(tagged({"text": TEXT})), "source": text, "title": text}, {"citations": CITATIONS}
)
STATE_CHANGES = _kinds("tab_opened", "download_started", "download_completed", "download_failed")
TAB = record({"tab_id": text, "title": text, "url": text}, {"active": boolean})
TOOL_RESULT = marked(
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
                        "tool_reference": marked({"tool_name": text}),
                        "browser_state": marked(
                            {"tabs": array(TAB)}, {"state_changes": optional(array(STATE_CHANGES))}
                        ),
                    }
                )
            )
        ),
        "is_error": boolean,
        "toolset_name": optional(text),
    },
)
BY_CODE = record(KIND | {"tool_id": text})
CALLER: dict[str, Check] = {
    "caller": tagged({"direct": record(KIND), "code_execution_20250825": BY_CODE, "code_execution_20260120": BY_CODE})
}
CALL_ID, SERVER_CALL_ID = "^[a-zA-Z0-9_-]+$", "^srvtoolu_[a-zA-Z0-9_]+$"  # as refusals in public reports name them
TOOL_USE = marked({"id": matching(CALL_ID), "name": text, "input": mapping}, {**CALLER, "toolset_name": optional(text)})
SERVER_TOOLS = (
    "web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution",
    "tool_search_tool_regex", "tool_search_tool_bm25",
)  # fmt: skip
SERVER_TOOL_USE = marked(
    {
        "id": matching(SERVER_CALL_ID),
        "name": literal(*SERVER_TOOLS, opened={"advisor": "advisor-tool-"}),
        "input": mapping,
    },
    CALLER,
)


def _result(content: Check, extra: dict[str, Check] | None = None) -> Check:
    return marked({"tool_use_id": text, "content": content}, extra)


MCP = "mcp-client-"
REFERENCE: dict[str, Check] = {
    "tool_reference": record(KIND | {"name": text}),
    "mcp_tool_reference": record(KIND | {"name": text, "server_name": text}),
    "mcp_toolset_reference": record(KIND | {"server_name": text}),
}
MODEL = record({"model": text})

BLOCKS: dict[str, Check] = {
    "text": TEXT,
    "image": IMAGE,
    "document": DOCUMENT,
    "search_result": SEARCH_RESULT,
    "thinking": record(KIND | {"thinking": text, "signature": text}),
    "redacted_thinking": record(KIND | {"data": text}),
    "tool_use": TOOL_USE,
    "tool_result": TOOL_RESULT,
    "server_tool_use": SERVER_TOOL_USE,
    "web_search_tool_result": _result(
        one_of(array(_kinds("web_search_result")), _kinds("web_search_tool_result_error")), CALLER
    ),
    "web_fetch_tool_result": _result(_kinds("web_fetch_result", "web_fetch_tool_result_error"), CALLER),
    "code_execution_tool_result": _result(
        _kinds("code_execution_result", "encrypted_code_execution_result", "code_execution_tool_result_error")
    ),
    "bash_code_execution_tool_result": _result(
        _kinds("bash_code_execution_result", "bash_code_execution_tool_result_error")
    ),
    "text_editor_code_execution_tool_result": _result(
        _kinds(
            "text_editor_code_execution_view_result",
            "text_editor_code_execution_create_result",
            "text_editor_code_execution_str_replace_result",
            "text_editor_code_execution_tool_result_error",
        )
    ),
    "tool_search_tool_result": _result(_kinds("tool_search_tool_search_result", "tool_search_tool_result_error")),
    "container_upload": marked({"file_id": text}),
    "advisor_tool_result": beta(
        _result(_kinds("advisor_result", "advisor_redacted_result", "advisor_tool_result_error")), "advisor-tool-"
    ),
    "mcp_tool_use": beta(marked({"id": text, "name": text, "server_name": text, "input": mapping}), MCP),
    "mcp_tool_result": beta(
        marked({"tool_use_id": text}, {"content": either(array(tagged({"text": TEXT}))), "is_error": boolean}), MCP
    ),
    "mcp_tool_listing": beta(
        record(KIND | {"mcp_server_name": text, "tools": array(mapping)}), "mcp-client-2026-09-15"
    ),
    "compaction": beta(
        marked(
            {},
            {
                "content": optional(filled),
                "encrypted_content": optional(text),
                "signature": optional(text),
                "tool_changes": optional(array(mapping)),
            },
        ),
        "compact-",
    ),
    "fallback": beta(record(KIND | {"from": MODEL, "to": MODEL}, {"trigger": anything}), "server-side-fallback-"),
}
