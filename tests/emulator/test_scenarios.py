"""Scenarios: which lane takes which step, how long, by which chance and in which state, and who has taken what."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clarion.emulator import Emulator
from clarion.emulator.scenario import Expect, Rule, Scenario
from clarion.emulator.script import error, error_event, ok, say

Statuses = list[int]


class Hour:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def play(api: Any) -> Any:
    """Return what plays rules on an emulator, and asks it by what was said first in the conversation."""

    def make(*rules: Any, **options: Any) -> Any:
        clock = Hour()
        asker = type(api)(Emulator(scenario=Scenario(rules=rules, **options), clock=clock))
        asker.clock = clock
        return asker

    return make


def statuses(asker: Any, times: int, first: str = "Hello", **headers: str) -> Statuses:
    body = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": first}]}
    return [asker.send("POST", "/v1/messages", body, **headers).status for _ in range(times)]


def message(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


def test_every_conversation_takes_the_steps_from_the_first(play: Any) -> None:
    api = play(Rule(steps=(error(529).times(2), error(500))))

    assert [statuses(api, 1, "A"), statuses(api, 2, "B"), statuses(api, 3, "A"), statuses(api, 2, "B")] == [
        [529],
        [529, 529],
        [529, 500, 200],
        [500, 200],
    ]


def test_a_conversation_stays_in_its_lane_as_it_grows_and_cache_marks_move(play: Any) -> None:
    api = play(Rule(steps=(ok(), error(500))))
    first = {"type": "text", "text": "Hello"}
    answer = {"role": "assistant", "content": "Hi."}

    api.ask(messages=[{"role": "user", "content": "Hello"}])
    marked = {"role": "user", "content": [first | {"cache_control": {"type": "ephemeral"}}]}
    status, _ = api.ask(messages=[marked, answer, {"role": "user", "content": "And?"}])

    assert status == 500


def test_the_lane_header_parts_conversations_that_begin_alike(play: Any) -> None:
    api = play(Rule(steps=(error(529),)))

    found = [statuses(api, 1, x_scenario_lane=lane)[0] for lane in ("one", "two", "one", "two")]

    assert found == [529, 529, 200, 200]


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        ("one", [529, 200, 200, 200]),
        ("key", [529, 529, 200, 200]),
        ("header:x-test", [529, 200, 529, 200]),
        ("model", [529, 200, 200, 200]),
    ],
)
def test_lanes_may_be_of_other_kinds(play: Any, lane: str, expected: Statuses) -> None:
    api = play(Rule(steps=(error(529),)), lane=lane)

    found = [
        statuses(api, 1, x_api_key=key, x_test=test)[0]
        for key, test in [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")]
    ]

    assert found == expected


def test_of_all_rules_the_first_that_has_a_step_for_a_call_wins(play: Any) -> None:
    api = play(
        error(503).when(text="Oslo").forever(),
        Rule(steps=(error(529), ok(), error(500))),
        error(504).forever(),
        lane="one",
    )

    found = [api.ask(**message(text))[0] for text in ("Lima", "oslo?", "Lima", "Oslo", "Lima", "Lima")]

    assert found == [529, 503, 200, 503, 500, 504]


def test_a_sequence_waits_at_a_step_that_a_call_does_not_fit(play: Any) -> None:
    api = play(Rule(steps=(error(529).when(text="go"), error(500))), lane="one")

    assert [api.ask(**message(text))[0] for text in ("stay", "go", "stay", "stay")] == [200, 529, 500, 200]


def test_a_repeated_rule_begins_again(play: Any) -> None:
    api = play(Rule(steps=(ok(), error(529)), is_repeated=True))

    assert statuses(api, 5) == [200, 529, 200, 529, 200]


def test_a_repeated_rule_whose_time_is_over_ends(play: Any) -> None:
    api = play(Rule(steps=(error(529).between(0, 10),), is_repeated=True))
    before = statuses(api, 2)
    api.clock.now = 11

    assert (before, statuses(api, 2)) == ([529, 529], [200, 200])


def test_an_overload_lasts_by_the_emulators_clock_from_the_first_call_that_meets_it(play: Any) -> None:
    api = play(Rule(steps=(ok(), error(529).lasting(120), error(500))))
    api.clock.now = 50
    found = statuses(api, 2)

    for now in (169, 170, 171):
        api.clock.now = now
        found += statuses(api, 1)

    assert found == [200, 529, 529, 500, 200]


def test_the_clock_of_the_emulator_may_be_moved_past_an_overload(play: Any) -> None:
    api = play(error(529).lasting(120))
    before = statuses(api, 3)

    api.emulator.clock.advance(120)

    assert (before, statuses(api, 1)) == ([529] * 3, [200])


def test_a_window_is_the_same_for_all_lanes(play: Any) -> None:
    api = play(error(529).between(30, 60))
    found = []
    for now, lane in [(0, "A"), (29, "B"), (30, "A"), (31, "C"), (59, "B"), (60, "A"), (61, "D")]:
        api.clock.now = now
        found += statuses(api, 1, lane)

    assert found == [200, 200, 529, 529, 529, 200, 200]


def test_the_seed_and_the_lane_alone_decide_which_calls_meet_a_fault(play: Any) -> None:
    first, again, other = (play(error(529).sometimes(0.2), seed=seed) for seed in (7, 7, 8))

    alone = statuses(first, 400, "A")
    among = [statuses(again, 1, lane)[0] for _ in range(400) for lane in ("B", "A", "C")][1::3]

    assert alone == among
    assert alone != statuses(other, 400, "A")
    assert 50 < alone.count(529) < 110


def test_calls_that_a_chance_lets_by_go_on_to_the_next_rule(play: Any) -> None:
    api = play(error(529).sometimes(0.5), error(500).forever())

    assert set(statuses(api, 60)) == {529, 500}


def test_a_chance_may_have_an_end(play: Any) -> None:
    api = play(error(529).sometimes(0.5).times(3))

    assert statuses(api, 60).count(529) == 3


def test_a_fault_may_come_once_a_lane_has_used_its_tokens(play: Any) -> None:
    api = play(error(429).after_tokens(120).forever())

    def usage() -> int:
        status, body = api.ask(**message("Hello"))
        return body["usage"]["input_tokens"] + body["usage"]["output_tokens"] if status == 200 else 0

    used = [usage() for _ in range(6)]

    calls = used.index(0)
    assert sum(used[: calls - 1]) < 120 <= sum(used[:calls])
    assert used[calls:] == [0] * (6 - calls)
    assert statuses(api, 1, "another conversation") == [200]


def test_states_lead_from_step_to_step(play: Any) -> None:
    api = play(
        error(529).when(text="work").requires(server="down").forever(),
        ok().when(text="start").sets(server="up").forever(),
        ok().when(text="stop").sets(server="down").forever(),
        error(503).when(text="work").requires(server="start").forever(),
        lane="one",
    )

    found = [api.ask(**message(text))[0] for text in ("work", "start", "work", "stop", "work", "work", "start", "work")]

    assert found == [503, 200, 200, 200, 529, 529, 200, 200]


TOOL = {"name": "get_weather", "description": "Weather", "input_schema": {"type": "object", "properties": {}}}
CALLED = [
    {"role": "user", "content": "Weather in Oslo?"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "Rain"}]},
]
AFTERWARDS = [*CALLED, {"role": "assistant", "content": "Rain."}, {"role": "user", "content": "And Lima?"}]


@pytest.mark.parametrize(
    ("condition", "fits", "passes"),
    [
        ({"model": "claude-opus-*"}, {"model": "claude-opus-4-8"}, {}),
        ({"text": "weather in"}, {"messages": CALLED[:1]}, {"messages": AFTERWARDS}),
        ({"pattern": r"^And \w+\?$"}, {"messages": AFTERWARDS}, {"messages": CALLED}),
        ({"system": "reviewer"}, {"system": "You are a Reviewer."}, {}),
        ({"tool": "get_*"}, {"tools": [TOOL]}, {"tools": [TOOL | {"name": "put"}]}),
        ({"result": True}, {"messages": CALLED, "tools": [TOOL]}, {"messages": AFTERWARDS, "tools": [TOOL]}),
        ({"result": False}, {"messages": AFTERWARDS, "tools": [TOOL]}, {"messages": CALLED, "tools": [TOOL]}),
        ({"result": "get_weather"}, {"messages": CALLED, "tools": [TOOL]}, {}),
        ({"turn": 2}, {"messages": AFTERWARDS, "tools": [TOOL]}, {"messages": CALLED, "tools": [TOOL]}),
        ({"turn": "2-"}, {"messages": AFTERWARDS, "tools": [TOOL]}, {}),
        ({"version": "2023-06-01"}, {"version": "2023-06-01"}, {}),
    ],
)
def test_a_step_finds_the_calls_it_is_for(play: Any, condition: Any, fits: Any, passes: Any) -> None:
    api = play(error(529).when(**condition).forever(), lane="one")

    assert api.ask(**fits)[0] == 529
    assert api.ask(**passes)[0] != 529


def test_an_image_is_seen_in_the_newest_message_only(play: Any, image: Any) -> None:
    api = play(error(529).when(image=True).forever())
    shown = [{"role": "user", "content": [image()]}]

    assert api.ask(messages=shown)[0] == 529
    assert api.ask(messages=[*shown, {"role": "assistant", "content": "A"}, {"role": "user", "content": "B"}])[0] == 200


def test_headers_keys_and_call_numbers_are_conditions_too(play: Any) -> None:
    api = play(
        error(529).when(header={"X-Team": "search*"}).forever(),
        error(403).when(key="sk-old-*").forever(),
        error(500).when(call="3-4").forever(),
        lane="one",
    )

    assert statuses(api, 1, x_team="search-2") == [529]
    assert statuses(api, 1, x_api_key="sk-old-1") == [403]
    assert statuses(api, 3) == [500, 500, 200]


def test_call_numbers_are_counted_route_by_route(play: Any) -> None:
    api = play(error(500).when(call=2).forever())
    counted = [api.ask("/v1/messages/count_tokens", max_tokens=None)[0] for _ in range(3)]

    assert (counted, statuses(api, 2)) == ([200] * 3, [200, 500])


@pytest.mark.parametrize("written", [0, -1, "5-2", "x", "", True, "1-2-3"])
def test_numbers_that_are_none_are_refused(written: Any) -> None:
    with pytest.raises(ValueError, match=r"no number or range|ends before"):
        ok().when(call=written)


def test_accounts_tell_who_has_taken_what(play: Any) -> None:
    api = play(Rule(steps=(error(529).times(2), say("Hi")), name="storm"), error(500).when(model="nobody"))
    statuses(api, 3, x_scenario_lane="A")
    statuses(api, 1, x_scenario_lane="B")

    found = [(str(each.step), each.rule, each.taken, each.lanes) for each in api.emulator.accounts]

    assert found == [
        ("error(529)", "storm", 3, {"A": 2, "B": 1}),
        ("say('Hi', 'end_turn')", "storm", 1, {"A": 1}),
        ("error(500)", "rule 2", 0, {}),
    ]
    assert [str(step) for step in api.emulator.unused] == ["error(500)"]


def test_a_fault_that_never_came_fails_the_check(play: Any) -> None:
    api = play(error(529), error_event().when(stream=True))
    statuses(api, 2)

    with pytest.raises(AssertionError, match="no call has taken error_event"):
        api.emulator.assert_all_consumed()


def test_a_lane_that_stops_half_way_fails_the_check_by_name(play: Any) -> None:
    api = play(Rule(steps=(error(529).times(3), ok())))
    statuses(api, 4, x_scenario_lane="patient")
    statuses(api, 2, x_scenario_lane="hasty")

    with pytest.raises(AssertionError, match="lane 'hasty' has stopped before error") as raised:
        api.emulator.assert_all_consumed()
    assert "patient" not in str(raised.value)


def test_a_scenario_that_was_met_to_its_end_passes_the_check(play: Any) -> None:
    api = play(Rule(steps=(error(529).times(2), error(500).forever())))
    statuses(api, 5, "A")
    statuses(api, 3, "B")

    api.emulator.assert_all_consumed()


def test_threads_take_every_step_of_a_lane_exactly_once(play: Any) -> None:
    api = play(Rule(steps=(error(529).times(40), error(429).times(40))), lane="one")

    with ThreadPoolExecutor(16) as pool:
        found = Counter(pool.map(lambda _: statuses(api, 1)[0], range(100)))

    assert found == {529: 40, 429: 40, 200: 20}


def test_a_rule_with_a_step_behind_one_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match=r"error\(500\) is never reached"):
        Rule(steps=(error(529).forever(), error(500)))


def test_what_is_neither_a_step_nor_a_rule_is_refused_by_its_value() -> None:
    words: Any = ["overloaded"]

    with pytest.raises(TypeError, match="not 'overloaded'"):
        Emulator(script=words)


def test_a_script_and_a_scenario_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="a script or a scenario"):
        Emulator(script=[ok()], scenario=Scenario(rules=[ok()]))


def test_another_scenario_may_be_begun_and_the_first_is_forgotten(play: Any) -> None:
    api = play(error(529).forever())
    before = statuses(api, 2)

    api.emulator.play(Scenario(rules=[error(500)]))

    assert (before, statuses(api, 2)) == ([529, 529], [500, 200])


@pytest.mark.parametrize(
    "change", [{"times": 0}, {"lasting": 0}, {"sometimes": 0}, {"sometimes": 2}, {"after_tokens": -1}]
)
def test_spans_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    [(method, value)] = change.items()
    with pytest.raises(ValueError, match=r"not|negative"):
        getattr(error(529), method)(value)


def test_a_window_that_closes_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="a window"):
        error(529).between(5, 5)


def expecting(api: Any, **expect: Any) -> Any:
    scenario = Scenario(rules=[Rule(steps=(error(529), error(403), ok()))], expect=Expect(**expect), lane="one")
    asker = type(api)(Emulator(scenario=scenario, clock=lambda: 0.0))
    for wait in (0, 1, 2, 3):
        asker.emulator.clock.advance(wait)
        statuses(asker, 1)
    return asker.emulator


@pytest.mark.parametrize(
    ("expect", "missed"),
    [
        ({"clean": True}, "hopeless-retry: a 403 was retried with the same request (calls 2, 3;"),
        ({"max_attempts": 2}, "max_attempts: one request was tried 3 times, not 2 at most (calls 1, 2, 3)"),
        ({"min_gap": 1.5}, "min_gap: a retry came after 1.000 s, not 1.5 s at least (calls 1, 2)"),
    ],
)
def test_what_is_expected_and_does_not_hold_is_told_with_its_calls(api: Any, expect: Any, missed: str) -> None:
    with pytest.raises(AssertionError) as raised:
        expecting(api, **expect).assert_expected()

    assert missed in str(raised.value)


@pytest.mark.parametrize(
    "expect",
    [{}, {"clean": True, "allow": ("hopeless-retry",)}, {"max_attempts": 3}, {"min_gap": 1}, {"all_consumed": True}],
)
def test_what_is_expected_and_holds_passes(api: Any, expect: Any) -> None:
    expecting(api, **expect).assert_expected()


def test_steps_that_were_not_taken_are_told_where_all_are_expected(api: Any) -> None:
    emulator = expecting(api, all_consumed=True)
    emulator.add(error(500).when(model="nobody"))

    with pytest.raises(AssertionError, match=r"no call has taken error\(500\)"):
        emulator.assert_expected()
