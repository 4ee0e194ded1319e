"""What content blocks look like, as a table of kinds, and a block that is not like that put right.

From the request types of the Messages API and its betas (November 2026). What is unknown is left out, because the API
refuses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from clarion._repair.fields import (
    Take,
    Unfit,
    among,
    anything,
    by_type,
    completed,
    either,
    encoded,
    filled,
    fixed,
    flag,
    is_same,
    listed,
    mapping,
    mark,
    matching,
    media_type,
    name,
    optional,
    record,
    tagged,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._repair.report import Findings

Block = dict[str, Any]

COMPACTION_BETA = "compact-2026-09-04"
MCP_BETA = "mcp-client-2025-11-20"
LISTING_BETA = "mcp-client-2026-09-15"
ADVISOR_BETA = "advisor-tool-2026-03-01"
FALLBACK_BETA = "server-side-fallback-2026-07-01"
CHANGES_BETA = "mid-conversation-tool-changes-2026-07-01"

THINKING = ("thinking", "redacted_thinking")
ID = re.compile(r"[a-zA-Z0-9_-]+")  # of a call of a tool; seen in refusals of the API (2025 and 2026)
SERVER_ID = re.compile(r"srvtoolu_[a-zA-Z0-9_]+")  # seen in refusals of the API (December 2025)
SIGNATURE = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def nested(*kinds: str) -> Take:
    """Take content: a text, or a list of blocks of these kinds. One block becomes a list, anything else JSON."""

    def take(value: Any, where: str, findings: Findings) -> Any:
        match value:
            case str():
                return value
            case {"type": str()}:
                value = [value]
            case bool() | int() | float() | dict():
                return orjson.dumps(value).decode()
            case None:
                raise Unfit
        kept: list[Any] = []
        for index, item in enumerate(value):
            kept += fitted(item, f"{where}[{index}]", findings, kinds)
        return value if is_same(kept, value) else kept

    return take


def listed_blocks(*kinds: str) -> Take:
    """Take a list of blocks of these kinds; a text becomes one."""

    def take(value: Any, where: str, findings: Findings) -> Any:
        made = nested(*kinds)(value, where, findings)
        return [{"type": "text", "text": made}] if isinstance(made, str) else made

    return take


SOURCE: dict[str, Take] = {"type": text}
MARKED: dict[str, Take] = {"cache_control": mark}
BY_URL = record({**SOURCE, "url": text})
BY_FILE = record({**SOURCE, "file_id": text})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of block: its fields, those it must have, what stands for one that is missing, who may say it.

    `roles` names the roles in whose messages it may stand, the one it is moved to first.
    """

    fields: Mapping[str, Take]
    required: frozenset[str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[str, ...] = ("user", "assistant")
    beta: str | None = None


def kind(
    required: Mapping[str, Take],
    more: Mapping[str, Take] | None = None,
    *,
    marked: bool = True,
    roles: tuple[str, ...] = ("user", "assistant"),
    beta: str | None = None,
    **defaults: Any,
) -> Kind:
    """Return a kind of block with these fields, and perhaps a cache mark."""
    fields = {**required, **(more or {}), **(MARKED if marked else {})}
    return Kind(fields, frozenset(required), defaults, roles, beta)


USER, ASSISTANT, SYSTEM = ("user",), ("assistant",), ("system",)
CITATION = tagged(
    "char_location",
    "page_location",
    "content_block_location",
    "web_search_result_location",
    "search_result_location",
)
CITED = record({}, {"enabled": flag})
CALLER = either(
    record({"type": among("direct")}),
    record({"type": among("code_execution_20250825", "code_execution_20260120"), "tool_id": text}),
)
REFERENCE = by_type(
    tool_reference=record({"type": text, "name": text}),
    mcp_tool_reference=record({"type": text, "name": text, "server_name": text}),
    mcp_toolset_reference=record({"type": text, "server_name": text}),
)
SEARCH_HIT = record(
    {"type": among("web_search_result"), "title": text, "url": text, "encrypted_content": text},
    {"page_age": optional(text)},
)
SERVER_RESULTS = {  # the result block of each server tool
    "web_search": "web_search_tool_result",
    "web_fetch": "web_fetch_tool_result",
    "code_execution": "code_execution_tool_result",
    "bash_code_execution": "bash_code_execution_tool_result",
    "text_editor_code_execution": "text_editor_code_execution_tool_result",
    "tool_search_tool_regex": "tool_search_tool_result",
    "tool_search_tool_bm25": "tool_search_tool_result",
    "advisor": "advisor_tool_result",
}
MCP_RESULT = "mcp_tool_result"
RESULTS = frozenset((*SERVER_RESULTS.values(), MCP_RESULT))


def server_result(*kinds: str, is_list: bool = False, beta: str | None = None, calls: bool = False) -> Kind:
    """Return the kind of a result of a server tool, whose content is of these types."""
    content = tagged(*kinds)
    return kind(
        {"tool_use_id": text, "content": either(listed(SEARCH_HIT), content) if is_list else content},
        {"caller": CALLER} if calls else {},
        roles=ASSISTANT,
        beta=beta,
    )


KINDS: dict[str, Kind] = {
    "text": kind({"text": text}, {"citations": optional(listed(CITATION))}, roles=("user", "assistant", "system")),
    "image": kind(
        {
            "source": by_type(
                base64=record({**SOURCE, "data": encoded}, {"media_type": media_type}), url=BY_URL, file=BY_FILE
            )
        },
        {"transformations": optional(record({}, {"oversized_image": among("downsize", "error")}))},
    ),
    "document": kind(
        {
            "source": by_type(
                base64=record({**SOURCE, "data": encoded, "media_type": fixed("application/pdf")}),
                text=record({**SOURCE, "data": text, "media_type": fixed("text/plain")}),
                content=record({**SOURCE, "content": nested("text", "image")}),
                url=BY_URL,
                file=BY_FILE,
            )
        },
        {"title": optional(text), "context": optional(text), "citations": optional(CITED)},
        roles=USER,
    ),
    "search_result": kind({"content": listed_blocks("text"), "source": text, "title": text}, {"citations": CITED}),
    "thinking": kind({"thinking": text, "signature": matching(SIGNATURE)}, marked=False, roles=ASSISTANT, thinking=""),
    "redacted_thinking": kind({"data": matching(SIGNATURE)}, marked=False, roles=ASSISTANT),
    "tool_use": kind(
        {"id": text, "name": name, "input": mapping},
        {"caller": CALLER, "toolset_name": optional(text)},
        roles=ASSISTANT,
        input={},
    ),
    "tool_result": kind(
        {"tool_use_id": text},
        {
            "content": nested("text", "image", "search_result", "document", "tool_reference", "browser_state"),
            "is_error": flag,
            "toolset_name": optional(text),
        },
        roles=USER,
    ),
    "server_tool_use": kind(
        {"id": matching(SERVER_ID), "name": among(*SERVER_RESULTS), "input": mapping},
        {"caller": CALLER},
        roles=ASSISTANT,
        input={},
    ),
    "web_search_tool_result": server_result("web_search_tool_result_error", is_list=True, calls=True),
    "web_fetch_tool_result": server_result("web_fetch_result", "web_fetch_tool_result_error", calls=True),
    "code_execution_tool_result": server_result(
        "code_execution_result", "encrypted_code_execution_result", "code_execution_tool_result_error"
    ),
    "bash_code_execution_tool_result": server_result(
        "bash_code_execution_result", "bash_code_execution_tool_result_error"
    ),
    "text_editor_code_execution_tool_result": server_result(
        "text_editor_code_execution_view_result",
        "text_editor_code_execution_create_result",
        "text_editor_code_execution_str_replace_result",
        "text_editor_code_execution_tool_result_error",
    ),
    "tool_search_tool_result": server_result("tool_search_tool_search_result", "tool_search_tool_result_error"),
    "advisor_tool_result": server_result(
        "advisor_result", "advisor_redacted_result", "advisor_tool_result_error", beta=ADVISOR_BETA
    ),
    "container_upload": kind({"file_id": text}),
    "mcp_tool_use": kind(
        {"id": text, "name": text, "server_name": text, "input": mapping}, roles=ASSISTANT, beta=MCP_BETA, input={}
    ),
    "mcp_tool_result": kind(
        {"tool_use_id": text},
        {"content": nested("text"), "is_error": flag},
        roles=ASSISTANT,
        beta=MCP_BETA,
    ),
    "mcp_tool_listing": kind(
        {"mcp_server_name": text, "tools": listed(mapping)}, marked=False, roles=ASSISTANT, beta=LISTING_BETA
    ),
    "compaction": kind(
        {},
        {
            "content": optional(filled),
            "encrypted_content": optional(text),
            "signature": optional(filled),
            "tool_changes": optional(listed(mapping)),
        },
        beta=COMPACTION_BETA,
    ),
    "fallback": kind(
        {"from": record({"model": text}), "to": record({"model": text})},
        {"trigger": anything},
        marked=False,
        roles=ASSISTANT,
        beta=FALLBACK_BETA,
    ),
    "tool_addition": kind({"tool": REFERENCE}, roles=SYSTEM, beta=CHANGES_BETA),
    "tool_removal": kind({"tool": REFERENCE}, roles=SYSTEM, beta=CHANGES_BETA),
}
WITHIN: dict[str, Kind] = {  # stand in results of tools alone
    "tool_reference": kind({"tool_name": text}),
    "browser_state": kind({"tabs": listed(mapping)}, {"state_changes": optional(listed(mapping))}),
}
IN_MESSAGES = tuple(KINDS)


def fitted(value: Any, where: str, findings: Findings, kinds: tuple[str, ...] = IN_MESSAGES) -> list[Block]:
    """Return a block as the API takes it, the same object if it is so already; none if nothing of it can be kept."""
    if isinstance(value, str):
        findings.mend("loose-content", where)
        return [{"type": "text", "text": value}]
    tag = value.get("type") if isinstance(value, dict) else None
    if not isinstance(tag, str) or tag not in kinds:
        return _salvaged(value, where, findings, str(tag))
    known = KINDS.get(tag) or WITHIN[tag]
    block: Block = value
    try:
        made: Block = completed(block, {"type": text, **known.fields}, known.required, known.defaults, where, findings)
    except Unfit as unfit:
        return _without(tag, value, where, findings, str(unfit))
    return [made]


def _without(tag: str, value: Block, where: str, findings: Findings, field: str) -> list[Block]:
    """Return what is left of a block that lacks what it needs."""
    if tag in THINKING:
        findings.mend("broken-thinking", where)
        return []
    if tag in ("image", "document"):
        findings.mend("unreadable-media", where, field)
        return [{"type": "text", "text": unreadable(tag)}]
    return _salvaged(value, where, findings, f"{tag} without a proper {field}")


def unreadable(tag: str) -> str:
    """Return the note that stands for media nobody can read."""
    return f"[{'An image' if tag == 'image' else 'A document'} that could not be read was here.]"


def _salvaged(value: Any, where: str, findings: Findings, detail: str) -> list[Block]:
    """Return the text of something that is no block."""
    findings.mend("bad-block", where, detail)
    said = value.get("text", value.get("content")) if isinstance(value, dict) else value
    return [{"type": "text", "text": said}] if isinstance(said, str) and said.strip() else []
