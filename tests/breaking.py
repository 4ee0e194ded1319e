"""Healthy histories, answered by the emulator, and the ways in which programs break them."""

from __future__ import annotations

import base64
import copy
import io
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from PIL import Image

from clarion._repair.blocks import KINDS
from clarion.emulator import Emulator, models

History = list[Any]

EMULATOR = Emulator()
MODELS = tuple(model.id for model in models.catalogue() if model.lifecycle != "retired")
SYSTEM = "You are a harbour pilot."
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a place.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TOOLS: list[dict[str, Any]] = [WEATHER, {"type": "web_search_20250305", "name": "web_search"}]
QUESTIONS = (
    ("What is the weather in Oslo and Lima?", "And in Rome?", "Thank you."),
    ("Search the web for harbour dues.", "What is the weather in Oslo?", "Which of them rose?"),
    ("How many primes are below 100?", "And below 10?"),
)
GO_ON = {"role": "user", "content": "Go on."}


def asked(model: str, messages: History, betas: tuple[str, ...] = (), **more: Any) -> tuple[int, Any]:
    """Send messages to the emulator; return the status and the body of the answer."""
    headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
    if betas:
        headers["anthropic-beta"] = ",".join(betas)
    body = {"model": model, "max_tokens": 1500, "messages": messages, "system": SYSTEM, "tools": TOOLS, **more}
    response = EMULATOR.respond("POST", "/v1/messages", headers, orjson.dumps(body))
    assert isinstance(response.body, bytes)
    return response.status, orjson.loads(response.body)


@cache
def healthy(model: str, questions: tuple[str, ...]) -> bytes:
    """Return a conversation with a model, as JSON: tools called and answered, thinking signed."""
    found = models.find(model)
    assert found is not None
    thinking = {"type": "adaptive"} if "adaptive" in found.thinking else {"type": "enabled", "budget_tokens": 1024}
    messages: History = []
    for question in questions:
        messages.append({"role": "user", "content": question})
        for _ in range(4):
            status, answer = asked(model, messages, thinking=thinking)
            assert status == 200, answer
            messages.append({"role": "assistant", "content": answer["content"]})
            calls = [block["id"] for block in answer["content"] if block["type"] == "tool_use"]
            if not calls:
                break
            results = [{"type": "tool_result", "tool_use_id": id, "content": "Rain."} for id in calls]
            messages.append({"role": "user", "content": results})
    return orjson.dumps(messages)


