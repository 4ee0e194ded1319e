"""JSON, with comments and trailing commas too, and JSON Lines: what stands in the text, one value after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.script.syntax import Syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.check.values import Value


def read(text: str) -> Iterator[Value]:
    """Yield the values of a text."""
    syntax, index = Syntax(text), 0
    while index < len(syntax.tokens):
        value, index = syntax.value(index)
        yield value
