"""Scenarios in YAML: they are what Python would make, and what is wrong in them is told with its line and column."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator import Emulator, script
from clarion.emulator.pace import Pace
from clarion.emulator.scenario import Expect, Problem, Rule, Scenario, ScenarioError
from clarion.emulator.scenario.reading import SPAN, WHEN
from clarion.emulator.scenario.verbs import VERBS
from clarion.emulator.script import call, cut, error, error_event, ok, say, slow, stall
from clarion.emulator.script.span import Span


def rules_of(text: str, **options: Any) -> list[Rule]:
    return list(Scenario.parse(text, **options).rules)  # type: ignore[arg-type] # a scenario makes rules of its steps


def test_a_file_is_the_scenario_that_python_would_make() -> None:
    text = """
scenario: overload
about: Two minutes.
seed: 7
lane: {header: x-test}
when: {route: messages, stream: true, model: "claude-*"}
steps:
  - {for: 2m, do: {error_event: {after: 3, type: api_error}}}
  - {times: 2, rate: {p: 0.5}, do: {error: {status: 429, retry_after: 250ms}}}
  - ok
expect: {clean: true, allow: [no-back-off], max_attempts: 6, min_gap: 250ms, all_consumed: true}
rules:
  - {name: hotel, when: {text: Oslo}, between: [30s, 1h], do: {say: rain, cut: 2}}
  - {times: 3, require: {server: down}, set: {server: up}, do: [{say: a}, {slow: {first_token: 1s}}]}
  - do: {call: {name: add, input: {a: 1, b: [2, 3]}}}
  - steps: [{do: {error: 529}, after_tokens: 500}, {do: ok, forever: true}]
    when: {turn: "2-", result: true}
    repeat: false
"""
    expected = Scenario(
        name="overload",
        about="Two minutes.",
        seed=7,
        lane="header:x-test",
        expect=Expect(clean=True, allow=("no-back-off",), max_attempts=6, min_gap=0.25, all_consumed=True),
        rules=[
            Rule(steps=((say("rain") & cut(2)).when(text="Oslo").between(30, 3600).forever(),), name="hotel"),
            (say("a") & slow(first_token=1)).requires(server="down").sets(server="up").times(3),
            call("add", {"a": 1, "b": [2, 3]}).forever(),
            Rule(steps=tuple(
                step.when(turn="2-", result=True)
                for step in (error(529).after_tokens(500), ok().forever())
            )),
            Rule(steps=tuple(
                step.when(route="messages", stream=True, model="claude-*")
                for step in (
                    error_event(3, type="api_error").lasting(120),
                    error(429, retry_after=0.25).times(2).sometimes(0.5),
                    ok(),
                )
            ), name="steps"),
        ],
    )  # fmt: skip

    assert Scenario.parse(text) == expected


def test_json_is_read_too_and_a_file_lends_its_name(tmp_path: Path) -> None:
    path = tmp_path / "storm.json"
    path.write_text(json.dumps({"steps": [{"do": {"error": 529}, "times": 2}]}))

    assert Scenario.load(path).name == "storm"
    assert Emulator(scenario=path).unused == (error(529).times(2),)


def test_time_may_go_faster_than_written() -> None:
    text = """
steps:
  - {for: 60s, do: {error: {status: 429, retry_after: 30s}, hang: 3}}
  - do: {slow: {tokens_per_second: 5}}
