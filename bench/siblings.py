"""Processes that run a job each, at once, by one key: what they get out of the limits, with a shared pace and without.

`python bench/siblings.py [--processes 3] [--rows 800]`; takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # they also serve the tests

from clarion.emulator import Limits
from siblings import Siblings

LIMITS = Limits(requests=1_000, input_tokens=2_000_000, output_tokens=400_000)  # the Start tier
PLACES: dict[str, tuple[Limits, dict[str, Any]]] = {
    "requests of the Start tier": (LIMITS, {"first_token_delay": 1.0}),
    "60 are served at a time": (Limits(requests=100_000), {"first_token_delay": 1.0, "capacity": 60}),
}


def main() -> None:
    """Print a line for each place and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--rows", type=int, default=800)
    asked = parser.parse_args()
    for place, (limits, options) in PLACES.items():
        for knows in (True, False):
            siblings = Siblings(processes=asked.processes, rows=asked.rows, limits=limits, options=options)
            with tempfile.TemporaryDirectory() as folder:
                said = siblings.run(Path(folder), know_of_one_another=knows)
            rows = asked.processes * asked.rows
            print(
                f"{place}, {asked.processes} processes {'with a shared pace' if knows else 'each its own':18}: "
                f"{said['answered']:,.0f} of {rows:,} answered; share of the limits {said['share']:.3f}; of 1,000 rows "
                f"{said['refused'] / rows * 1000:.1f} refused, {said['overloads'] / rows * 1000:.1f} overloaded",
                flush=True,
            )


if __name__ == "__main__":
    main()