def picture(width: int = 8, height: int = 8, form: str = "PNG") -> dict[str, Any]:
    """Return an image block."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, form)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": f"image/{form.lower()}", "data": data}}


JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, float("nan"), "", " \n", "text", "\ud800 half", "toolu_1", [], {}, [[]], [None],
    {"type": "text"}, {"type": "text", "text": ""}, {"type": "thinking", "thinking": "Hm."}, {"type": "spell"},
    {"type": "text", "text": "more", "citations": "no"}, {"role": "user"}, {"text": "no type"}, b"bytes", ("a", "b"),
    {"type": "tool_result", "content": "of nothing"}, {"type": "tool_use", "name": "x y"}, {1, 2}, {3: 4},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    {"type": "compaction", "content": "So far."}, {"type": "compaction", "content": "x", "signature": "y"},
    {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "get_weather"}},
    {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}, {"type": "container_upload", "file_id": "f"},
    {"type": "mcp_tool_use", "id": "m1", "name": "n", "server_name": "s", "input": {}},
    {"type": "search_result", "content": "found", "source": "s", "title": "t"},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Dues."}},
    {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": " "}]}},
    {"type": "document", "source": {"type": "text", "data": "x"}, "citations": {"enabled": True}},
    {"type": "document", "source": {"type": "base64", "data": "JVBERi0xLjQ=", "media_type": "application/pdf"}},
    {"type": "image", "source": {"type": "base64", "data": "AAAA", "media_type": "image/png"}},
    {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
    {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
    {"role": "tool", "tool_call_id": "toolu_1", "content": "Rain."}, {"role": "tool", "tool_call_id": 7},
    {"role": "assistant", "tool_calls": [{"id": "toolu_1", "function": {"name": "get_weather", "arguments": "{}"}}]},
    {"role": "assistant", "content": 7, "tool_calls": [1, {"id": None, "function": {"name": "x", "arguments": 1}}]},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, {"type": "input_text", "text": None},
    {"type": "redacted_thinking", "data": "AAAA"}, {"type": "thinking", "thinking": "Hm.", "signature": "AAAA"},
    {"type": "tool_result", "tool_use_id": "none", "content": [{"type": "tool_reference", "tool_name": "x"}]},
    {"type": "tool_result", "tool_use_id": "none", "content": [{"type": "image", "source": 1}, "text"]},
)  # fmt: skip
FIELDS = (
    "role", "content", "type", "text", "id", "name", "input", "tool_use_id", "is_error", "signature", "thinking",
    "data", "cache_control", "citations", "source", "title", "caller", "toolset_name", "clear_at", "output_config",
    "model", "media_type", "index",
)  # fmt: skip


def _places(history: History) -> list[tuple[Any, Any]]:
    """Return every container with every key of it."""
    found: list[tuple[Any, Any]] = []
    seen: set[int] = set()

    def walk(value: Any) -> None:
        if id(value) in seen:  # it may be there twice, and hold itself
            return
        seen.add(id(value))
        keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            found.append((value, key))
            walk(value[key])

    walk(history)
    return found


def _lists(history: History) -> list[History]:
    return [history, *(container[key] for container, key in _places(history) if isinstance(container[key], list))]


def _blocks(history: History, kind: str = "") -> list[tuple[Any, int]]:
    return [
        (message["content"], place)
        for message in history
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        for place, block in enumerate(message["content"])
        if isinstance(block, dict) and kind in str(block.get("type"))
    ]


def junk(history: History, luck: random.Random) -> None:
    """Replace anything by anything."""
    if places := _places(history):
        container, key = luck.choice(places)
        container[key] = copy.deepcopy(luck.choice(JUNK))


def insert(history: History, luck: random.Random) -> None:
    """Put anything anywhere."""
    items = luck.choice(_lists(history))
    items.insert(luck.randint(0, len(items)), copy.deepcopy(luck.choice(JUNK)))


def field(history: History, luck: random.Random) -> None:
    """Give anything a field."""
    if found := [container[key] for container, key in _places(history) if isinstance(container[key], dict)]:
        luck.choice(found)[luck.choice(FIELDS)] = copy.deepcopy(luck.choice(JUNK))


def delete(history: History, luck: random.Random) -> None:
    """Delete anything."""
    if places := _places(history):
        container, key = luck.choice(places)
        del container[key]


def move(history: History, luck: random.Random) -> None:
    """Move an item of a list to another."""
    if items := [items for items in _lists(history) if items]:
        item = (source := luck.choice(items)).pop(luck.randrange(len(source)))
        target = luck.choice(_lists(history))
        target.insert(luck.randint(0, len(target)), item)


def repeat(history: History, luck: random.Random) -> None:
    """Have an item twice, the same object or an equal one."""
    if items := [items for items in _lists(history) if items]:
        items = luck.choice(items)
        item = luck.choice(items)
        items.insert(luck.randint(0, len(items)), item if luck.random() < 0.5 else copy.deepcopy(item))


def relabel(history: History, luck: random.Random) -> None:
    """Give a message another role."""
    if messages := [message for message in history if isinstance(message, dict)]:
        luck.choice(messages)["role"] = luck.choice(("user", "assistant", "system", "tool", "human", "ai", 7))


def system(history: History, luck: random.Random) -> None:
    """Put in a message of the system."""
    content = luck.choice(("Be brief.", [{"type": "text", "text": "Be brief."}], ""))
    history.insert(luck.randint(0, len(history)), {"role": "system", "content": content})


def trim(history: History, luck: random.Random) -> None:
    """Forget the beginning or the end."""
    cut = luck.randint(0, len(history))
    history[:] = history[cut:] if luck.random() < 0.5 else history[:cut]


def blank(history: History, luck: random.Random) -> None:
    """Make a text blank."""
    if texts := _blocks(history, "text"):
        blocks, place = luck.choice(texts)
        blocks[place]["text"] = luck.choice(("", " ", "\n\t", "\u2003"))


def ids(history: History, luck: random.Random) -> None:
    """Change the id of a call or of a result."""
    if tools := _blocks(history, "tool_"):
        blocks, place = luck.choice(tools)
        key = "tool_use_id" if "result" in str(blocks[place]["type"]) else "id"
        blocks[place][key] = luck.choice(("call.1", "toolu_x", "a b", "", "ü", str(blocks[place].get(key))[:-1]))


def marks(history: History, luck: random.Random) -> None:
    """Mark blocks for the cache, too many and in any order."""
    for blocks, place in _blocks(history):
        if luck.random() < 0.7:
            blocks[place]["cache_control"] = luck.choice(({"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}))


def pictures(history: History, luck: random.Random) -> None:
    """Put images in, of which some are too large, or not what they say."""
    for _ in range(luck.choice((1, 2, 21))):
        block = picture(*luck.choice(((8, 8), (2100, 4), (8100, 4))), luck.choice(("PNG", "JPEG", "BMP")))
        if luck.random() < 0.2:
            block["source"]["media_type"] = luck.choice(("image/gif", "image/bmp", None))
        if luck.random() < 0.2:
            block["source"]["data"] = luck.choice(("data:image/png;base64,", "")) + block["source"]["data"][:40]
        if luck.random() < 0.2:
            block["transformations"] = {"oversized_image": "error"}
        blocks = [items for items in _lists(history) if items is not history] or [history]
        luck.choice(blocks).append(block)


def space(history: History, luck: random.Random) -> None:
    """End in white space."""
    history.append({"role": "assistant", "content": luck.choice(("So ", [{"type": "text", "text": "So\n"}], " "))})


def tamper(history: History, luck: random.Random) -> None:
    """Change what a thinking block shows, or its signature."""
    if thoughts := _blocks(history, "thinking"):
        blocks, place = luck.choice(thoughts)
        key = luck.choice(("thinking", "signature"))
        blocks[place][key] = luck.choice(("", "Hm.", f"x{blocks[place].get(key)}", None))


def foreign(history: History, luck: random.Random) -> None:
    """Go on with the history of another model."""
    history += orjson.loads(healthy(luck.choice(MODELS), luck.choice(QUESTIONS)))


IDS = ("toolu_1", "toolu_2", "srvtoolu_1", "srvtoolu_2", "a b")
USUAL: dict[str, tuple[Any, ...]] = {  # of a field, values of which some can be
    "id": IDS,
    "tool_use_id": IDS,
    "name": ("get_weather", "web_search", "code_execution", "x y"),
    "input": ({}, {"city": "Oslo"}, "{}"),
    "text": ("Hi", "Hi", " ", ""),
    "cache_control": (None, {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}),
}


def rubbish(luck: random.Random) -> Any:
    """Return what hardly deserves to be called a history."""
    if luck.random() < 0.03:
        return _anything(luck)
    return [_message(luck) if luck.random() < 0.93 else _anything(luck) for _ in range(luck.randint(0, 6))]


def _message(luck: random.Random) -> dict[str, Any]:
    blocks = [_block(luck, 0) if luck.random() < 0.8 else _anything(luck) for _ in range(luck.randint(0, 4))]
    role = luck.choice(("user", "assistant", "user", "assistant", "system"))
    return {"role": role, "content": luck.choice(("Hi", blocks))}


def _block(luck: random.Random, depth: int) -> dict[str, Any]:
    kind = luck.choice([*KINDS])
    made: dict[str, Any] = {"type": kind}
    for name in KINDS[kind].fields:
        if luck.random() < 0.75:
            made[name] = copy.deepcopy(luck.choice(USUAL[name])) if name in USUAL else _anything(luck, depth + 1)
    return made


def _anything(luck: random.Random, depth: int = 0) -> Any:
    lot = luck.random()
    if depth > 4 or lot < 0.25:
        return copy.deepcopy(luck.choice(JUNK))
    if lot < 0.5:
        return _block(luck, depth + 1)
    if lot < 0.65:
        return [_anything(luck, depth + 1) for _ in range(luck.randint(0, 3))]
    if lot < 0.8:
        return {luck.choice(FIELDS): _anything(luck, depth + 1) for _ in range(luck.randint(0, 4))}
    return luck.choice(("Hi", "AAAA", 1, True, None, *IDS))


Break = Callable[[History, random.Random], None]

BREAKS: tuple[Break, ...] = (
    junk, insert, field, delete, move, repeat, relabel, system, trim, blank, ids, marks, pictures, space, tamper,
    foreign,
)  # fmt: skip
