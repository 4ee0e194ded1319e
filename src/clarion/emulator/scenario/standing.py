"""Where one lane stands in a scenario: how far it is in each rule, what it has taken and used, and its states."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.emulator.scenario.scenario import Rule
    from clarion.emulator.script.condition import Sight
    from clarion.emulator.script.step import Step

__all__ = ["Moment", "Standing"]


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, and the seconds that have passed since the first call of all."""

    now: float
    passed: float


@dataclass(slots=True)
class Place:
    """How far a lane is in a rule."""

    index: int = 0
    taken: int = 0  # of the present step
    began: float | None = None  # when its first call came


@dataclass(slots=True)
class Standing:
    """Where a lane stands. `open` holds the numbers of the rules that it has not used up, `known` how many it knows."""

    lane: str
    known: int = 0
    open: list[int] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    taken: Counter[tuple[int, int]] = field(default_factory=Counter)
    states: dict[str, str] = field(default_factory=dict)
    tokens: int = 0

    def learn(self, count: int) -> None:
        """Open the rules that have been added, so that there are so many."""
        self.open.extend(range(self.known, count))
        self.known = count

    def step(self, number: int, rule: Rule, sight: Sight, moment: Moment) -> Step | None:
        """Return the step that a rule has for a call, chance aside; a rule that has no more steps is closed."""
        place = self.places.setdefault(number, Place())
        step = _present(rule, place, moment)
        if step is None:
            self.open.remove(number)
            return None
        is_open = step.span.is_open(tokens=self.tokens, now=moment.passed, states=self.states)
        return step if is_open and step.fits(sight) else None

    def take(self, number: int, step: Step, moment: Moment) -> int:
        """Count the present step of a rule as taken, and return its number in the rule."""
        place = self.places[number]
        place.taken += 1
        place.began = moment.now if place.began is None else place.began
        self.taken[number, place.index] += 1
        self.states.update(step.span.set)
        return place.index

    def left(self, rules: Sequence[Rule]) -> Iterator[Step]:
        """Yield what is left of the rules that the lane has begun. A step without an end is left until it is taken."""
        for number, place in self.places.items():
            steps = rules[number].steps
            counts = [self.taken[number, index] for index in range(len(steps))]
            for index in range(place.index, len(steps)) if any(counts) else ():
                if counts[index] < (steps[index].span.most or 1):
                    yield steps[index]


def _present(rule: Rule, place: Place, moment: Moment) -> Step | None:
    """Return the step that comes next, past those that are over; None when there is none."""
    for _ in range(len(rule.steps) + 1):
        if place.index == len(rule.steps):
            return None
        step = rule.steps[place.index]
        age = 0.0 if place.began is None else moment.now - place.began
        if not step.span.is_over(taken=place.taken, age=age, now=moment.passed):
            return step
        place.index, place.taken, place.began = place.index + 1, 0, None
        if rule.is_repeated:
            place.index %= len(rule.steps)
    return None
