"""The scenarios that come with the emulator: our client gets through each of them, or fails with a name."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import anthropic
import pytest

from clarion import ClaudeConfig, RefusalError, RetryPolicy, tool
from clarion.emulator import Emulator
from clarion.emulator.scenario import Scenario
from colours import Make

SPEED = 600
SEARCH = {"type": "web_search_20250305", "name": "web_search"}
FAILS: dict[tuple[str, bool], type[Exception]] = {  # by name, and whether it is streamed
    ("spend-cap", False): anthropic.RateLimitError,
    ("spend-cap", True): anthropic.RateLimitError,
    ("refusals", True): RefusalError,  # text was shown, and another model's answer is no rest of it
}
NOT_MET = {("flaky-streams", False), ("retired-tomorrow", False), ("retired-tomorrow", True)}


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@pytest.fixture
def player(make_claude: Make) -> Any:
    """Return what makes an emulator that plays a ready scenario, and a service on it."""

    def make(name: str) -> tuple[Any, Emulator]:
        emulator = Emulator(scenario=Scenario.load(name, speed=SPEED))
        fallback_models = ("claude-opus-4-7",)
        retry = RetryPolicy(attempts=14, base=1 / SPEED, cap=60 / SPEED, overloads=14, fallback_models=fallback_models)
        config = ClaudeConfig(model="claude-opus-4-8", max_tokens=4000, retry=retry, stall_timeout=0.2)
        return make_claude(emulate=emulator, config=config), emulator

    return make


def take_turn(claude: Any, number: int, *, streams: bool) -> None:
    prompt = f"What is {number} + {number}, and what is new in Oslo?"
    if not streams:
        assert claude.complete(prompt, tools=[add, SEARCH], thinking="low").text
        return
    with claude.stream(prompt, tools=[add, SEARCH], thinking="low") as stream:
        shown = "".join(stream)
    assert shown.endswith(stream.completion.text)
    assert stream.completion.text


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", Scenario.ready())
def test_turns_finish_or_fail_with_a_name_in_every_ready_scenario(player: Any, name: str, streams: bool) -> None:
    claude, emulator = player(name)
    fails = FAILS.get((name, streams))

    with pytest.raises(fails) if fails else contextlib.nullcontext():
        for number in range(6):
            take_turn(claude, number, streams=streams)

    emulator.assert_expected()
    assert any(exchange.step for exchange in emulator.requests) is ((name, streams) not in NOT_MET)


def test_a_model_that_is_retired_overnight_is_told_by_its_name(player: Any) -> None:
    claude, emulator = player("retired-tomorrow")
    take_turn(claude, 1, streams=False)

    emulator.clock.advance(86_400 / SPEED)

    with pytest.raises(anthropic.NotFoundError, match="model: claude-opus-4-8"):
        take_turn(claude, 2, streams=False)


def test_every_ready_scenario_is_documented_and_says_what_it_is_about() -> None:
    page = (Path(__file__).parents[1] / "docs/scenarios.md").read_text("utf-8").partition("## Ready scenarios")[2]

    assert re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE) == list(Scenario.ready())
    for name in Scenario.ready():
        assert Scenario.load(name).name == name
        assert Scenario.load(name).about.endswith(".")
