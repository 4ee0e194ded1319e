"""What version 2026-10-21 took out, and what 2023-06-01 still takes."""

from __future__ import annotations

from typing import Any

from contract.row import NEW, OLD, about, assistant, like, ok, refused, result, text, tool, user
from contract.row import call as tool_use

PLAIN = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
CITED = text("x", citations=[{
    "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": None,
    "start_char_index": 0, "end_char_index": 1,
}])  # fmt: skip
FOUND: dict[str, Any] = {"type": "search_result", "source": "s", "title": "t"}
IN_ASSISTANT = [user("Hi"), assistant(text("Here"), PLAIN), user("And?")]
IN_RESULT = [user("Hi"), assistant(tool_use()), user(result(content=[PLAIN]))]

ROWS = about(
    "versions",
    refused("sampling at its default value", "temperature: Extra inputs are not permitted", temperature=1.0,
            model="claude-sonnet-4-6"),
    refused("the new version keeps assistant documents out", like("messages.1.content.1"), messages=IN_ASSISTANT),
    ok("the old version takes assistant documents", version=OLD, messages=IN_ASSISTANT),
    ok("documents of a user", messages=[user(PLAIN)]),
    ok("documents in a tool result", messages=IN_RESULT, tools=[tool()]),
    refused("the new version keeps citations out of user text", like("messages.0.content.0", "citations"),
            messages=[user(CITED)]),
    ok("the old version takes cited user text", version=OLD, messages=[user(CITED)]),
    ok("an empty list of citations in user text", messages=[user(text("x", citations=[]))]),
    ok("no citations in user text", messages=[user(text("x", citations=None))]),
    ok("citations in assistant text", messages=[user("Hi"), assistant(CITED), user("And?")]),
    refused("the new version keeps citations out of search results", like("messages.0.content.0", "citations"),
            messages=[user(FOUND | {"content": [CITED]})]),
    ok("the old version takes cited search results", version=OLD, messages=[user(FOUND | {"content": [CITED]})]),
    refused("counting under the new version takes no sampling", "temperature: Extra inputs are not permitted",
            to="count_tokens", temperature=1),
    refused("counting under the old version takes none either", "temperature: Extra inputs are not permitted",
            to="count_tokens", temperature=1, version=OLD, model="claude-sonnet-4-6"),
    refused("counting keeps assistant documents out", like("messages.1.content.1"), to="count_tokens",
            messages=IN_ASSISTANT),
    *(ok(f"both versions answer, {version}", version=version) for version in (NEW, OLD)),
)  # fmt: skip
