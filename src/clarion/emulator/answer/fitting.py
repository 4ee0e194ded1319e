"""How well a tool's name fits what was said."""

from __future__ import annotations

import re

__all__ = ["share", "stems"]

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
COMMON = frozenset({"get", "set", "find", "list", "make", "create", "run", "call", "do", "the", "for", "tool", "fetch"})
STEM = 5  # letters; a word fits its own inflections


def stems(text: str) -> set[str]:
    """Return the beginnings of the words of a text."""
    return {word.lower()[:STEM] for word in WORD.findall(text)}


def share(name: str, said: set[str]) -> float:
    """Return how much of a name was said, of the words that tell it from others."""
    words = {word.lower() for word in WORD.findall(name)}
    telling = {word[:STEM] for word in (words - COMMON) or words}
    return len(telling & said) / len(telling) if telling else 0.0
