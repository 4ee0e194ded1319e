"""Calls that are several: what `usage.iterations` tells is counted and paid, each part at the price of its model."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clarion import Catalog, Cost, Usage
from clarion._cost import Unpriced, cost_of_message
from clarion.emulator import Emulator
from clarion.emulator.script import refusal
from clarion.emulator.script import usage as used
from colours import Make
from test_conversation import talk

CATALOG = Catalog.load()


def iteration(kind: str, fresh: int, out: int, *, read: int = 0, written: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "input_tokens": fresh,
        "output_tokens": out,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        **more,
    }


COMPACTED = {
    "input_tokens": 23_000,
    "output_tokens": 1_000,
    "output_tokens_details": {"thinking_tokens": 400},
    "server_tool_use": {"web_search_requests": 2},
    "iterations": [iteration("compaction", 180_000, 3_500), iteration("message", 23_000, 1_000)],
}  # the totals leave the compaction out
FALLEN_BACK = {
    "input_tokens": 1_000,
    "output_tokens": 500,
    "iterations": [
        iteration("message", 1_000, 20, model="claude-fable-5-2"),
        iteration("fallback_message", 1_000, 500, model="claude-opus-5"),
    ],
}
ADVISED = {
    "input_tokens": 2_000,
    "output_tokens": 300,
    "iterations": [
        iteration("message", 1_000, 100),
        iteration("advisor_message", 1_500, 700, model="claude-opus-5-5"),
        iteration("message", 1_000, 200),
    ],
}
TOOL_LOOP = {
    "input_tokens": 300,
    "output_tokens": 90,
    "cache_read_input_tokens": 50,
    "iterations": [iteration("message", 100, 40), iteration("message", 200, 50, read=50)],
}


def cost(model: str, usage: dict[str, Any], **message: Any) -> Decimal:
    found = cost_of_message({"model": model, "content": [{"type": "text"}], "usage": usage, **message}, CATALOG)
    assert isinstance(found, Cost)
    return found.total


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [(COMPACTED, (203_000, 4_500)), (FALLEN_BACK, (2_000, 520)), (ADVISED, (3_500, 1_000)), (TOOL_LOOP, (350, 90))],
)
def test_all_parts_are_counted(usage: dict[str, Any], tokens: tuple[int, int]) -> None:
    read = Usage.of(usage)

    assert (read.total_input_tokens, read.output_tokens) == tokens


def test_what_only_the_totals_tell_is_kept() -> None:
    read = Usage.of(COMPACTED)

    assert (read.thinking_tokens, read.web_search_requests) == (400, 2)


def test_a_compaction_is_paid_beside_the_answer() -> None:
    million = Decimal(1_000_000)

    assert cost("claude-opus-5-5", COMPACTED) == (203_000 * 4 + 4_500 * 20) / million + Decimal("0.02")


def test_each_part_is_paid_at_the_price_of_its_model() -> None:
    million = Decimal(1_000_000)

    assert cost("claude-opus-5", FALLEN_BACK) == (1_000 * 8 + 20 * 40 + 1_000 * 5 + 500 * 25) / million
    assert cost("claude-haiku-4-5-20251001", ADVISED) == (2_000 * 1 + 300 * 5 + 1_500 * 4 + 700 * 20) / million


def test_what_the_call_was_served_as_holds_for_all_its_parts() -> None:
    assert (
        cost("claude-opus-5-5", {**COMPACTED, "service_tier": "batch"}) - Decimal("0.02")
        == (cost("claude-opus-5-5", COMPACTED) - Decimal("0.02")) / 2
    )


def test_a_part_without_a_known_price_leaves_the_cost_unknown() -> None:
    usage = {**FALLEN_BACK, "iterations": [iteration("message", 1, 1, model="claude-unheard-of")]}

    assert isinstance(cost_of_message({"model": "claude-opus-5", "content": [], "usage": usage}, CATALOG), Unpriced)


def test_a_refusal_before_any_output_is_free() -> None:
    usage = {"input_tokens": 1_000, "output_tokens": 1}

    assert cost("claude-opus-5-5", usage, content=[], stop_reason="refusal") == 0
    assert cost("claude-opus-5-5", usage, stop_reason="refusal") > 0


def test_how_long_the_context_is_is_told_by_the_last_answer() -> None:
    assert Usage.of_context(COMPACTED).total_input_tokens == 23_000
    assert Usage.of_context(TOOL_LOOP).total_input_tokens == 250
    assert Usage.of_context({"input_tokens": 7}).total_input_tokens == 7


def test_a_completion_its_ledger_and_its_conversation_count_all_parts(make_claude: Make, tmp_path: Path) -> None:
    claude = make_claude(emulate=Emulator(script=[used(COMPACTED)] * 2), ledger=tmp_path / "usage.db")

    completion = claude.complete("Hi")
    chat = talk(claude)
    chat.send("Hi")

    assert completion.usage.total_input_tokens == chat.usage.total_input_tokens == 203_000
    assert completion.cost.total == chat.cost.total == cost("claude-opus-5-5", COMPACTED)
    (row,) = claude.ledger.usage(emulated=True)
    assert row.cost == 2 * completion.cost.total
    assert (row.input_tokens, row.output_tokens, row.searches) == (406_000, 9_000, 4)
    assert chat.turns[-1].tokens == 24_000


def test_a_stream_tells_its_parts_at_its_end(make_claude: Make) -> None:
    with make_claude(emulate=Emulator(script=[used(COMPACTED)])).stream("Hi") as stream:
        completion = stream.finish()

    assert completion.usage.total_input_tokens == 203_000


def test_a_refusal_is_recorded_with_its_tokens_and_no_cost(make_claude: Make, tmp_path: Path) -> None:
    claude = make_claude(emulate=Emulator(script=[refusal()]), ledger=tmp_path / "usage.db")

    with pytest.raises(Exception, match="refused"):
        claude.complete("Hi")

    (row,) = claude.ledger.usage(emulated=True)
    assert (row.cost, row.unpriced) == (0, 0)
    assert row.input_tokens > 0
