"""Where cache marks may stand, and what may not be asked of a request that only warms the cache."""

from __future__ import annotations

from typing import Any

from contract.row import about, assistant, formatted, like, ok, refused, result, shaped, text, tool, user
from contract.row import call as tool_use

SHORT: dict[str, Any] = {"type": "ephemeral"}
LONG = SHORT | {"ttl": "1h"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}


def marked(words: str = "x", mark: dict[str, Any] = SHORT) -> dict[str, Any]:
    return text(words, cache_control=mark)


MARKS = (
    ok("a mark on a text", messages=[user(marked())]),
    ok("a mark on the system prompt", system=[marked()]),
    ok("a mark on a tool", tools=[tool(cache_control=SHORT)]),
    ok("a mark on a call and its result", tools=[tool()], messages=[
        user("Hi"), assistant(tool_use(cache_control=SHORT)), user(result(cache_control=SHORT))]),
    ok("a mark inside a result", tools=[tool()], messages=[
        user("Hi"), assistant(tool_use()), user(result(content=[marked()]))]),
    ok("a mark that is null", messages=[user(text("x", cache_control=None))]),
    ok("four marks", system=[marked()] * 4),
    refused("five marks", "A maximum of 4 blocks with cache_control may be provided. Found 5.", system=[marked()] * 5),
    refused("five marks over tools, system and messages",
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
            tools=[tool(cache_control=SHORT)], system=[marked()] * 2, messages=[user(marked(), marked())]),
    ok("three marks and the automatic one", cache_control=SHORT, system=[marked()] * 3),
    refused("four marks and the automatic one", "A maximum of 4 blocks with cache_control may be provided. Found 5.",
            cache_control=SHORT, system=[marked()] * 4),
    ok("the automatic mark finds its block marked alike", cache_control=SHORT, messages=[user(marked())]),
    refused("the automatic mark finds another ttl", like("cache_control", "1h"), cache_control=LONG,
            messages=[user(marked())]),
    ok("long before short", system=[marked(mark=LONG), marked()]),
    refused("short before long", like("a ttl='1h' cache_control block must not come after a ttl='5m'"),
            system=[marked(), marked(mark=LONG)]),
    refused("a long automatic mark after a short one", like("a ttl='1h'"), cache_control=LONG, system=[marked()]),
    refused("short tools before a long system prompt", like("a ttl='1h'"), tools=[tool(cache_control=SHORT)],
            system=[marked(mark=LONG)]),
    refused("a mark of an unknown type", like("cache_control.type: Input should be 'ephemeral'"),
            cache_control={"type": "permanent"}),
    refused("a mark on thinking", "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
            messages=[user("Hi"), assistant(THOUGHT | {"cache_control": SHORT}), user("And?")]),
    ok("counting takes the automatic mark", to="count_tokens", cache_control=SHORT),
    refused("counting refuses five marks", "A maximum of 4 blocks with cache_control may be provided. Found 5.",
            to="count_tokens", system=[marked()] * 5),
)  # fmt: skip
WARMING = (
    ok("warming the cache", max_tokens=0, system=[marked()]),
    refused("warming as a stream", like("max_tokens", "stream"), max_tokens=0, stream=True),
    refused("warming with manual thinking", like("max_tokens"), model="claude-opus-4-6", max_tokens=0,
            thinking={"type": "enabled", "budget_tokens": 1024}),
    refused("warming with a format", like("max_tokens"), max_tokens=0, **formatted(shaped())),
    refused("warming with a forced tool", like("max_tokens"), max_tokens=0, tools=[tool()],
            tool_choice={"type": "any"}),
    ok("diagnostics against an earlier answer", diagnostics={"previous_message_id": "msg_1"}),
)  # fmt: skip

ROWS = about("cache marks", *MARKS, *WARMING)
