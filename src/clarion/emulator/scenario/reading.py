"""A document becomes a scenario, or every problem in it is told with its line and column."""

from __future__ import annotations

from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.emulator.scenario import kinds
from clarion.emulator.scenario.document import Problem, ScenarioError, parse, unknown
from clarion.emulator.scenario.expect import Expect
from clarion.emulator.scenario.scenario import Rule, Scenario, model_id
from clarion.emulator.scenario.verbs import VERBS
from clarion.emulator.script.condition import ROUTES
from clarion.emulator.script.step import Step
from clarion.emulator.verdict.finding import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.emulator.scenario.document import Item
    from clarion.emulator.scenario.kinds import Kind
    from clarion.emulator.scenario.verbs import Verb

__all__ = ["read"]

Read = TypeVar("Read")


def read(source: str, origin: str = "scenario", *, name: str = "scenario", speed: float = 1.0) -> Scenario:
    """Read a scenario.

    Args:
        source: The document, YAML or JSON.
        origin: What errors call it, such as its path.
        name: The scenario's name if the document has none.
        speed: How many times faster than written its time goes.

    Raises:
        ScenarioError: Something is wrong in it.
        ValueError: Time cannot go at such a speed.

    """
    if not speed > 0:
        raise ValueError(f"time goes forward, at a speed above 0, not {speed}")
    reader = _Reader(speed, Path(origin).parent)
    try:
        scenario = reader.scenario(parse(source), name)
    except Problem as problem:
        reader.problems.append(problem)
        scenario = None
    if scenario is None:
        raise ScenarioError.of(origin, reader.problems)
    return scenario


WHEN: dict[str, Kind] = {
    "route": kinds.one_of(*ROUTES),
    "model": kinds.text,
    "stream": kinds.flag,
    "text": kinds.text,
    "pattern": kinds.pattern,
    "system": kinds.text,
    "tool": kinds.text,
    "result": kinds.text_or_flag,
    "image": kinds.flag,
    "header": kinds.texts,
    "key": kinds.text,
    "version": kinds.text,
    "call": kinds.numbers,
    "turn": kinds.numbers,
}


SPAN: dict[str, Callable[[Step, Any], Step]] = {
    "times": Step.times,
    "for": Step.lasting,
    "rate": Step.sometimes,
    "after_tokens": Step.after_tokens,
    "between": lambda step, window: step.between(*window),
    "forever": lambda step, wanted: step.forever() if wanted else step,
    "require": lambda step, states: step.requires(**states),
    "set": lambda step, states: step.sets(**states),
}


