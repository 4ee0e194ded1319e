"""Kills processes that add to a conversation, hundreds of times, and counts what is lost or doubled.

`python bench/siege.py [--kills 500] [--seconds 60] [--seed N]`; then two processes add to one conversation for so long.
Exits with 1 if an acknowledged turn is lost, or any is there twice or out of order.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the siege also serves the tests

import adders
from siege import besieged, losses


def main() -> int:
    """Lay siege, then let two add at once, and print the losses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 -- no secret
    asked = parser.parse_args()
    print(f"seed {asked.seed}: {asked.kills} kills", flush=True)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        killed = besieged(Path(folder), kills=asked.kills, seed=asked.seed)
        print(f"{killed}, in {time.monotonic() - start:.0f} s", flush=True)
        path = Path(folder) / "both.db"
        processes = [adders.started(path, "both", who, asked.seconds) for who in "ab"]
        for process in processes:
            process.join()
        both = losses(path)
        print(f"two at once: {both}")
    return int(not (killed.are_none and both.are_none and killed.acknowledged and both.acknowledged))


if __name__ == "__main__":
    sys.exit(main())
