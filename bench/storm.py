"""A job in bad weather: what it gets out of limits that bind, and what it loses to overloads, resets and stalls.

`python bench/storm.py [--rows 4000] [--seed N]`; exits with 1 if a row is lost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the storm also serves the tests

from clarion.emulator import Limits
from storm import OVERLOADS, RESETS, STALLS, Storm

LIMITS = Limits(requests=1_000, input_tokens=2_000_000, output_tokens=400_000)  # the Start tier


def main() -> int:
    """Run a job, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(
        f"{asked.rows:,} rows under {LIMITS}; {OVERLOADS:.0%} overloads, {RESETS:.0%} resets, {STALLS:.0%} stalls; "
        f"seed {asked.seed}",
        flush=True,
    )
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        storm = Storm(rows=asked.rows, limits=LIMITS, seed=asked.seed, latency=1.0, timeout=5.0, concurrency=200)
        aftermath = storm.over(Path(folder))
    print(f"{aftermath}; {time.monotonic() - start:.0f} s")
    return int(aftermath.states != {"done": asked.rows})


if __name__ == "__main__":
    sys.exit(main())
