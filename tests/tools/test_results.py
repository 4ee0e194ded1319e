"""What a tool returned becomes the block that answers its call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pictures
from pydantic import BaseModel

from clarion._completion import ToolCall
from clarion._media import Document, Image
from clarion._tools import error_block, result_block
from clarion.emulator import Emulator

CALL = ToolCall(id="toolu_1", name="look", input={})
JSON = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(st.none() | inner, max_size=3) | st.dictionaries(st.text(), st.none() | inner, max_size=3),
    max_leaves=8,
)


class Line(BaseModel):
    day: date


@dataclass
class Point:
    x: Decimal


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("sunny", "sunny"),
        ("", "(empty)"),
        (" \n", "(empty)"),
        (None, "done"),
        (3, "3"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([], "[]"),
        (Line(day=date(2026, 11, 23)), '{"day":"2026-11-23"}'),
        ([Line(day=date(2026, 11, 23))], '[{"day":"2026-11-23"}]'),
        (Point(Decimal("1.10")), '{"x":"1.10"}'),
        ({1}, "[1]"),
        ({"type": "text", "text": "sunny"}, [{"type": "text", "text": "sunny"}]),
        ({"type": "image"}, '{"type":"image"}'),
        (Path("a") / "b", '"a/b"'),
    ],
)
def test_values_become_text_or_json(value: object, content: object) -> None:
    assert result_block(CALL, value) == {"type": "tool_result", "tool_use_id": "toolu_1", "content": content}


def test_images_and_documents_become_blocks_between_texts() -> None:
    picture = Image(Pictures.new("RGB", (8, 8)))
    content = result_block(CALL, ["Two things:", picture, Document(b"Some text", title="Note"), {"a": 1}])["content"]

    assert [block["type"] for block in content] == ["text", "image", "document", "text"]
    assert content[3]["text"] == '{"a":1}'
    assert result_block(CALL, picture)["content"] == [content[1]]


def test_text_over_the_limit_is_cut_with_a_note() -> None:
    content = result_block(CALL, "x" * 1500, limit=1000)["content"]

    assert content == "x" * 1000 + "\n[cut: 500 of 1,500 characters are left out]"
    assert len(result_block(CALL, "x" * 100_000)["content"]) == 100_000


def test_the_limit_is_for_all_texts_of_a_result() -> None:
    texts = [{"type": "text", "text": letter * 10} for letter in "abc"]

    assert [block["text"] for block in result_block(CALL, texts, limit=15)["content"]] == [
        "aaaaaaaaaa",
        "bbbbb\n[cut: 5 of 10 characters are left out]",
        "[cut: 10 of 10 characters are left out]",
    ]


def test_an_error_says_that_it_is_one() -> None:
    assert error_block(CALL, "no such city") == {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "content": "no such city",
        "is_error": True,
    }


@pytest.mark.parametrize("value", [object(), [object()], lambda: 1])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="serialize"):
        result_block(CALL, value)


@settings(deadline=None)
@given(JSON.filter(lambda value: not isinstance(value, str)))
def test_any_json_value_survives(value: Any) -> None:
    assert json.loads(result_block(CALL, value)["content"]) == value


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip))
def test_any_text_survives(text: str) -> None:
    assert result_block(CALL, text)["content"] == text


MAKERS: list[Callable[[], object]] = [
    lambda: "sunny",
    lambda: None,
    lambda: "",
    lambda: ["", Image(Pictures.new("RGB", (8, 8))), " "],
    lambda: [Document(b"Some text"), {"a": 1}],
    lambda: "x" * 200_000,
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_api_takes_every_result(make: Callable[[], object]) -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    body = {
        "model": "claude-haiku-5-5",
        "max_tokens": 100,
        "tools": [{"name": "look", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": "Look"},
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result_block(CALL, make())]},
        ],
    }
    headers = {"x-api-key": "test", "anthropic-version": "2026-10-21"}

    response = Emulator().respond("POST", "/v1/messages", headers, json.dumps(body).encode())

    assert response.status == 200, response.body


def test_halves_of_characters_are_replaced() -> None:
    call = ToolCall(id="toolu_1", name="read", input={})

    assert result_block(call, "caf\udce9")["content"] == "caf?"
    assert error_block(call, "caf\udce9")["content"] == "caf?"
