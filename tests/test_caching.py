from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from clarion._caching import with_marks
from clarion._catalog import Catalog
from clarion._fit.draft import marked

MODEL = Catalog.load().models["claude-opus-5-5"]
MARK = {"type": "ephemeral"}
TOOLS = [{"name": "a", "input_schema": {}}, {"name": "b", "input_schema": {}}]
DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "long"}}
QUESTION = {"type": "text", "text": "Well?"}


def body(**fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}], **fields}


def plenty(_: Mapping[str, Any]) -> int:
    return 100_000


def test_the_ends_of_what_stays_the_same_are_marked() -> None:
    messages = [
        {"role": "user", "content": [DOCUMENT, DOCUMENT, QUESTION]},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": [DOCUMENT, QUESTION]},
    ]

    sent = with_marks(body(tools=TOOLS, system="Be brief.", messages=messages), True, MODEL, plenty)

    assert sent["tools"] == [TOOLS[0], {**TOOLS[1], "cache_control": MARK}]
    assert sent["system"] == [{"type": "text", "text": "Be brief.", "cache_control": MARK}]
    assert sent["messages"][0]["content"] == [DOCUMENT, {**DOCUMENT, "cache_control": MARK}, QUESTION]
    assert sent["messages"][1:] == messages[1:]
    assert sent["cache_control"] == MARK
    assert len(list(marked(sent))) == 4


def test_an_hour_is_said_in_every_mark() -> None:
    sent = with_marks(body(system="Be brief."), "1h", MODEL, plenty)

    assert [item["cache_control"] for item in marked(sent)] == [{"type": "ephemeral", "ttl": "1h"}] * 2


@pytest.mark.parametrize(
    "own", [{"cache_control": MARK}, {"system": [{"type": "text", "text": "x", "cache_control": MARK}]}]
)
def test_marks_of_ones_own_are_left_alone(own: dict[str, Any]) -> None:
    mine = body(tools=TOOLS, **own)

    assert with_marks(mine, True, MODEL, plenty) == mine


def test_a_prefix_that_is_too_short_to_be_cached_is_not_marked() -> None:
    def tokens(prefix: Mapping[str, Any]) -> int:
        return 600 if prefix.get("system") else 300

    sent = with_marks(body(tools=TOOLS, system="Be brief."), True, MODEL, tokens)

    assert sent["tools"] == TOOLS
    assert "cache_control" in sent["system"][0]


def test_without_the_switch_nothing_is_marked() -> None:
    assert with_marks(body(tools=TOOLS), False, MODEL, plenty) == body(tools=TOOLS)


def test_the_callers_own_body_is_never_written_to() -> None:
    mine = body(tools=TOOLS, system="Be brief.", messages=[{"role": "user", "content": [DOCUMENT]}])
    before = repr(mine)

    with_marks(mine, True, MODEL, plenty)

    assert repr(mine) == before


def test_the_second_call_reads_what_the_first_has_written(claude: Any) -> None:
    system = "Know this by heart. " * 200

    first = claude.complete("One?", system=system, cache=True)
    second = claude.complete("Two?", system=system, cache=True)

    assert first.usage.cache_creation_input_tokens > second.usage.cache_read_input_tokens > 1_000
    assert first.usage.cache_read_input_tokens == 0
    assert first.cost.saved < 0 < second.cost.saved
    assert second.usage.total_input_tokens == first.usage.total_input_tokens


def test_a_conversation_is_read_on_from_where_it_was(claude: Any) -> None:
    first = claude.complete("Know this by heart. " * 200, cache="1h")
    second = claude.complete([*first.messages, {"role": "user", "content": "And now?"}], cache="1h")

    assert second.usage.cache_read_input_tokens == first.usage.cache_creation_input_tokens
    assert 0 < second.usage.cache_creation_input_tokens < 500
