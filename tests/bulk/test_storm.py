"""A job in bad weather: no row is lost to rate limits, overloads, broken connections or time-outs."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from clarion.emulator import Limits
from storm import Storm

if TYPE_CHECKING:
    from pathlib import Path


def test_no_row_is_lost_to_limits_overloads_resets_or_stalls(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    limits = Limits(requests=150, input_tokens=100_000, output_tokens=100_000)

    aftermath = Storm(rows=165, limits=limits, seed=seed, trouble=4.0).over(tmp_path)

    print(aftermath)
    assert aftermath.states == {"done": 165}
    assert aftermath.overloads
