"""A finding: what is wrong, where, and the change that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.codes import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.check.codes import Severity


class Edit(NamedTuple):
    """Characters `start` to `end` of a text, and what to write in their place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a scanner found: a code of `codes.CODES`, the characters it is about and a sentence with the values.

    `edits` mend it, together or not at all; none if that is not safe. `severity` stands in for that of the code.
    `within` says where in a file that has parts, like a cell of a notebook.
    """

    code: str
    start: int
    end: int
    message: str
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None
    within: str = ""

    @property
    def gravity(self) -> Severity:
        """How grave it is."""
        return self.severity or BY_CODE[self.code].severity


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits applied, of which no two overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
