"""A scenario that is being played: which step a call takes, and who has taken what.

take: lane -> first rule with a step for the call -> its step, taken
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from clarion.emulator import models
from clarion.emulator.scenario.lane import lane_of
from clarion.emulator.scenario.scenario import Rule, Scenario
from clarion.emulator.scenario.standing import Moment, Standing
from clarion.emulator.script.step import PLAIN
from clarion.emulator.wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarion.emulator.models import Model
    from clarion.emulator.script.condition import Sight
    from clarion.emulator.script.step import Step

__all__ = ["SCRIPT", "Account", "Run"]

MOST_LANES = 10_000  # those that have been quiet longest are forgotten
SCRIPT = Scenario(name="script", lane="one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How often calls have taken a step: in all, and lane by lane."""

    step: Step
    rule: str
    taken: int
    lanes: Mapping[str, int]

    def __str__(self) -> str:
        times = "once" if self.taken == 1 else f"{self.taken} times"
        return f"{self.rule}: {self.step} was taken {times}"


class Run:
    """A scenario and where its lanes stand. Threads may share it; of a step that one call may take, one call does."""

    def __init__(self, scenario: Scenario = SCRIPT) -> None:
        self._lock = threading.Lock()
        self._standings: OrderedDict[str, Standing] = OrderedDict()
        self._taken: Counter[tuple[int, int]] = Counter()
        self._start: float | None = None
        self.play(scenario)

    def play(self, scenario: Scenario) -> None:
        """Begin another scenario; what was before is forgotten."""
        with self._lock:
            self.scenario = scenario
            self.is_on = True
            self._rules: list[Rule] = list(map(Rule.of, scenario.rules))
            self.counts_tokens = any(step.span.after_tokens for rule in self._rules for step in rule.steps)
            self._forget()

    def restart(self) -> None:
        """Begin the same scenario anew, with all steps untaken."""
        with self._lock:
            self._forget()

    @property
    def is_idle(self) -> bool:
        """True when no call takes any step."""
        return not self._rules or not self.is_on

    def add(self, *steps: Step) -> None:
        """Put steps at the end, each a rule of its own."""
        with self._lock:
            self._rules.extend(map(Rule.of, steps))
            self.counts_tokens |= any(step.span.after_tokens for step in steps)

    @property
    def unused(self) -> tuple[Step, ...]:
        """The steps that no call of any lane has taken, in order."""
        with self._lock:
            return tuple(step for place, step in self._steps() if not self._taken[place])

    @property
    def accounts(self) -> tuple[Account, ...]:
        """How often each step has been taken, in order."""
        with self._lock:
            return tuple(self._account(rule, number, step) for (rule, number), step in self._steps())

    @property
    def unfinished(self) -> dict[str, tuple[Step, ...]]:
        """By lane, the steps that are left of what its calls have begun; a step without an end is never left."""
        with self._lock:
            left = {lane: tuple(standing.left(self._rules)) for lane, standing in self._standings.items()}
        return {name: steps for name, steps in left.items() if steps}

    def assert_all_consumed(self) -> None:
        """Check that every step has been taken, and that no lane has stopped half-way.

        Raises:
            AssertionError: One has not.

        """
        if missing := self.leftovers():
            raise AssertionError(f"{self.scenario.name} is not consumed:\n  " + "\n  ".join(missing))

    def leftovers(self) -> list[str]:
        """Return a sentence for each step that no call has taken, and for each lane that has stopped half-way."""
        left = [f"no call has taken {step}" for step in self.unused]
        for lane, steps in self.unfinished.items():
            left.append(f"lane {lane!r} has stopped before {', '.join(map(str, steps))}")
        return left

    def aged(self, model: Model, at: datetime) -> Model:
        """Return a model as it is at this time, which the scenario may have retired, or be about to retire."""
        left = self.scenario.retires.get(model.id) if self.is_on else None
        if left is None or model.lifecycle == "retired":
            return model
        with self._lock:
            self._start = at.timestamp() if self._start is None else self._start
            start = datetime.fromtimestamp(self._start, UTC)
        end = start + timedelta(seconds=left)
        return replace(
            model,
            lifecycle="retired" if at >= end else "deprecated",
            deprecated=model.deprecated or f"{start:%Y-%m-%d}",
            retires=f"{end:%Y-%m-%d}",
        )

    def check_model(self, body: object, at: datetime) -> None:
        """Refuse a request for a model that the scenario has retired."""
        if not self.scenario.retires or not isinstance(body, dict):
            return
        name = body.get("model")
        model = models.find(name) if isinstance(name, str) else None
        if model is not None and self.aged(model, at).lifecycle == "retired":
            raise Refusal(404, f"model: {name}")

    def take(self, sight: Sight, at: datetime) -> Step:
        """Give a call the step that is for it, and a plain one when none is."""
        if self.is_idle:
            return PLAIN
        now = at.timestamp()
        with self._lock:
            self._start = now if self._start is None else self._start
            moment = Moment(now, now - self._start)
            standing = self._standing(lane_of(self.scenario.lane, sight))
            standing.calls[sight.route] += 1
            sight = replace(sight, call=standing.calls[sight.route])
            for number in tuple(standing.open):
                step = standing.step(number, self._rules[number], sight, moment)
                if step is not None and self._draw(step, standing, number):
                    self._taken[number, standing.take(number, step, moment)] += 1
                    return step
        return PLAIN

    def settle(self, sight: Sight, tokens: int) -> None:
        """Note the tokens that the answer to a call has used."""
        with self._lock:
            self._standing(lane_of(self.scenario.lane, sight)).tokens += tokens

    def _draw(self, step: Step, standing: Standing, rule: int) -> bool:
        """Decide by the seed, the lane, the rule and the number of the call, and by nothing else."""
        chance = step.span.chance
        if chance is None:
            return True
        key = f"{self.scenario.seed}\0{standing.lane}\0{rule}\0{standing.calls.total()}".encode()
        return int.from_bytes(hashlib.blake2b(key, digest_size=7).digest()) < chance * 2**56

    def _standing(self, lane: str) -> Standing:
        standing = self._standings.get(lane)
        if standing is None:
            standing = self._standings[lane] = Standing(lane)
            if len(self._standings) > MOST_LANES:
                self._standings.popitem(last=False)
        self._standings.move_to_end(lane)
        standing.learn(len(self._rules))
        return standing

    def _account(self, rule: int, number: int, step: Step) -> Account:
        taken = {lane: standing.taken[rule, number] for lane, standing in self._standings.items()}
        return Account(
            step=step,
            rule=self._rules[rule].name or f"rule {rule + 1}",
            taken=self._taken[rule, number],
            lanes={lane: count for lane, count in taken.items() if count},
        )

    def _steps(self) -> Iterator[tuple[tuple[int, int], Step]]:
        for number, rule in enumerate(self._rules):
            for index, step in enumerate(rule.steps):
                yield (number, index), step

    def _forget(self) -> None:
        self._standings.clear()
        self._taken.clear()
        self._start = None
