"""A job under attack: its runners are killed at any moment."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from attack import Attack

if TYPE_CHECKING:
    from pathlib import Path


def test_killed_runners_lose_no_row_record_none_twice_and_pay_twice_only_for_what_was_in_flight(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")

    damage = Attack(rows=120, kills=8, seed=seed).on(tmp_path)

    print(damage)
    assert damage.with_their_own_answer == damage.recorded == 120
    assert damage.paid_twice <= damage.in_flight
    assert not damage.unexplained
    assert not damage.broken