"""

    [rule] = rules_of(text, speed=60)
    first, second = rule.steps

    assert first.span == Span(lasting=1)
    assert first.wait == 0.05
    assert first.reply == error(429, retry_after=0.5).reply
    assert second.pace == Pace(0, 300, 0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("steps:\n  - do: {eror: 529}", "2:10: there is no verb 'eror'; did you mean 'error'?"),
        ("steps:\n  - do: exlpode", "2:9: there is no verb 'exlpode'; there are bad_tool_json, blocks, body, "),
        ("step: [ok]", "1:1: there is no key of a scenario 'step'; did you mean 'steps'?"),
        ("steps:\n  - {time: 3, do: ok}", "2:6: there is no key of a step 'time'; did you mean 'times'?"),
        ("when: {modle: x}\nsteps: [ok]", "1:8: there is no condition 'modle'; did you mean 'model'?"),
        ("steps:\n  - do:\n      error: {status: 529, retry-after: 3}",
         "3:28: there is no value of error 'retry-after'; did you mean 'retry_after'?"),
        ("steps: [{do: {error: '529'}}]", "1:22: this must be a whole number, not '529'"),
        ("steps: [{do: {error: 200}}]", "1:15: an error has a status from 400 to 599, not 200"),
        ("steps: [{do: error}]", "1:14: error needs status"),
        ("steps: [{do: {ok: 3}}]", "1:19: ok takes no value"),
        ("steps: [{do: {say: a, empty: }}]", "1:14: say('a', 'end_turn') and empty() cannot be one step"),
        ("steps: [{do: {hang: 2 weeks}}]", "1:21: this must be a time, such as 250ms"),
        ("steps: [{for: .inf, do: ok}]", "1:15: this must be a time"),
        ("steps: [{times: 0, do: ok}]", "1:9: a step is taken once or more, not 0 times"),
        ("steps: [{rate: 20, do: ok}]", "1:16: this must be a chance above 0 and at most 1, not 20"),
        ("steps: [{between: [5s], do: ok}]", "1:19: a window has two times"),
        ("steps: [{between: [5s, 2s], do: ok}]", "1:9: a window opens at 0 or later and closes after that"),
        ("steps: [{times: 2}]", "1:9: a step says what to do, under the key 'do'"),
        ("steps: [{rate: 0.5, do: {error: 529}}, ok]", "1:8: ok() is never reached: error(529) before it has no end"),
        ("steps: []", "1:8: there is no step in it"),
        ("steps: [{do: {}}]", "1:14: there is no verb in it"),
        ("steps: [{do: [[], ok]}]", "1:15: there is no verb in it"),
        ("steps: ok", "1:8: this must be a list, not 'ok'"),
        ("- ok", "1:1: this must be a mapping, not a list"),
        ("seed: 3", "1:1: a scenario has rules, steps or models"),
        ("models: {claude-opus-48: {retires: 1d}}", "1:10: there is no model 'claude-opus-48'; did you mean '"),
        ("models: {claude-opus-4-8: {ends: 1d}}", "1:28: there is no key of a model 'ends'; there are retires"),
        ("expect: {allow: [no-backoff]}", "1:18: there is no finding 'no-backoff'; did you mean 'no-back-off'?"),
        ("lane: team\nsteps: [ok]", "1:7: there is no lane 'team'; lanes: session, key, model, one, or header:NAME"),
        ("when: {route: message}\nsteps: [ok]", "1:15: this must be one of messages, count_tokens, models"),
        ("when: {route: models}\nsteps: [{do: {say: a}}]", "2:8: say('a', 'end_turn'): only a call of 'messages'"),
        ("when: {pattern: '('}\nsteps: [ok]", "1:17: this is no regular expression: "),
        ("when: {call: 4-2}\nsteps: [ok]", "1:14: the range '4-2' ends before it begins"),
        ("when: {stream: maybe}\nsteps: [ok]", "1:16: this must be true or false, not 'maybe'"),
        ("steps: [{do: {calls: [{tool: add}]}}]", "1:23: a tool call has a name and an input"),
        ("seed: 1\nseed: 2\nsteps: [ok]", "2:1: the key 'seed' is there twice, first at 1:1"),
        ("steps: [ok", "1:11: this is not YAML: "),
        ("", "1:1: the document is empty"),
        ("steps: &a [*a]", "is nested too deeply, or refers to itself"),
        ("steps: [!!python/object:os.system x]", "1:9: this is no plain data: tag:yaml.org,2002:python/object"),
        ("steps: [{do: {say: 2026-01-01x}}]\nabout: \x00", "this is not YAML: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place_and_the_way_out(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        Scenario.parse(text, "my.yaml")

    assert str(raised.value).startswith("my.yaml:")
    assert problem in str(raised.value)


def test_all_problems_are_told_at_once_in_the_order_of_the_document() -> None:
    text = "seed: x\nlane: team\nsteps:\n  - {do: {error: a}, times: b}\n  - {do: nothing}\nrules: [{do: {cut: -1}}]\n"

    with pytest.raises(ScenarioError) as raised:
        Scenario.parse(text)

    assert [problem.place.line for problem in raised.value.problems] == [1, 2, 4, 4, 5, 6]


def test_a_day_is_text_and_so_is_what_stands_in_quotes() -> None:
    [rule] = rules_of("steps: [{do: {call: {name: book, input: {day: 2026-01-01}}}}]")

    assert rule.steps[0].name == "call('book', {'day': '2026-01-01'})"


def test_parts_of_a_document_may_be_used_again() -> None:
    [rule] = rules_of("steps: [&busy {do: {error: 529}}, ok, *busy]")

    assert [step.name for step in rule.steps] == ["error(529)", "ok()", "error(529)"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"cannot read the scenario .*none\.yaml"):
        Scenario.load(tmp_path / "none.yaml")


def test_a_ready_scenario_that_there_is_not_is_named_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'overload-minutes'"):
        Scenario.load("overload-minute")


def test_every_word_of_a_script_is_a_verb_with_all_its_arguments() -> None:
    python_only = {"Step", "answer"}
    words = {name: getattr(script, name) for name in script.__all__ if name not in python_only}

    assert set(words) == set(VERBS)
    for name, word in words.items():
        parameters = set(inspect.signature(word).parameters)
        assert set(VERBS[name].kinds) == parameters, name
        assert VERBS[name].make is word


def test_verbs_from_a_file_do_what_they_do_in_python(api: Any) -> None:
    text = """
