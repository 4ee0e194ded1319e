"""Words and numbers of a prompt that a made-up value may take."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Hints", "listed"]

HEAD = 4000  # characters of a prompt that are looked at
NAME = r"[A-Z][a-z]+(?: [A-Z][a-z]+)*"
NAMES = re.compile(rf"(?<![.!?:\n] )(?<!^)\b{NAME}\b")
LIST = re.compile(rf"(?<![.!?:\n] )(?<!^)\b{NAME}(?:, {NAME})*,? (?:and|or|&) {NAME}\b")
NUMBER = re.compile(r"(?<![\w.])\d{1,9}\b")


@dataclass(slots=True)
class Hints:
    """Names and numbers found in a prompt, handed out one after the other."""

    names: Iterator[str] = field(default_factory=lambda: iter(()))
    numbers: Iterator[int] = field(default_factory=lambda: iter(()))

    @classmethod
    def of(cls, prompt: str, name: str | None = None) -> Hints:
        """Collect the hints of a prompt: capitalised words within sentences, and whole numbers.

        Args:
            prompt: What the user said.
            name: The one name to hand out, in place of those of the prompt.

        """
        names = [name] if name else NAMES.findall(prompt[:HEAD])
        return cls(iter(names), iter([int(found) for found in NUMBER.findall(prompt[:HEAD])]))


def listed(prompt: str) -> list[str]:
    """Return the names a prompt counts up, as in “Oslo, Lima and Rome”; none when it counts none up."""
    found = LIST.search(prompt[:HEAD])
    return list(dict.fromkeys(re.findall(NAME, found.group()))) if found else []
