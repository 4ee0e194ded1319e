"""A context that the API sums up at a threshold: what services count and pay, and how conversations go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clarion import repair, tool
from clarion.emulator import Emulator
from colours import Make
from test_conversation import talk

LONG = "The otter swims in the cold river. " * 4000  # over 50,000 tokens
EDIT = {"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 50_000}}
OPTIONS: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "betas": ["compact-2026-01-12"],
    "context_management": {"edits": [EDIT]},
}
PAUSING = OPTIONS | {"context_management": {"edits": [EDIT | {"pause_after_compaction": True}]}}


def kinds(content: Any) -> list[str]:
    return [block["type"] for block in content]


def test_the_summary_is_counted_and_paid_beside_the_answer(make_claude: Make, tmp_path: Path) -> None:
    emulator = Emulator()
    claude = make_claude(emulate=emulator, ledger=tmp_path / "usage.db")

    completion = claude.complete(LONG, **OPTIONS)

    response = emulator.requests[-1].response
    assert kinds(completion.content) == ["compaction", "thinking", "text"]
    assert completion.usage.total_input_tokens > 50_000 > 2_000 > response.usage["input_tokens"]
    (row,) = claude.ledger.usage(emulated=True)
    assert completion.cost.total == response.cost == row.cost > 0


@pytest.mark.parametrize("options", [OPTIONS, PAUSING], ids=["going on", "pausing"])
def test_a_stream_holds_the_same_summary(make_claude: Make, options: dict[str, Any]) -> None:
    claude = make_claude(emulate=True)

    with claude.stream(LONG, **options) as stream:
        streamed = stream.finish()

    whole = claude.complete(LONG, **options)
    assert kinds(streamed.content) == kinds(whole.content) == ["compaction", "thinking", "text"]
    assert streamed.content[0] == whole.content[0]
    assert streamed.usage == whole.usage


@pytest.mark.parametrize("options", [OPTIONS, PAUSING], ids=["going on", "pausing"])
def test_a_conversation_goes_on_behind_a_summary(make_claude: Make, options: dict[str, Any]) -> None:
    emulator = Emulator()
    chat = talk(make_claude(emulate=emulator), **options)
    chat.send(LONG)

    for question in ("And?", "And then?"):
        chat.send(question)

    assert all(turn.tokens < 2_000 for turn in chat.turns)
    assert emulator.requests[-1].json["messages"][0]["content"][0]["text"] == LONG
    assert emulator.verdict() == ()


def test_a_history_with_a_summary_in_it_is_healthy(make_claude: Make) -> None:
    chat = talk(make_claude(emulate=True), **OPTIONS)
    chat.send(LONG)
    chat.send("And?")

    repaired = repair(chat.messages, "claude-opus-5-5")

    assert repaired.is_healthy
    assert repaired.messages == chat.messages


@pytest.mark.parametrize("options", [OPTIONS, PAUSING], ids=["going on", "pausing"])
def test_a_turn_with_tools_goes_on_behind_a_summary(make_claude: Make, options: dict[str, Any]) -> None:
    @tool
    def get_weather(city: str) -> str:
        """Tell the weather."""
        return f"Rain in {city}. " * 3000

    emulator = Emulator()
    chat = talk(make_claude(emulate=emulator), **options, system=LONG[:100_000], tools=[get_weather])

    completion = chat.send("What is the weather in Oslo?")

    assert kinds(completion.content) == ["compaction", "thinking", "text"]
    assert len(emulator.requests) == (3 if options is PAUSING else 2)
    assert chat.send("Thanks").stop_reason == "end_turn"
