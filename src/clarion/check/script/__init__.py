"""JavaScript and TypeScript, by their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.script.calls import Script
from clarion.check.script.rules import RULES
from clarion.check.script.syntax import Syntax

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding


def scan(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in a script."""
    del path
    script = Script(Syntax(text))
    for rule in RULES:
        yield from rule(script, facts)
