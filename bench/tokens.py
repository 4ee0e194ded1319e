"""Print how fast the token estimate is, by kind of text, beside ctok where it is installed.

PYTHONPATH=src python bench/tokens.py
"""

# ruff: noqa: S311 -- a benchmark prints, and its random texts guard nothing

from __future__ import annotations

import base64
import random
import sysconfig
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure, tell

from clarion._tokens import CTOK_VERSIONS, WHOLE, ctok_count, estimate_text, table, units_of

if TYPE_CHECKING:
    from collections.abc import Callable


def texts() -> dict[str, str]:
    """Return a text of WHOLE characters of some kinds; the last three are drawn at random, and the hardest."""
    library = Path(sysconfig.get_path("stdlib"))
    python = "".join(path.read_text("utf-8") for path in sorted(library.glob("[a-d]*.py")))
    prose = "".join(line for line in python.splitlines(keepends=True) if line.lstrip().startswith("# "))
    draw = random.Random(1)
    noise = base64.encodebytes(draw.randbytes(WHOLE)).decode()
    cyrillic = " ".join("".join(map(chr, draw.choices(range(0x430, 0x450), k=6))) for _ in range(WHOLE // 6))
    han = "".join(map(chr, draw.choices(range(0x4E00, 0x5A00), k=WHOLE)))
    found = {"python": python, "comments": prose, "base64": noise, "cyrillic": cyrillic, "han": han}
    return {kind: text[:WHOLE] for kind, text in found.items()}


def speed(work: Callable[[], object], size: int, repeats: int = 5) -> float:
    """Return the megabytes a second of the best of some runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return size / 1e6 / best


def by_table(text: str) -> float:
    """Return the tokens of a text by the table, whatever is installed."""
    return table("new").tokens(units_of(text))


def main() -> None:
    """Print a line a kind."""
    exact = ctok_count()
    for kind, text in texts().items():
        size = len(text.encode())
        figure = Figure(what=f"tokens estimated of {kind}", value=speed(partial(by_table, text), size), unit="MB/s")
        if exact:
            beside = speed(partial(exact, text, CTOK_VERSIONS["new"]), size, repeats=1)
            figure = replace(figure, reference="ctok", beside=beside)
        tell(figure)
    long = texts()["python"] * 200
    start = time.perf_counter()
    estimate = estimate_text(long, "new")
    print(f"{len(long) / 1e6:.1f} MB, by {estimate.source}: {(time.perf_counter() - start) * 1e3:.0f} ms, {estimate}")


if __name__ == "__main__":
    main()
