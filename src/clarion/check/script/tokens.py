"""JavaScript, TypeScript and JSON as tokens, with their places, without blanks and comments.

Text that is none of a script's (that of JSX) becomes odd tokens and does no harm: a string ends with its line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["name", "string", "template", "number", "regex", "mark"]

PATTERN = re.compile(
    r"""
      (?P<blank>\s+ | //[^\n]* | /\*.*?(?:\*/|\Z) | \#![^\n]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
    | (?P<template>`)
    | (?P<number>(?:0[xXbBoO][\da-fA-F_]+ | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)n?)
    | (?P<name>[^\W\d][\w$]*|[$#@][\w$]+|\$)
    | (?P<mark>\.\.\. | \?\. | => | ===? | !==? | \?\?=? | \|\|=? | &&=? | [<>]=? | . )
    """,
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
AFTER_VALUE = frozenset(")]}")
BEFORE_REGEX = frozenset(("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do"))


class Token(NamedTuple):
    """A token: its kind, its text as written, and where it is. A template is one, whatever is in it."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a script."""
    at, last = 0, None
    while found := PATTERN.match(text, at):
        kind, end = found.lastgroup, found.end()
        if kind == "blank":
            at = end
            continue
        if kind == "template":
            end = _template_end(text, at)
        elif kind == "mark" and found[0] == "/" and _may_be_regex(last) and (regex := REGEX.match(text, at)):
            kind, end = "regex", regex.end()
        last = Token(kind, text[at:end], at, end)  # type: ignore[arg-type]  # the groups of PATTERN are the kinds
        yield last
        at = end


def _may_be_regex(last: Token | None) -> bool:
    if last is None:
        return True
    if last.kind == "name":
        return last.text in BEFORE_REGEX
    return last.kind == "mark" and last.text not in AFTER_VALUE


PART = re.compile(r"`|\$\{|\\.", re.DOTALL)
INNER = re.compile(r"""[{}`]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|//[^\n]*|/\*.*?\*/""", re.DOTALL)


def _template_end(text: str, start: int) -> int:
    """Return where a template that begins at `start` ends, with what is within `${...}`, templates too."""
    depths: list[int] = []  # of the braces within each open `${`; a template is read while the last is -1
    depths.append(-1)
    at = start + 1
    while depths:
        found = (PART if depths[-1] < 0 else INNER).search(text, at)
        if found is None:
            return len(text)
        at = found.end()
        match found[0], depths[-1]:
            case "`", -1:
                depths.pop()
            case "`", _:
                depths.append(-1)
            case "${", -1:
                depths.append(0)
            case "{", depth:
                depths[-1] = depth + 1
            case "}", 0:
                depths.pop()
            case "}", depth:
                depths[-1] = depth - 1
    return at
