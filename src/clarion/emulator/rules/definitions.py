"""What tool definitions look like, one row a tool type: its fixed name and its fields.

Source: the tool types of the Messages API, November 2026. Server tools take no `input_examples`, toolsets have
no name, and only tools of the user's own stream their input eagerly.
"""

from __future__ import annotations

from clarion.emulator.rules.blocks import CITATIONS, KIND, MARK, MARKED, marked
from clarion.emulator.rules.shape import (
    Check,
    anything,
    array,
    beta,
    boolean,
    integer,
    literal,
    mapping,
    optional,
    record,
    table,
    tagged,
    text,
)

__all__ = ["TOOL"]

CODE_CALLERS = ("code_execution_20250825", "code_execution_20260120", "code_execution_20260521")
COMMON: dict[str, Check] = {
    "allowed_callers": array(literal("direct", *CODE_CALLERS)),
    "defer_loading": boolean,
    "strict": boolean,
}
EXAMPLES: dict[str, Check] = {"input_examples": array(mapping)}
LOCATION = record(
    {"type": literal("approximate")},
    {name: optional(text) for name in ("city", "country", "region", "timezone")},
)
WEB: dict[str, Check] = {
    "allowed_domains": optional(array(text)),
    "blocked_domains": optional(array(text)),
    "max_uses": optional(integer(1)),
}
SEARCH = WEB | {"user_location": optional(LOCATION)}
NAMED_TOOLS = record(KIND | {"tools": array(record({"type": literal("tool_reference"), "name": text}))})
RESULTS = tagged({"all": record(KIND), "none": record(KIND), "only": NAMED_TOOLS, "except": NAMED_TOOLS})
URL_SOURCES = record(
    {},
    {
        "client_tool_results": RESULTS,
        "server_tool_results": RESULTS,
        "user_input": tagged({"all": record(KIND), "none": record(KIND)}),
    },
)
FETCH = WEB | {
    "citations": optional(CITATIONS),
    "max_content_tokens": optional(integer(1)),
    "url_sources": optional(URL_SOURCES),
}
CACHED: dict[str, Check] = {"use_cache": boolean}
INCLUDED: dict[str, Check] = {"response_inclusion": literal("full", "excluded")}
SWITCHES: dict[str, Check] = {"defer_loading": optional(boolean), "enabled": optional(boolean)}
COMPUTER = (
    "cursor_position", "double_click", "hold_key", "key", "left_click", "left_click_drag", "left_mouse_down",
    "left_mouse_up", "middle_click", "mouse_move", "right_click", "screenshot", "scroll", "triple_click", "type",
    "wait", "zoom",
)  # fmt: skip
BROWSER = (
    "close_tab", "double_click", "file_upload", "find", "form_input", "get_page_text", "hold_key", "hover",
    "javascript_exec", "key", "left_click", "left_click_drag", "left_mouse_down", "left_mouse_up", "list_tabs",
    "middle_click", "mouse_move", "navigate", "new_tab", "read_console", "read_network", "read_page", "right_click",
    "screenshot", "scroll", "scroll_to", "switch_tab", "triple_click", "type", "wait", "zoom",
)  # fmt: skip
DISPLAY: dict[str, Check] = {"display_height_px": integer(1), "display_width_px": integer(1)}
SCREEN = EXAMPLES | {"display_number": optional(integer(0))}


def _named(name: str, extra: dict[str, Check] | None = None, required: dict[str, Check] | None = None) -> Check:
    return marked({"name": literal(name)} | (required or {}), COMMON | (extra or {}))


def _toolset(members: tuple[str, ...]) -> Check:
    switches = optional(record({}, SWITCHES))
    return record(KIND, MARKED | {"configs": optional(record({}, dict.fromkeys(members, switches)))})


MCP_TOOL = record({"input_schema": mapping, "name": text}, {"description": optional(text)})
MCP_SWITCHES = record({}, {"defer_loading": boolean, "enabled": boolean})
MCP_TOOLSET = marked(
    {"mcp_server_name": text},
    {
        "configs": optional(table(MCP_SWITCHES)),
        "default_config": MCP_SWITCHES,
        "tools": optional(array(MCP_TOOL)),
    },
)
TOOLS: dict[str, Check] = {
    "custom": record(
        {"name": text, "input_schema": mapping},
        MARKED
        | COMMON
        | EXAMPLES
        | {"type": anything, "description": text, "eager_input_streaming": optional(boolean)},
    ),
    "bash_20250124": _named("bash", EXAMPLES),
    "memory_20250818": _named("memory", EXAMPLES),
    "text_editor_20250124": _named("str_replace_editor", EXAMPLES),
    "text_editor_20250429": _named("str_replace_based_edit_tool", EXAMPLES),
    "text_editor_20250728": _named("str_replace_based_edit_tool", EXAMPLES | {"max_characters": optional(integer(1))}),
    "code_execution_20250522": _named("code_execution"),
    "code_execution_20250825": _named("code_execution"),
    "code_execution_20260120": _named("code_execution"),
    "code_execution_20260521": _named("code_execution"),
    "web_search_20250305": _named("web_search", SEARCH),
    "web_search_20260209": _named("web_search", SEARCH),
    "web_search_20260318": _named("web_search", SEARCH | INCLUDED),
    "web_fetch_20250910": _named("web_fetch", FETCH),
    "web_fetch_20260209": _named("web_fetch", FETCH),
    "web_fetch_20260309": _named("web_fetch", FETCH | CACHED),
    "web_fetch_20260318": _named("web_fetch", FETCH | CACHED | INCLUDED),
    "tool_search_tool_bm25_20251119": _named("tool_search_tool_bm25"),
    "tool_search_tool_bm25": _named("tool_search_tool_bm25"),
    "tool_search_tool_regex_20251119": _named("tool_search_tool_regex"),
    "tool_search_tool_regex": _named("tool_search_tool_regex"),
    "computer_toolset_20260801": _toolset(COMPUTER),
    "browser_toolset_20260801": _toolset(BROWSER),
    "advisor_20260301": beta(
        _named(
            "advisor",
            {"caching": optional(MARK), "max_tokens": optional(integer(1)), "max_uses": optional(integer(1))},
            {"model": text},
        ),
        "advisor-tool-2026-03-01",
    ),
    "mcp_toolset": beta(MCP_TOOLSET, "mcp-client-2025-11-20", "mcp-client-2026-09-15"),
    "bash_20241022": beta(_named("bash", EXAMPLES), "computer-use-2024-10-22"),
    "text_editor_20241022": beta(_named("str_replace_editor", EXAMPLES), "computer-use-2024-10-22"),
    "computer_20241022": beta(_named("computer", SCREEN, DISPLAY), "computer-use-2024-10-22"),
    "computer_20250124": beta(_named("computer", SCREEN, DISPLAY), "computer-use-2025-01-24"),
    "computer_20251124": beta(
        _named("computer", SCREEN | {"enable_zoom": boolean}, DISPLAY), "computer-use-2025-11-24"
    ),
}
TOOL = tagged(TOOLS, default="custom")
