"""A scenario as a value: rules in order, whose steps calls take lane by lane, and what is expected in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from clarion.emulator import models
from clarion.emulator.scenario.document import ScenarioError, unknown
from clarion.emulator.scenario.expect import Expect
from clarion.emulator.scenario.lane import check_lane
from clarion.emulator.script.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["READY", "Rule", "Scenario", "model_id"]

READY = resources.files("clarion.emulator.scenario").joinpath("ready")
ENDINGS = (".yaml", ".yml", ".json")


def model_id(name: str) -> str:
    """Return the id of the model with this id or alias.

    Raises:
        ValueError: There is none.

    """
    model = models.find(name)
    if model is None:
        raise ValueError(
            unknown(name, [each.id for each in models.catalogue() if each.lifecycle != "retired"], "model")
        )
    return model.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Steps that calls take one after the other, each lane from the first.

    Args:
        steps: The steps. One that a call does not fit waits, and the call goes on to the next rule.
        is_repeated: True when the first step follows the last.
        name: What accounts call it.

    """

    steps: tuple[Step, ...]
    is_repeated: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a rule that says nothing, and steps that no call could ever reach."""
        if not self.steps:
            raise ValueError("a rule has at least one step")
        for step, following in zip(self.steps, self.steps[1:], strict=False):
            if not step.span.has_end:
                raise ValueError(f"{following} is never reached: {step} before it has no end")

    @classmethod
    def of(cls, rule: Rule | Step) -> Rule:
        """Return a rule as it is, and a step as the rule of one step that it is alone.

        Raises:
            TypeError: It is neither.

        """
        if isinstance(rule, Step):
            return cls(steps=(rule,))
        if not isinstance(rule, Rule):
            raise TypeError(f"a script has steps, such as error(529), and a scenario steps and rules, not {rule!r}")
        return rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the calls of an emulator meet: of all rules, the first that has a step for a call.

    Args:
        rules: The rules in order; a step alone is a rule of one step.
        name: What the scenario is called.
        about: A sentence on what it is for.
        seed: Decides which calls take a step that is taken sometimes.
        speed: How many times faster than usual its time goes; a verdict takes that into account.
        lane: Whose calls share a place in it: `session` (a conversation, the default), `key`, `model`, `one` or
            `header:NAME`.

        expect: What has to hold in the end, for `Emulator.assert_expected`.
        retires: Models that are retired so many seconds after the first call, by id or alias. Until then they are
            deprecated.

    Raises:
        ValueError: There is no such lane or model.

    """

    rules: Sequence[Rule | Step] = ()
    name: str = "scenario"
    about: str = ""
    seed: int = 0
    lane: str = "session"
    speed: float = 1.0
    expect: Expect = field(default_factory=Expect)
    retires: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make rules of steps."""
        check_lane(self.lane)
        object.__setattr__(self, "rules", tuple(map(Rule.of, self.rules)))
        object.__setattr__(self, "retires", {model_id(name): left for name, left in self.retires.items()})

    @classmethod
    def load(cls, source: str | Path, *, speed: float = 1.0) -> Scenario:
        """Return the scenario in a file, or the ready one of that name.

        Args:
            source: The path of a YAML or JSON file, or one of `Scenario.ready()`.
            speed: How many times faster than written its time goes: with 60, a minute takes a second.

        Raises:
            ScenarioError: There is no such scenario, or something is wrong in it; `problems` says what and where.

        """
        path = Path(source)
        if path.suffix in ENDINGS or path.parent != Path():
            try:
                return cls.parse(path.read_text("utf-8"), str(path), speed=speed)
            except (OSError, UnicodeDecodeError) as error:
                raise ScenarioError(f"cannot read the scenario {path}: {error}") from error
        if str(source) not in cls.ready():
            hint = unknown(str(source), cls.ready(), "ready scenario")
            raise ScenarioError(f"{hint} (a file's name ends in {', '.join(ENDINGS)})")
        return cls.parse(READY.joinpath(f"{source}.yaml").read_text("utf-8"), f"{source}.yaml", speed=speed)

    @classmethod
    def parse(cls, text: str, origin: str = "scenario.yaml", *, speed: float = 1.0) -> Scenario:
        """Return the scenario that a document says; see `load`. `origin` is what errors call the document.

        Raises:
            ScenarioError: Something is wrong in it.

        """
        from clarion.emulator.scenario.reading import read  # it reads scenarios: the other way round is a circle

        return read(text, origin, name=Path(origin).stem, speed=speed)

    @staticmethod
    def ready() -> tuple[str, ...]:
        """The names of the scenarios that come with the emulator."""
        return tuple(sorted(file.name.removesuffix(".yaml") for file in READY.iterdir() if file.name.endswith(".yaml")))
