"""A figure that was measured, beside that of a reference in the same run: a line, and a row of the table of all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

TOLD_TO = "BENCH_FIGURES"  # the variable that names the file to which figures are added, one a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured.

    `value` and `beside`, that of the `reference`, are in `unit`s; `bar` is the ratio of the two that shall not be
    passed; where `more` is better, it shall be reached. Without a reference, the bar is one for the value.
    """

    what: str
    value: float
    unit: str
    reference: str = ""
    beside: float | None = None
    bar: float | None = None
    more: bool = False

    @property
    def ratio(self) -> float | None:
        """The value by that of the reference."""
        return self.value / self.beside if self.beside else None

    @property
    def is_met(self) -> bool | None:
        """Whether the bar is kept; None without one."""
        judged = self.value if self.beside is None else self.ratio
        if self.bar is None or judged is None:
            return None
        return judged >= self.bar if self.more else judged <= self.bar

    @property
    def verdict(self) -> str:
        """The bar, and whether it is kept."""
        if self.bar is None:
            return ""
        return f"{'at least' if self.more else 'at most'} {self.bar:g}: {'kept' if self.is_met else 'MISSED'}"

    def line(self) -> str:
        """Return it as a line."""
        line = f"{self.what:<44} {number(self.value):>9} {self.unit:<8}"
        if self.beside is not None and self.ratio is not None:
            line += f" {self.reference}: {number(self.beside)} {self.unit}; ratio {self.ratio:.2f}"
        return f"{line}   {self.verdict}".rstrip()


def number(value: float) -> str:
    """Return a number with three or four digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def tell(figure: Figure) -> None:
    """Print a figure, and add it to the file that the environment names."""
    print(figure.line(), flush=True)
    if path := os.environ.get(TOLD_TO):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure)) + "\n")


def told(path: Path) -> list[Figure]:
    """Return the figures in such a file."""
    if not path.exists():
        return []
    return [Figure(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
