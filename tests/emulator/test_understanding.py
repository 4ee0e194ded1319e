"""What a request comes to is kept for the same request, and only where it depends on the request alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clarion.emulator import Emulator, understanding
from clarion.emulator.state import Profile

WORDS = [{"role": "user", "content": "Say it again"}]
DAY = 86_400.0


@pytest.fixture
def known() -> Callable[[], int]:
    """Return a function that tells how often a request was known since the test began."""
    understanding._kept.cache_clear()
    return lambda: understanding._kept.cache_info().hits


def test_the_same_request_is_known_and_gets_the_same_answer_with_an_id_of_its_own(
    api: Any, known: Callable[[], int]
) -> None:
    answers = [api.ask(messages=WORDS)[1] for _ in range(3)]

    assert known() == 2
    assert len({answer.pop("id") for answer in answers}) == 3
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "other",
    [
        {"messages": [{"role": "user", "content": "Say it once more"}]},
        {"max_tokens": 7},
        {"version": "2023-06-01"},
        {"betas": "files-api-2025-04-14"},
    ],
)
def test_another_request_is_not_known(api: Any, known: Callable[[], int], other: dict[str, Any]) -> None:
    api.ask(messages=WORDS)
    api.ask(**{"messages": WORDS} | other)

    assert known() == 0


def test_a_request_is_not_known_on_another_day_nor_for_counting(api: Any, known: Callable[[], int]) -> None:
    api.ask(messages=WORDS)
    api.emulator.clock.advance(DAY)
    api.ask(messages=WORDS)
    api.ask("/v1/messages/count_tokens", messages=WORDS, max_tokens=None)

    assert known() == 0


def test_emulators_of_other_profiles_look_for_themselves(known: Callable[[], int]) -> None:
    statuses = []
    profiles: tuple[Profile, ...] = ("contract", "strict")
    for profile in profiles:
        emulator = Emulator(profile=profile)
        body = b'{"model": "claude-none", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}'
        headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
        statuses.append(emulator.respond("POST", "/v1/messages", headers, body).status)

    assert statuses == [200, 404]
    assert known() == 0


def test_a_refused_request_is_refused_again(api: Any) -> None:
    assert api.refused(messages=[]) == api.refused(messages=[])


def test_large_requests_are_not_kept(api: Any, known: Callable[[], int]) -> None:
    for _ in range(2):
        api.ask(messages=[{"role": "user", "content": "x" * 10_000}])

    assert known() == 0


def test_a_file_is_looked_up_each_time(api: Any, known: Callable[[], int]) -> None:
    named = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}

    for _ in range(2):
        assert api.ask(messages=[{"role": "user", "content": [named]}])[0] == 404
    assert known() == 0


def test_calls_of_tools_have_ids_of_their_own(api: Any, known: Callable[[], int]) -> None:
    tool = {"name": "get_weather", "description": "d", "input_schema": {"type": "object", "properties": {}}}

    answers = [api.ask(messages=WORDS, tools=[tool], tool_choice={"type": "any"})[1] for _ in range(2)]

    assert known() == 1
    assert len({answer["content"][-1]["id"] for answer in answers}) == 2
