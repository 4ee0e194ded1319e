"""Answers that go on from text put into the model's mouth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator.answer.prefill import onward

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 999) | st.text(alphabet='ab"\\{}[]: ', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='ab"', max_size=3), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict | list))


@given(value=VALUES, data=st.data())
def test_any_beginning_of_json_is_brought_to_its_end(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    begun = text[: data.draw(st.integers(1, len(text)))]

    json.loads(begun + onward(begun, ""))


@pytest.mark.parametrize("words", ["", "Here it is: "])
@pytest.mark.parametrize("begun", ["{", "[", '{"a": [1, {"b": "x', '{"name":'])
def test_json_is_completed_by_a_model_that_takes_a_prefill(api: Any, words: str, begun: str) -> None:
    messages = [{"role": "user", "content": "As JSON"}, {"role": "assistant", "content": words + begun}]

    _, body = api.ask(model="claude-haiku-4-5", messages=messages)

    json.loads(begun + body["content"][0]["text"])


def test_other_text_goes_on_with_an_account(api: Any) -> None:
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "The answer is"}]

    _, body = api.ask(model="claude-haiku-4-5", messages=messages, stop_sequences=["received"])

    assert body["content"][0]["text"].startswith(" [emulated] ")
    assert body["stop_sequence"] == "received"