lane: one
steps:
  - do: {stall: {seconds: 1m, after: 1, pings: 20}}
  - do: {calls: [{name: add, input: {a: 1}}, {name: now}]}
  - do: {body: half, error: 529}
"""
    with pytest.raises(ScenarioError, match="cannot be one step"):
        Scenario.parse(text)
    [rule] = rules_of(text.replace("body: half, ", "hang: 2, "))

    assert [step.name for step in rule.steps] == [
        stall(1, seconds=60, pings=20).name,
        script.calls([("add", {"a": 1}), ("now", None)]).name,
        "hang(2) & error(529)",
    ]


DOCUMENT = (Path(__file__).parents[2] / "docs/scenarios.md").read_text("utf-8")


def test_every_verb_is_documented_with_its_values() -> None:
    table = DOCUMENT.partition("### Verbs")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    told = {verb: values for verbs, values in rows for verb in re.findall(r"`(\w+)`", verbs)}

    assert set(told) == set(VERBS)
    for name, verb in VERBS.items():
        if name not in {"calls", "usage"}:
            assert [value for value in verb.kinds if f"`{value}`" not in told[name]] == [], name


EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_documented_scenario_is_one(text: str) -> None:
    assert rules_of(text)


def test_an_outage_may_end_by_a_state(api: Any) -> None:
    [text] = [text for text in EXAMPLES if "is it over" in text]
    api = type(api)(Emulator(scenario=Scenario.parse(text)))

    def status(text: str) -> int:
        found: int = api.ask(messages=[{"role": "user", "content": text}])[0]
        return found

    assert [status(text) for text in ("work", "work", "Is it over?", "work", "play")] == [503, 503, 200, 200, 200]


def test_every_condition_and_key_of_a_step_is_documented() -> None:
    steps = DOCUMENT.partition("### Steps")[2].partition("### Conditions")[0]
    conditions = DOCUMENT.partition("### Conditions")[2].partition("### Verbs")[0]

    assert [key for key in (*SPAN, "do", "when") if not re.search(rf"^\| `{key}[:`]", steps, re.MULTILINE)] == []
    assert [key for key in WHEN if not re.search(rf"^\|.*`{key}[:`]", conditions, re.MULTILINE)] == []


def problems(text: str) -> list[Problem | None]:
    """Return what is wrong with a document; None where an error tells nothing."""
    try:
        scenario = Scenario.parse(text)
    except ScenarioError as error:
        return list(error.problems) or [None]
    assert all(isinstance(rule, Rule) for rule in scenario.rules)
    return []


KEYS = ["steps", "rules", "when", "models", "expect", "lane", "seed", "repeat"]
WORDS = st.sampled_from([*VERBS, *WHEN, *SPAN, *KEYS, "do", "5s", "2-5", "*"])
SCALARS = WORDS | st.none() | st.booleans() | st.integers(-3, 999) | st.floats() | st.text(max_size=4)
DATA = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))


@given(st.dictionaries(st.sampled_from(KEYS), DATA).map(json.dumps) | st.text(max_size=60))
def test_any_document_is_a_scenario_or_has_problems_with_places(text: str) -> None:
    assert all(problem and problem.place.line >= 1 and problem.text for problem in problems(text))
