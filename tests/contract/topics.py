"""The topics of the rows, with the pages of the Claude documentation that speak of them, and the table of coverage."""

from __future__ import annotations

from collections import Counter

from contract.rows import ROWS
from contract.rows.http import ROWS as HTTP_ROWS

TOPICS = {
    "models": "Models overview; Thinking; Effort",
    "retired models": "Model deprecations",
    "versions": "API versions",
    "fields": "Messages API reference; Beta headers",
    "wording": "Errors; Tool use; refusals seen in public reports",
    "http": "Errors; error types of the official SDK",
    "cache marks": "Prompt caching",
    "batches": "Batch processing",
    "images and documents": "Vision; PDF support; Citations",
    "tools": "Tool use; server tools; MCP connector; Programmatic tool calling",
    "thinking and effort": "Thinking; Preserved thinking; Effort; Task budgets",
    "token counting": "Token counting",
    "structured outputs": "Structured outputs; Strict tool use",
    "context management": "Context editing; Compaction; Mid-conversation changes",
    "fallbacks, speed and geography": "Refusals and fallback; Fast mode; Data residency; Service tiers",
    "answers": "Messages API reference; Streaming; Citations",
}


def table() -> str:
    """Return the coverage as a table in Markdown: how many rows of each topic are taken, and how many refused."""
    taken = Counter(row.about for row in ROWS if row.is_accepted)
    refused = Counter(row.about for row in ROWS if not row.is_accepted)
    taken["http"] = sum(row.status == 200 for row in HTTP_ROWS)
    refused["http"] = len(HTTP_ROWS) - taken["http"]
    lines = [f"| {topic} | {taken[topic]} | {refused[topic]} | {pages} |" for topic, pages in TOPICS.items()]
    return "\n".join(["| what is checked | taken | refused | documented under |", "| --- | --- | --- | --- |", *lines])
