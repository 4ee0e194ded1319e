"""TOML, with the places that the standard library's reader does not tell. A line that is none is passed over."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from clarion.check.script.syntax import unescaped
from clarion.check.values import Entry, Items, Opaque, Scalar, Table, Text

if TYPE_CHECKING:
    from clarion.check.values import Value

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
LINE = re.compile(r"[^\n]*(?:\n|\Z)")
KEY = re.compile(
    r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'))*"""
)
HEADER = re.compile(rf"\[\[?[ \t]*(?P<key>{KEY.pattern})[ \t]*\]\]?")
STRING = re.compile(
    r'''"""\r?\n?(?P<long>(?:[^\\]|\\.)*?)"""(?!") | \'\'\'\r?\n?(?P<long_literal>.*?)\'\'\'(?!\')
    | "(?P<basic>(?:[^"\\\n]|\\.)*)" | '(?P<literal>[^'\n]*)\'''',
    re.VERBOSE | re.DOTALL,
)
BARE = re.compile(r"[^\s,\]}#]+")
DEEPEST = 100


def read(text: str) -> Table:
    """Return what a text has, as one table; the tables it heads are entries of it, under their whole names."""
    reader = Reader(text)
    root: list[Entry] = []
    heads: list[tuple[str, int, list[Entry]]] = []
    while (at := reader.skip(BLANK)) < len(text):
        if header := HEADER.match(text, at):
            reader.at = header.end()
            heads.append((header["key"], at, []))
        elif (entry := reader.entry(0)) is not None:
            (heads[-1][2] if heads else root).append(entry)
        else:
            reader.skip(LINE)
    for key, start, entries in heads:
        end = entries[-1].value.end if entries else start
        root.append(Entry(key, start, Table(tuple(entries), False, start, end)))
    return Table(tuple(root), False, 0, len(text))


class Reader:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self, pattern: re.Pattern[str]) -> int:
        """Read what matches a pattern, and return where that ends."""
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return self.at

    def is_next(self, mark: str) -> bool:
        """Read a mark if it is what comes next."""
        found = self.text.startswith(mark, self.at)
        self.at += len(mark) * found
        return found

    def entry(self, depth: int) -> Entry | None:
        """Read a key and its value; None, and no further, if there is none."""
        start = self.at
        key = KEY.match(self.text, start)
        if key is None:
            return None
        self.at = key.end()
        self.skip(SPACE)
        if not self.is_next("="):
            self.at = start
            return None
        self.skip(SPACE)
        value = self.value(depth)
        if value is None:
            self.at = start
            return None
        return Entry(".".join(part.strip(" \t\"'") for part in key[0].split(".")), start, value)

    def value(self, depth: int) -> Value | None:
        """Read a value; None if there is none."""
        start = self.at
        if found := STRING.match(self.text, start):
            self.at = found.end()
            literal = found["literal"] if found["literal"] is not None else found["long_literal"]
            return Text(literal if literal is not None else unescaped(found[found.lastgroup or 0]), start, self.at)
        if depth < DEEPEST and self.is_next("["):
            return self._items(start, depth)
        if depth < DEEPEST and self.is_next("{"):
            return self._table(start, depth)
        if (found := BARE.match(self.text, start)) is None:
            return None
        self.at = found.end()
        return _bare(found[0], start, self.at)

    def _items(self, start: int, depth: int) -> Items:
        found = list["Value"]()
        while self.skip(BLANK) < len(self.text) and not self.is_next("]"):
            value = self.value(depth + 1)
            if value is None:
                break
            found.append(value)
            self.skip(BLANK)
            self.is_next(",")
        return Items(tuple(found), False, start, self.at)

    def _table(self, start: int, depth: int) -> Table:
        found = list[Entry]()
        while self.skip(BLANK) < len(self.text) and not self.is_next("}"):
            entry = self.entry(depth + 1)
            if entry is None:
                break
            found.append(entry)
            self.skip(BLANK)
            self.is_next(",")
        return Table(tuple(found), False, start, self.at)


def _bare(written: str, start: int, end: int) -> Scalar | Opaque:
    if written in ("true", "false"):
        return Scalar(written == "true", start, end)
    digits = written.replace("_", "")
    for number in (int, partial(int, base=0), float):
        with suppress(ValueError):
            return Scalar(number(digits), start, end)
    return Opaque(start, end)
