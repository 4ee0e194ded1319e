"""What a test that passes is asked in the end: whether it met what it asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from clarion.emulator.scenario import Scenario
from clarion.testing.tapes import PASSED, PLAYER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.testing.emulated import ClaudeEmulator

__all__ = ["check"]


def check(item: pytest.Item, emulator: ClaudeEmulator) -> None:
    """Fail if a call was not recorded, the scenario did not happen or go as expected, or the client misbehaved."""
    __tracebackhide__ = True
    player = item.stash.get(PLAYER, None)
    problems = list(player.misses) if player is not None and player.is_strict else []
    if mark := item.get_closest_marker("claude_scenario"):
        problems += _problems(emulator, *mark.args, **mark.kwargs)
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
    item.stash[PASSED] = True


def _problems(
    emulator: ClaudeEmulator, *what: Any, all_consumed: bool | None = None, verdict: bool = False
) -> Iterator[str]:
    """Yield what did not happen, or should not have. Of a ready scenario, no test meets all; it has to meet some."""
    is_ready = what[0] in Scenario.ready()
    if all_consumed or (all_consumed is None and not is_ready):
        yield from emulator.state.script.leftovers()
    elif not any(account.taken for account in emulator.accounts):
        yield f"no call has taken a step of {emulator.state.script.scenario.name}"
    yield from emulator.unmet()
    if verdict:
        yield from map(str, emulator.verdict())
