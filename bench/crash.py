"""Kills the runners of a job at random, hundreds of times, and counts what is lost, doubled, and paid twice.

`python bench/crash.py [--kills 200] [--rows 5000] [--seed N]`; exits with 1 if a row is lost or doubled.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the attack also serves the tests

from attack import Attack


def main() -> int:
    """Attack, and print the damage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 -- no secret
    asked = parser.parse_args()
    print(f"seed {asked.seed}: {asked.kills} kills of two runners over {asked.rows:,} rows", flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        damage = Attack(rows=asked.rows, kills=asked.kills, seed=asked.seed).on(Path(folder))
    print(f"{damage}, in {time.monotonic() - start:.0f} s")
    for row in damage.unexplained:
        print(f"row {row} was asked more often than kills explain")
    for contradiction in damage.broken:
        print(contradiction)
    return int(damage.with_their_own_answer != asked.rows or bool(damage.unexplained or damage.broken))


if __name__ == "__main__":
    sys.exit(main())
