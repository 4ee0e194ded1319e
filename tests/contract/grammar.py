"""The grammar of requests as hypothesis strategies: sound ones, ones that are nearly sound, and junk in any place."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from clarion.emulator import Emulator
from clarion.emulator.answer.plan import REFUSE
from clarion.emulator.answer.thoughts import REDACT
from clarion.emulator.rules.body import EVERY_BETA
from contract.row import NEW, PATHS
from contract.rows.media import image, pdf
from contract.rows.tools import KINDS

Json = Any
STRIDE = 7919  # spreads small numbers, which hypothesis favours too
RARE = 7  # any number will do, but the first and the last, which hypothesis favours


def _mostly(usual: list[Json], rare: list[Json]) -> SearchStrategy[Json]:
    """Return one of the usual values, one time in twelve one of the rare ones."""
    return st.integers(0, 11).flatmap(lambda chance: st.sampled_from(rare if chance == RARE else usual))


MODELS = _mostly(
    ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-4-6", "claude-opus-4-5",
     "claude-haiku-4-5", "claude-opus-4-8"],
    ["claude-2.1", "nobody", "claude-fable-5"],
)  # fmt: skip
PNG, PDF = image(), pdf()
WORDS = _mostly(
    [
        "Hello",
        "Get the weather in Oslo, for 3 days?",
        "The weather? And find a flight.",
        "The weather in Oslo and Lima?",
        "Search the web 12 times, read https://example.com/a, run code.",
        "Run code to create a file with the weather.",
        "naïve 日本 🎉",
        "x" * 3000,
        "x" * 150_000,
        "def f(a):\n    return a\n",
        "\x00",
    ],
    ["", " ", REFUSE, REDACT],
)
NAMES = _mostly(["get_weather", "find_flight", "a", "final_result"], ["get weather", "web_search"])
MARK = st.sampled_from([{"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}, None])


def _maybe(fields: dict[str, SearchStrategy[Json]], **always: Json) -> SearchStrategy[dict[str, Json]]:
    """Return objects with these fields always, and any of the others."""
    return st.fixed_dictionaries({key: st.just(value) for key, value in always.items()}, optional=fields)


SCHEMAS: SearchStrategy[Json] = st.recursive(
    st.sampled_from(
        [
            {"type": "string"}, {"type": "integer"}, {"type": "boolean"}, {"type": "null"}, {"enum": ["x", 1, None]},
            {"const": {"a": 1}}, {"type": "string", "format": "date"}, {"type": ["string", "null"]}, {}, True,
            {"type": "number", "minimum": 5, "maximum": 3}, {"type": "string", "pattern": r"(a+)+\1$"},
            {"$ref": "#/$defs/loop"}, {"$ref": "#"}, {"$ref": "https://e/s"}, {"type": "integer", "multipleOf": 0.1},
        ]
    ),
    lambda inner: (
        st.builds(lambda item, least: {"type": "array", "items": item, "minItems": least}, inner, st.integers(0, 3))
        | st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, max_size=3))
        | st.builds(lambda parts: {"allOf": parts}, st.lists(inner, max_size=2))
        | st.builds(
            lambda found, needed, closed: {
                "type": "object", "properties": found, "required": sorted(found)[:needed],
                **({"additionalProperties": False} if closed else {}),
            },
            st.dictionaries(st.sampled_from(["city", "days", "a b", "$defs"]), inner, max_size=3),
            st.integers(0, 3),
            st.booleans(),
        )
    ),
    max_leaves=4,
)  # fmt: skip
LOOP = {"type": "object", "properties": {"next": {"$ref": "#/$defs/loop"}}, "additionalProperties": False}
ROOTS = st.builds(
    lambda found, extra: {"type": "object", "properties": found, "required": list(found), **extra},
    st.dictionaries(st.sampled_from(["city", "days", "when"]), SCHEMAS, max_size=3),
    st.sampled_from([{"additionalProperties": False}, {"additionalProperties": False, "$defs": {"loop": LOOP}}, {}]),
)
TOOLS = st.lists(
    st.builds(lambda name, schema, extra: {"name": name, "input_schema": schema} | extra, NAMES, ROOTS, _maybe({
        "strict": _mostly([False], [True]), "defer_loading": _mostly([False], [True]), "cache_control": MARK,
        "input_examples": _mostly([[]], [[{"city": "Oslo"}]]), "description": WORDS,
        "allowed_callers": _mostly([["direct"], []], [["code_execution_20260120"]]),
    })) | st.sampled_from(KINDS),
    min_size=1,
    max_size=3,
    unique_by=lambda tool: tool.get("name", tool.get("type")),
)  # fmt: skip
CITATIONS = st.sampled_from([None, {"enabled": True}, {"enabled": False}])
SOURCES = _mostly(
    [
        {"type": "text", "media_type": "text/plain", "data": "One. Two."}, PDF["source"],
        {"type": "content", "content": [{"type": "text", "text": "x"}, PNG]}, {"type": "content", "content": "x"},
        {"type": "url", "url": "https://example.com/a.pdf"},
    ],
    [{"type": "file", "file_id": "file_1"}],
)  # fmt: skip
TEXT = st.builds(lambda words, extra: {"type": "text", "text": words} | extra, WORDS, _maybe({"cache_control": MARK}))
DOCUMENT = st.builds(lambda source, extra: {"type": "document", "source": source} | extra, SOURCES, _maybe(
    {"title": WORDS, "citations": CITATIONS, "cache_control": MARK}))  # fmt: skip
IMAGE = st.sampled_from(
    [PNG, image(2100, 10), {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]
)
FOUND = {"type": "search_result", "source": "s", "title": "t", "content": [{"type": "text", "text": "x"}]}
ASKED = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}}
HIT = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
SAID = st.lists(TEXT | DOCUMENT | IMAGE | st.just(FOUND), min_size=1, max_size=3) | WORDS


def _thought() -> dict[str, Json]:
    """Return a block of thinking that was made for a conversation of its own."""
    body = {"model": "claude-opus-4-6", "max_tokens": 3000, "messages": [{"role": "user", "content": "Hello"}]}
    asked = json.dumps(body | {"thinking": {"type": "adaptive"}}).encode()
    answer = Emulator().respond("POST", PATHS["messages"], {"x-api-key": "k", "anthropic-version": NEW}, asked)
    assert isinstance(answer.body, bytes)
    found: dict[str, Json] = json.loads(answer.body)["content"][0]
    return found


THOUGHT = _thought()
MADE_UP = {"type": "thinking", "thinking": "hm", "signature": "s"}
DONE = {"type": "text", "text": "Done."}
ANSWERED = _mostly(
    [[DONE], [DONE, DONE], [ASKED, HIT, DONE], [THOUGHT, DONE], []],
    [[MADE_UP], [{"type": "redacted_thinking", "data": "d"}], [ASKED], [HIT], [{"type": "compaction", "content": None}],
     [{"type": "compaction", "content": "They met.", "signature": "s"}], [{"type": "text", "text": ""}],
     [DONE, {"type": "compaction", "content": "They met."}, DONE], [{"type": "compaction", "content": "They met."}]],
)  # fmt: skip


@st.composite
def conversations(draw: DrawFn) -> list[dict[str, Json]]:
    """Return turns that mostly alternate, with calls that are mostly answered."""
    turns: list[dict[str, Json]] = []
    results: list[Json] = []
    for number in range(draw(st.integers(0, 3))):
        turns.append({"role": "user", "content": _after(results, draw(SAID))})
        calls = [
            {"type": "tool_use", "id": f"toolu_{number}_{place}", "name": draw(NAMES), "input": {"city": "Oslo"}}
            for place in range(draw(st.sampled_from([0, 0, 1, 2])))
        ]
        turns.append({"role": draw(_mostly(["assistant"], ["system"])), "content": draw(ANSWERED) + calls or "Yes"})
        said = draw(st.sampled_from(["sunny", "", [PNG], [{"type": "text", "text": "rain"}]]))
        kept = calls if draw(st.integers(0, 11)) != RARE else calls[1:]
        results = [{"type": "tool_result", "tool_use_id": call["id"], "content": said} for call in kept]
    if draw(st.integers(0, 11)) != RARE or not turns:
        turns.append({"role": "user", "content": _after(results, draw(SAID))})
    return turns


def _after(results: list[Json], said: Json) -> Json:
    if not results:
        return said
    return results + ([{"type": "text", "text": said}] if isinstance(said, str) else said)


COMPACT = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 50_000}}
PAUSE = {"pause_after_compaction": True}
FIELDS: dict[str, SearchStrategy[Json]] = {
    "system": WORDS | st.lists(TEXT, max_size=2),
    "thinking": st.sampled_from(
        [
            {"type": "adaptive"}, {"type": "adaptive", "display": "summarized"}, {"type": "disabled"},
            {"type": "between_tools"}, {"type": "enabled", "budget_tokens": 1024},
            {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}},
        ]
    ),
    "output_config": _maybe(
        {
            "effort": st.sampled_from(["low", "high", "max", None]),
            "format": st.builds(lambda schema: {"type": "json_schema", "schema": schema}, ROOTS | SCHEMAS),
            "task_budget": st.just({"type": "tokens", "total": 5000}),
        }
    ),
    "cache_control": MARK,
    "speed": st.sampled_from(["standard", "fast", None]),
    "context_management": st.sampled_from(
        [None, {}, *({"edits": [edit]} for edit in ({"type": "clear_tool_uses_20250919"}, COMPACT, COMPACT | PAUSE))]
    ),
    "compaction": st.just({"type": "summarize"}),
    "mcp_servers": _mostly([[]], [[{"type": "url", "name": "maps", "url": "https://e"}]]),
    "output_format": st.builds(lambda schema: {"type": "json_schema", "schema": schema}, ROOTS),
}  # fmt: skip
OFFERS: dict[str, SearchStrategy[Json]] = {
    "tools": TOOLS,
    "tool_choice": _mostly(
        [{"type": "auto"}, {"type": "none"}], [{"type": "any"}, {"type": "tool", "name": "get_weather"}]
    ),
}
CREATE_FIELDS: dict[str, SearchStrategy[Json]] = FIELDS | {
    "stop_sequences": st.sampled_from([[], ["received"], ["a", "e"], [" "]]),
    "metadata": st.just({"user_id": "u"}),
    "inference_geo": st.sampled_from(["us", "mars"]),
    "service_tier": st.just("auto"),
    "diagnostics": st.sampled_from([{}, {"previous_message_id": "msg_1"}]),
    "container": st.sampled_from(["c", {"id": "c"}]),
    "fallbacks": st.sampled_from(["default", [{"model": "claude-opus-5"}], [{"model": "nobody"}], []]),
}
LIMITS = _mostly([1, 5, 30, 300, 3000, 3000, 3000, 64_000], [0, 128_000, 10**7])
SAMPLING: dict[str, SearchStrategy[Json]] = {
    "temperature": st.sampled_from([0, 1, 0.5, 7]),
    "top_p": st.sampled_from([0.99, 0.1]),
    "top_k": st.just(5),
}
BETAS = _mostly([EVERY_BETA], [frozenset()]) | st.frozensets(st.sampled_from(sorted(EVERY_BETA)))


def _few(fields: dict[str, SearchStrategy[Json]]) -> SearchStrategy[dict[str, Json]]:
    """Return at most three of the fields, so that most requests have a chance to be sound."""
    return st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
    )


@st.composite
def requests(draw: DrawFn) -> dict[str, Json]:
    """Return the body of a request that is sound or nearly so."""
    fixed = {"model": draw(MODELS), "max_tokens": draw(LIMITS), "messages": draw(conversations())}
    sampling = draw(_few(SAMPLING)) if draw(st.integers(0, 11)) == RARE else {}
    offered = draw(st.fixed_dictionaries(OFFERS)) if draw(st.booleans()) else {}
    return fixed | draw(_few(CREATE_FIELDS)) | offered | sampling


JUNK: SearchStrategy[Json] = st.sampled_from(
    [
        None, True, False, -1, 0, 1, 10**18, 1.5, 1e300, "", " ", "x", "text", "image", "user", "#/$defs/loop",
        "\u2028",
        [], {}, [[]], [None], {"type": "text"}, {"type": None}, {"type": []}, {"type": {"type": "x"}}, ["text"],
        {"type": "base64", "media_type": "image/png", "data": "AAAA"}, {"": {}}, [{"type": "tool_result"}],
    ]
)  # fmt: skip


def _places(value: Json, path: tuple[Json, ...] = ()) -> list[tuple[Json, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key in keys for place in _places(value[key], (*path, key))]


@st.composite
def broken(draw: DrawFn) -> dict[str, Json]:
    """Return a request with junk in up to three places: a value replaced, taken out, or put in twice."""
    body: dict[str, Json] = copy.deepcopy(draw(requests()))
    for _ in range(draw(st.integers(1, 3))):
        places = [place for place in _places(body) if len(place) > 1] or _places(body)
        *way, last = places[draw(st.integers(0, 10**6)) * STRIDE % len(places)]
        target: Json = body
        for key in way:
            target = target[key]
        what = draw(st.integers(0, 4))
        if what == 0 and len(places) > 1:
            del target[last]
        elif what == 1 and isinstance(target, list):
            target.append(copy.deepcopy(target[last]))
        elif what == 2 and isinstance(target, dict):
            target[draw(st.sampled_from(["type", "content", "text", "id", "cache_control", "extra"]))] = copy.deepcopy(
                draw(JUNK)
            )
        else:
            target[last] = copy.deepcopy(draw(JUNK))
    return body
