"""Scenarios: what the calls of an emulator meet, by rules, lane by lane, in Python or YAML.

    from clarion.emulator import Emulator
    from clarion.emulator.scenario import Scenario

    emulator = Emulator(scenario=Scenario.load("overload-minutes"))

A script is the small case: a list of steps in one lane. See `docs/scenarios.md`.
"""

from __future__ import annotations

from clarion.emulator.scenario.document import Place, Problem, ScenarioError
from clarion.emulator.scenario.expect import Expect
from clarion.emulator.scenario.run import Account
from clarion.emulator.scenario.scenario import Rule, Scenario

__all__ = ["Account", "Expect", "Place", "Problem", "Rule", "Scenario", "ScenarioError"]
