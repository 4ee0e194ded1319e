"""What a test that passes is asked in the end: whether it met what it asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clarion.testing.tapes import PASSED, PLAYER

if TYPE_CHECKING:
    from clarion.testing.emulated import ClaudeEmulator

__all__ = ["check"]


def check(item: pytest.Item, emulator: ClaudeEmulator) -> None:
    """Fail if a step of the test's scenario was not taken, a call was not recorded, or the client misbehaved."""
    __tracebackhide__ = True
    player = item.stash.get(PLAYER, None)
    if player is not None and player.is_strict and player.misses:
        pytest.fail("\n".join(player.misses), pytrace=False)
    if mark := item.get_closest_marker("claude_scenario"):
        try:
            emulator.assert_all_consumed()
        except AssertionError as error:
            pytest.fail(str(error), pytrace=False)
        if mark.kwargs.get("verdict") and (findings := emulator.verdict()):
            pytest.fail("\n".join(map(str, findings)), pytrace=False)
    item.stash[PASSED] = True
