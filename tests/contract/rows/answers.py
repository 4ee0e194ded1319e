"""Requests whose answers hold more than text: every kind of block, citation and stop that comes unscripted."""

from __future__ import annotations

from typing import Any

from contract.row import about, assistant, formatted, like, ok, refused, result, shaped, text, tool, user
from contract.row import call as tool_use
from contract.rows.media import CITED, custom, pdf, plain, written
from contract.rows.tools import BM25, CODE, SEARCH

FETCH = {"type": "web_fetch_20250910", "name": "web_fetch"}
REDACTED = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
OTTERS = "Otters swim. They eat fish."
ASK = text("What do otters eat?")
EDIT = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 50_000}}
LONG: dict[str, Any] = {
    "betas": "compact-2026-01-12", "messages": [user(OTTERS * 7000)], "context_management": {"edits": [EDIT]},
}  # fmt: skip


def said(words: str, *tools: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [user(words)], "tools": list(tools), "max_tokens": 4000}


ROWS = about(
    "answers",
    ok("text is cited by its characters", messages=[user(plain(OTTERS, **CITED), ASK)]),
    ok("content of one's own is cited by its blocks", messages=[
        user(custom(text("Otters swim."), text("They eat fish."), **CITED), ASK)]),
    ok("search results are cited", messages=[user(
        {"type": "search_result", "source": "s", "title": "t", "content": [text(OTTERS)], **CITED}, ASK)]),
    ok("a PDF is cited by its pages", messages=[user(
        {"type": "document", "source": written(OTTERS), "title": "Otters", **CITED}, ASK)]),
    ok("a PDF without text is not cited", messages=[user(pdf(title="Otters", **CITED), ASK)]),
    ok("a tool is called", **said("What is the weather in Oslo?", tool())),
    ok("two tools are called at once", **said("Get the weather and find a flight", tool(), tool("find_flight"))),
    ok("one tool at most", **said("Get the weather and find a flight", tool(), tool("find_flight")),
       tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
    ok("results are answered", tools=[tool()], messages=[
        user("What is the weather?"), assistant(tool_use()), user(result())]),
    ok("a tool call is cut", max_tokens=20, model="claude-opus-4-8", tools=[tool()],
       messages=[user("What is the weather in Oslo?")]),
    ok("the web is searched", **said("Search the web for otters", SEARCH)),
    ok("the web is searched twelve times, and the turn pauses", **said("Make 12 searches of the web", SEARCH)),
    ok("a page is fetched", **said("Read https://example.com/otters", FETCH)),
    ok("code is run", **said("Run code that adds 2 and 2", CODE)),
    ok("code is run the old way", **said("Run code that adds 2 and 2", CODE | {"type": "code_execution_20250522"})),
    ok("a deferred tool is found", **said("What is the weather in Oslo?", BM25, tool(defer_loading=True))),
    ok("thinking is redacted", model="claude-sonnet-4-5", max_tokens=4000, messages=[user(REDACTED)],
       thinking={"type": "enabled", "budget_tokens": 1024}),
    ok("thinking is summarized", thinking={"type": "adaptive", "display": "summarized"}),
    ok("a format is filled", **formatted(shaped({"name": {"type": "string"}, "age": {"type": "integer"}}))),
    ok("a stop sequence ends it", model="claude-opus-4-8", stop_sequences=["received"]),
    ok("max_tokens ends it", model="claude-opus-4-8", max_tokens=5),
    ok("a prefill goes on", model="claude-haiku-4-5", messages=[user("Hi"), assistant('{"name": "')]),
    ok("a conversation is summed up", betas="compact-2026-09-04", compaction={"type": "summarize"}),
    ok("a long context is summed up before the answer", **LONG),
    ok("a long context is summed up, and the turn pauses", **LONG | {"context_management": {"edits": [
        EDIT | {"pause_after_compaction": True}]}}),
    ok("edits that have nothing to do are told", betas="compact-2026-01-12", context_management={"edits": [EDIT]}),
    ok("the speed is told", model="claude-opus-5-5", speed="fast"),
    ok("dropped thinking is reported", betas="thinking-binding-controls-2026-08-01",
       thinking={"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}),
    refused("thinking that was made up", like("messages.1.content.0", "signature"), messages=[
        user("Hi"), assistant({"type": "thinking", "thinking": "x", "signature": "bWFkZSB1cA=="}, text("x")),
        user("And?")]),
)  # fmt: skip
