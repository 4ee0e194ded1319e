"""The words of a name (a variable, a key, an option) by which it holds, takes or gives the name of a model."""

from __future__ import annotations

import re

HOLDS = frozenset(
    (
        *("model", "models", "llm", "llms", "claude", "anthropic", "engine", "deployment"),
        *("opus", "sonnet", "haiku", "fallback", "fallbacks"),
    )
)
SPARED = frozenset(
    (
        *("retired", "deprecated", "legacy", "old", "older", "former", "removed", "obsolete", "dead", "unsupported"),
        *("sunset", "price", "prices", "pricing", "cost", "costs", "rate", "rates", "is", "has", "supports", "was"),
        *("test", "from", "warn", "successor", "successors", "replace", "replacement", "replacements"),
        *("migrate", "migration", "prefix", "prefixes", "support", "supported", "that", "known", "valid", "allowed"),
    )
)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def holds_model(name: str) -> bool:
    """Whether a name speaks of a model that is asked for, and not of one that is compared, priced or retired."""
    words = words_of(name)
    return not words.isdisjoint(HOLDS) and words.isdisjoint(SPARED)


def is_spared(name: str) -> bool:
    """Whether a name speaks of what is compared, priced or retired."""
    return not words_of(name).isdisjoint(SPARED)


def speaks_of_models(name: str) -> bool:
    """Whether a name speaks of models at all."""
    return not words_of(name).isdisjoint(HOLDS)


def words_of(name: str) -> set[str]:
    """Return the words of a name in snake, kebab or camel case, in lower case."""
    return {word.lower() for word in WORD.findall(name)}
