"""The page of the adjustments: every rule of fitting, and what it says of a request to which it applies.

The requests are those of `tests/test_fit_matrix.py`, where every rule is tried; the sentences come from fitting them.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from clarion._fit.table import RULES, fit

TESTS = Path(__file__).parent.parent.parent / "tests"
HEAD = """# Adjustments

What `completion.adjustments` may hold: each rule of [fitting](fitting.md), in the order in which they are applied, and
what it says, here of a request from Clarion's own tests. What depends on who wrote a transcript has no example here.

| rule | kind | what it says |
| --- | --- | --- |
"""


def page() -> str:
    """The page, a line a rule."""
    said = _sentences()
    return HEAD + "".join(f"| `{rule.name}` | {rule.kind} | {said.get(rule.name, '')} |\n" for rule in RULES)


def _sentences() -> dict[str, str]:
    """What each rule says of the first request to which it applies."""
    sys.path.append(str(TESTS))
    from test_fit_matrix import CALLABLE, CASES, CATALOG, RETIRED, TODAY, fitted, request

    bodies = [request(model, case) for model, case in product((*CALLABLE, *RETIRED), CASES)]
    styled = fit(bodies[0], CATALOG, TODAY, style="factual")
    said: dict[str, str] = {}
    for adjustment in (adjustment for result in (*map(fitted, bodies), styled) for adjustment in result.adjustments):
        said.setdefault(adjustment.rule, adjustment.text)
    return said