class _Reader:
    """Reads the parts of a document and collects what is wrong with them."""

    def __init__(self, speed: float, directory: Path) -> None:
        self.problems: list[Problem] = []
        self._speed = speed
        self._directory = directory

    def scenario(self, item: Item, name: str) -> Scenario | None:
        """Read the whole; None when there are problems."""
        known = {
            "scenario": kinds.text,
            "about": kinds.text,
            "seed": kinds.integer,
            "lane": kinds.lane,
            "models": self._models,
            "expect": self._expect,
            "rules": self._rules,
        }
        fields = self._mapping(item, "key of a scenario", known | self._rule_keys)
        rules = fields.pop("rules", [])
        if "steps" in item.value:
            rules = [*rules, self._rule(item, {"name": "steps", **fields})]
        elif not item.value.keys() & {"rules", "models"}:
            self.problems.append(item.problem("a scenario has rules, steps or models"))
        if self.problems:
            return None
        options = {key: fields[key] for key in ("about", "seed", "lane", "expect") if key in fields}
        retires = {id: life["retires"] for id, life in fields.get("models", {}).items() if "retires" in life}
        name = fields.get("scenario", name)
        return Scenario(name=name, rules=rules, speed=self._speed, retires=retires, **options)

    @property
    def _rule_keys(self) -> dict[str, Kind]:
        return {"when": self._when, "steps": self._steps, "repeat": kinds.flag}

    @property
    def _step_keys(self) -> dict[str, Kind]:
        return {
            "do": self._do,
            "when": self._when,
            "times": kinds.integer,
            "for": kinds.seconds,
            "rate": kinds.chance,
            "after_tokens": kinds.integer,
            "between": self._window,
            "forever": kinds.flag,
            "require": kinds.texts,
            "set": kinds.texts,
        }

    def _expect(self, item: Item) -> Expect:
        known = {
            "all_consumed": kinds.flag,
            "clean": kinds.flag,
            "allow": self._codes,
            "max_attempts": kinds.integer,
            "min_gap": kinds.seconds,
        }
        return Expect(**self._mapping(item, "expectation", known))

    def _codes(self, item: Item) -> tuple[str, ...]:
        for each in kinds.items(item):
            if each.value not in SOURCES:
                self.problems.append(each.problem(unknown(each.value, SOURCES, "finding")))
        return tuple(item.plain)

    def _models(self, item: Item) -> dict[str, dict[str, float]]:
        """Read the lives of models: `{claude-opus-4-8: {retires: 1d}}`."""
        lives = self._mapping(item, "model", dict.fromkeys(kinds.mapping(item), self._life))
        for name in lives:
            try:
                model_id(name)
            except ValueError as error:
                self.problems.append(Problem(item.keys[name], str(error)))
        return lives

    def _life(self, item: Item) -> dict[str, float]:
        return self._mapping(item, "key of a model", {"retires": kinds.seconds})

    def _rules(self, item: Item) -> list[Rule]:
        return self._all(item, self._one_rule)

    def _one_rule(self, item: Item) -> Rule | None:
        if isinstance(item.value, dict) and "steps" in item.value:
            fields = self._mapping(item, "key of a rule with steps", {"name": kinds.text, **self._rule_keys})
            return self._rule(item, fields)
        step = self._step(item, is_standing=True, more={"name": kinds.text})
        if step is None:
            return None
        named = isinstance(item.value, dict) and "name" in item.value
        return Rule(steps=(step,), name=item.value["name"].value if named else "")

    def _rule(self, item: Item, fields: Mapping[str, Any]) -> Rule | None:
        """Make a rule of what was read of it."""
        steps = fields.get("steps")
        if not steps:
            return None
        try:
            asked = tuple(_asked(step, fields) for step in steps)
            return Rule(steps=asked, is_repeated=fields.get("repeat", False), name=fields.get("name", ""))
        except ValueError as error:
            raise item.value["steps"].problem(str(error)) from None

    def _steps(self, item: Item) -> list[Step]:
        steps = self._all(item, self._step)
        if not item.value:
            raise item.problem("there is no step in it")
        return steps

    def _step(self, item: Item, *, is_standing: bool = False, more: Mapping[str, Kind] | None = None) -> Step | None:
        """Read a step: a verb's name, or a mapping with `do`. A standing one has no end unless it says so."""
        if isinstance(item.value, str):
            step = self._verb(item, item.value, None)
            return step and step.forever() if is_standing else step
        fields = self._mapping(item, "key of a step", {**self._step_keys, **(more or {})})
        if "do" not in item.value:
            raise item.problem("a step says what to do, under the key 'do'")
        step = fields.get("do")
        if step is None:
            return None
        try:
            step = _asked(step, fields)
            for key in fields.keys() & SPAN.keys():
                step = SPAN[key](step, fields[key])
            return step.forever() if is_standing and "times" not in fields else step
        except ValueError as error:
            raise item.problem(str(error)) from None

    def _do(self, item: Item) -> Step | None:
        """Read a verb by name, verbs with their values, or a list of either, put together."""
        match item.value:
            case str():
                return self._verb(item, item.value, None)
            case dict():
                parts = [self._verb(item, name, value) for name, value in item.value.items()]
            case list():
                parts = [self._do(each) for each in item.value]
            case _:
                raise item.problem(f"this must be a verb, not {item.shown}")
        if not parts:
            raise item.problem("there is no verb in it")
        if None in parts:
            return None
        try:
            return reduce(and_, parts)
        except ValueError as error:
            raise item.problem(str(error)) from None

    def _verb(self, item: Item, name: str, value: Item | None) -> Step | None:
        place = item.keys.get(name, item.place)
        verb = VERBS.get(name)
        if verb is None:
            raise Problem(place, unknown(name, VERBS, "verb"))
        known = len(self.problems)
        values = self._values(verb, name, value)
        if len(self.problems) > known:
            return None
        if missing := [each for each in verb.needed if each not in values]:
            raise Problem(place, f"{name} needs {', '.join(missing)}")
        try:
            return verb.make(**values)
        except ValueError as error:
            raise Problem(place, str(error)) from None

    def _values(self, verb: Verb, name: str, value: Item | None) -> dict[str, Any]:
        """Read what a verb is given: nothing, values by name, or one value alone, which is the first."""
        if value is None or value.value is None:
            return {}
        if isinstance(value.value, dict) and not verb.has_data:
            return self._mapping(value, f"value of {name}", verb.kinds)
        if not verb.kinds:
            raise value.problem(f"{name} takes no value")
        first = next(iter(verb.kinds))
        return {first: self._value(verb.kinds[first], value)}

    def _when(self, item: Item) -> dict[str, Any]:
        return self._mapping(item, "condition", WHEN)

    def _window(self, item: Item) -> tuple[float, float]:
        ends = [self._value(kinds.seconds, each) for each in kinds.items(item)]
        if len(ends) != 2:
            raise item.problem("a window has two times: [30s, 90s]")
        return ends[0], ends[1]

    def _all(self, item: Item, kind: Callable[[Item], Read | None]) -> list[Read]:
        """Read a list; what is wrong with one of its items is noted."""
        found = []
        for each in kinds.items(item):
            try:
                read = kind(each)
            except Problem as problem:
                self.problems.append(problem)
                continue
            if read is not None:
                found.append(read)
        return found

    def _mapping(self, item: Item, what: str, known: Mapping[str, Kind]) -> dict[str, Any]:
        """Read the values of a mapping that are right, and note what is wrong with the others."""
        if not isinstance(item.value, dict):
            raise item.problem(f"this must be a mapping, not {item.shown}")
        found = {}
        for key, value in item.value.items():
            if key not in known:
                self.problems.append(Problem(item.keys[key], unknown(key, known, what)))
                continue
            try:
                found[key] = self._value(known[key], value)
            except Problem as problem:
                self.problems.append(problem)
        return found

    def _value(self, kind: Kind, item: Item) -> Any:
        """Read a value; times shrink as the scenario is played faster, and files lie beside the document."""
        found = kind(item)
        if kind is kinds.path:
            return self._directory / found
        if kind is kinds.seconds:
            shrunk = found / self._speed
            return int(shrunk) if shrunk.is_integer() else shrunk
        return found * self._speed if kind is kinds.per_second else found


def _asked(step: Step, fields: Mapping[str, Any]) -> Step:
    return step.when(**fields["when"]) if fields.get("when") else step
