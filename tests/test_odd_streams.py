"""Odd but lawful streams: our client reads them as it reads any other."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.emulator.script import (
    blocks,
    duplicate,
    index_gap,
    out_of_order,
    say,
    unknown_block,
    unknown_delta,
    unknown_event,
)

PLAIN = say("one two three four five six")
ODDITIES = [
    duplicate(), duplicate("ping"), duplicate("message_stop"), unknown_event(), unknown_delta(), unknown_block(),
    unknown_block(first=True), index_gap(3), unknown_event() & unknown_delta() & duplicate(),
]  # fmt: skip


def streamed(claude: Any) -> tuple[str, Any]:
    with claude.stream("Hello", model="claude-haiku-4-5") as stream:
        text = "".join(stream)
    return text, stream.completion


@pytest.mark.parametrize("step", ODDITIES, ids=str)
def test_an_odd_stream_says_costs_and_ends_as_a_plain_one(claude: Any, emulator: Any, step: Any) -> None:
    emulator.add(PLAIN, PLAIN & step)
    plain_text, plain = streamed(claude)

    text, completion = streamed(claude)

    assert (text, completion.text) == (plain_text, plain.text)
    assert (completion.usage, completion.stop_reason) == (plain.usage, plain.stop_reason)
    assert len(completion.attempts) == 1


def test_blocks_come_in_the_order_of_their_indices(claude: Any, emulator: Any) -> None:
    two = [{"type": "text", "text": "first "}, {"type": "text", "text": "second"}]
    emulator.add(blocks(two) & out_of_order())

    _, completion = streamed(claude)

    assert completion.text == "first second"


def test_an_unknown_block_of_a_whole_answer_is_kept_and_read_over(claude: Any, emulator: Any) -> None:
    emulator.add(PLAIN & unknown_block(first=True))

    completion = claude.complete("Hello", model="claude-haiku-4-5")

    assert completion.text == "one two three four five six"
    assert completion.message.content[0].type == "future_block"
