"""Fallbacks on the server: who answers in place of a model that refuses, and what is told and paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import anthropic
import pytest

from clarion import ClaudeService
from clarion._sdk import client
from clarion.emulator import Emulator
from clarion.emulator.prices import bill
from clarion.emulator.script import refusal, say

BETA = "server-side-fallback-2026-07-01"
ASK: dict[str, Any] = {
    "model": "claude-fable-5",
    "max_tokens": 300,
    "messages": [{"role": "user", "content": "How do locks work?"}],
    "betas": [BETA],
}


def sdk(*steps: Any) -> anthropic.Anthropic:
    return client(api_key=None, base_url=None, emulate=Emulator(script=list(steps)))


def test_the_first_fallback_that_does_not_refuse_answers() -> None:
    message = sdk(refusal("cyber")).beta.messages.create(**ASK, fallbacks=[{"model": "claude-opus-4-8"}])

    assert (message.model, message.stop_reason) == ("claude-opus-4-8", "end_turn")
    block = message.content[0].to_dict()
    assert block == {
        "type": "fallback",
        "from": {"model": "claude-fable-5"},
        "to": {"model": "claude-opus-4-8"},
        "trigger": {"type": "refusal", "category": "cyber"},
    }
    assert any(block.type == "text" for block in message.content[1:])


def test_each_attempt_is_told_and_the_totals_are_those_of_the_answer() -> None:
    message = sdk(refusal(after=2)).beta.messages.create(**ASK, fallbacks="default")

    usage = message.usage.to_dict()
    declined, served = usage["iterations"]
    assert (declined["type"], declined["model"]) == ("message", "claude-fable-5")
    assert (served["type"], served["model"]) == ("fallback_message", "claude-opus-4-8")
    for name in ("input_tokens", "output_tokens"):
        assert usage[name] == served[name]
    kinds = [block.type for block in message.content]
    assert kinds.index("text") < kinds.index("fallback") < len(kinds) - 1


def test_a_stream_tells_them_at_its_end() -> None:
    with sdk(refusal()).beta.messages.stream(**ASK, fallbacks=[{"model": "claude-opus-5"}]) as stream:
        starts = [event for event in stream if event.type == "message_start"]
        message = stream.get_final_message()

    assert "iterations" not in starts[0].message.usage.to_dict()
    assert [each.type for each in message.usage.iterations or ()] == ["message", "fallback_message"]
    assert message.content[0].type == "fallback"


def test_a_call_that_is_not_refused_knows_nothing_of_fallbacks() -> None:
    message = sdk(say("Pins.")).beta.messages.create(**ASK, fallbacks=[{"model": "claude-opus-5"}])

    assert message.model == "claude-fable-5"
    assert message.usage.iterations is None


def test_a_refusal_without_fallbacks_stays_one() -> None:
    assert sdk(refusal()).beta.messages.create(**ASK).stop_reason == "refusal"


def test_the_emulator_and_clarion_agree_on_what_all_attempts_cost() -> None:
    emulator = Emulator(script=[refusal(after=3)])
    claude = ClaudeService(emulate=emulator)

    options: Any = {"model": "claude-fable-5", "max_tokens": 300, "betas": [BETA]}
    completion = claude.complete("How do locks work?", fallbacks=[{"model": "claude-opus-5"}], **options)

    message = completion.replies[-1].message
    prices = {"claude-fable-5": (10, 50), "claude-opus-5": (5, 25)}
    paid = 0
    for each in message["usage"]["iterations"]:
        read, written = prices[each["model"]]
        paid += each["input_tokens"] * read + each["output_tokens"] * written
    assert completion.model == "claude-opus-5"
    assert completion.cost is not None
    assert completion.cost.total == bill(message) == Decimal(paid) / 1_000_000


@pytest.mark.parametrize("fallbacks", ["default", [{"model": "claude-opus-5"}]])
def test_if_all_refuse_it_is_a_refusal_that_tells_of_all(fallbacks: Any) -> None:
    magic = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
    message = sdk().beta.messages.create(
        **{**ASK, "messages": [{"role": "user", "content": magic}]}, fallbacks=fallbacks
    )

    assert (message.model, message.stop_reason, message.content) == ("claude-fable-5", "refusal", [])
    assert {each.type for each in message.usage.iterations or ()} == {"message"}
