"""What is refused of the requests that data holds, and of the options that stand beside a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.bodies import is_request, refused, unsampled
from clarion.check.data.models import RECORD
from clarion.check.values import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.values import Value


def unfit_requests(value: Value, text: str, facts: Facts, *, has_braces: bool) -> Iterator[Finding]:
    """Yield what is refused of every request in a value; with edits where it is written in braces."""
    for table in tables(value):
        if "model" in table.by_key and RECORD.isdisjoint(table.by_key):
            yield from unsampled(table, text, facts, has_braces=has_braces)
            if is_request(table):
                yield from refused(table, text, facts, has_braces=has_braces)
