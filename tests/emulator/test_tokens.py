"""The offline token estimate: its averages, and what the rest of the emulator relies on."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator import models
from clarion.emulator.seal import Seal
from clarion.emulator.tokens import count, prefix_length

ENGLISH = (
    "The committee met on Tuesday to discuss the budget for the coming year. After a long debate, most members agreed "
    "that the library should stay open in the evenings, although nobody could say who would pay for it. "
)
PYTHON = (
    "def total(rows: list[Row], *, tax: float = 0.2) -> float:\n"
    '    """Return the sum of all rows."""\n'
    "    result = 0.0\n"
    "    for row in rows:\n"
    "        if row.price is not None:\n"
    "            result += row.price * (1 + tax)\n"
    "    return result\n"
)
JSON = '{"id":1042,"name":"Ann","active":true,"tags":["a","b"],"price":12.5,"address":{"city":"Oslo","zip":"0150"}}'
CHINESE = "今天天气很好我们去公园散步然后回家吃饭"
TOKENIZERS = st.sampled_from(["old", "new"])


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [(ENGLISH, 3.72, 2.76), (PYTHON, 3.4, 2.6), (JSON, 2.46, 1.74), (CHINESE, 1.07, 1.07)],
    ids=["English", "Python", "JSON", "Chinese"],
)
def test_characters_per_token_are_near_the_measured_averages(text: str, old: float, new: float) -> None:
    assert len(text) / count(text, "old") == pytest.approx(old, rel=0.1)
    assert len(text) / count(text, "new") == pytest.approx(new, rel=0.1)


def test_the_new_tokenizer_needs_about_a_third_more_for_english() -> None:
    assert 1.25 < count(ENGLISH * 10, "new") / count(ENGLISH * 10, "old") < 1.45


def test_nothing_costs_nothing() -> None:
    assert count("", "new") == 0


@given(st.text(), st.text(), TOKENIZERS)
def test_a_longer_text_never_costs_less(head: str, tail: str, tokenizer: str) -> None:
    assert count(head, tokenizer) <= count(head + tail, tokenizer)


@given(st.text(min_size=1), st.integers(min_value=0, max_value=50), TOKENIZERS)
def test_a_prefix_is_the_longest_that_fits(text: str, limit: int, tokenizer: str) -> None:
    length = prefix_length(text, limit, tokenizer)

    assert count(text[:length], tokenizer) <= limit
    assert length == len(text) or count(text[: length + 1], tokenizer) > limit


def test_four_megabytes_are_counted_in_less_than_a_second() -> None:
    start = time.process_time()

    count("word " * 800_000, "new")

    assert time.process_time() - start < 1.0


def counted(api: Any, **fields: Any) -> int:
    status, body = api.ask("/v1/messages/count_tokens", max_tokens=None, **fields)
    assert status == 200, body
    found: int = body["input_tokens"]
    return found


@pytest.mark.parametrize(("model", "auto", "forced"), [("claude-opus-5", 286, 406), ("claude-sonnet-4-6", 497, 589)])
def test_tools_cost_their_hidden_prompt(api: Any, model: str, auto: int, forced: int) -> None:
    tool = {"name": "a", "input_schema": {"type": "object"}}
    plain = counted(api, model=model)

    offered = counted(api, model=model, tools=[tool])
    demanded = counted(api, model=model, tools=[tool], tool_choice={"type": "any"})

    assert auto < offered - plain < auto + 60
    assert demanded - offered == forced - auto


@pytest.mark.parametrize(("model", "is_kept"), [("claude-haiku-4-5", False), ("claude-opus-4-5", True)])
def test_thinking_of_earlier_turns_counts_where_the_model_keeps_it(api: Any, model: str, is_kept: bool) -> None:
    found = models.find(model)
    assert found is not None
    signature = Seal.of(found.id, ENGLISH * 5, count(ENGLISH * 5, "old"), None).signature
    thinking = {"type": "thinking", "thinking": ENGLISH * 5, "signature": signature}
    answer = {"type": "text", "text": "Yes."}
    user = {"role": "user", "content": "Hello"}

    without = counted(api, model=model, messages=[user, {"role": "assistant", "content": [answer]}, user])
    with_it = counted(api, model=model, messages=[user, {"role": "assistant", "content": [thinking, answer]}, user])

    assert with_it - without == (count(ENGLISH * 5, "old") if is_kept else 0)


def test_every_part_of_a_prompt_adds_to_it(api: Any, image: Any) -> None:
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": ENGLISH}}
    call = {"type": "tool_use", "id": "t1", "name": "a", "input": {"city": "Oslo"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": ENGLISH}
    parts: list[dict[str, Any]] = [
        {},
        {"system": ENGLISH},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, image(280, 280)]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}, document]}]},
        {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": [call]},
                      {"role": "user", "content": [result]}]},
    ]  # fmt: skip

    base, *more = (counted(api, **part) for part in parts)

    assert more[0] - base == count(ENGLISH, "new")
    assert more[1] - base == 100
    assert more[2] - base == count(ENGLISH, "new")
    assert more[3] - base > count(ENGLISH, "new") + count("Oslo", "new")
