"""Strings that match a regular expression.

A small reader of the regular part of the syntax: characters, classes, groups, alternatives, repetition and
anchors. Look-around, back-references and word boundaries are `Unsupported`.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

__all__ = ["Unsupported", "matching"]

MOST = 3  # repetitions beyond the least, where a pattern sets no end
LONGEST = 2000  # characters
DIGITS = string.digits
WORD = string.ascii_lowercase + DIGITS + "_"
PRINTABLE = string.ascii_letters + DIGITS + " -_.,"
EVERYTHING = "".join(map(chr, range(0x20, 0x7F)))
CLASSES = {"d": DIGITS, "w": string.ascii_letters + DIGITS + "_", "s": " "}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
HEX = {"x": 2, "u": 4}


class Unsupported(Exception):
    """A pattern that is not regular, or not one at all."""


def matching(pattern: str, chance: Random) -> str:
    """Return a string that matches a pattern, found anywhere in it as JSON Schema wants.

    Raises:
        Unsupported: The pattern uses what cannot be made up.

    """
    reader = _Reader(pattern, chance)
    made = reader.alternatives()
    if reader.rest:
        raise Unsupported(pattern)
    return made


class _Reader:
    """Reads a pattern from left to right and writes what matches it; a part may be read several times."""

    def __init__(self, pattern: str, chance: Random) -> None:
        self.pattern, self.at, self.chance, self.written = pattern, 0, chance, 0

    @property
    def rest(self) -> str:
        return self.pattern[self.at :]

    def take(self, count: int = 1) -> str:
        taken = self.pattern[self.at : self.at + count]
        if len(taken) < count:
            raise Unsupported(self.pattern)
        self.at += count
        return taken

    def accept(self, wanted: str) -> bool:
        if not self.pattern.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True

    def alternatives(self) -> str:
        options = [self.sequence()]
        while self.accept("|"):
            options.append(self.sequence())
        return self.chance.choice(options)

    def sequence(self) -> str:
        made = ""
        while self.rest and self.rest[0] not in "|)":
            made += self.repeated()
        return made

    def repeated(self) -> str:
        start = self.at
        made = self.atom()
        end = self.at
        least, most = self.times()
        after = self.at
        parts = []
        for _ in range(self.chance.randint(least, most)):
            self.at = start
            parts.append(self.atom())
            self.written += len(parts[-1]) + 1
            if self.written > LONGEST:
                raise Unsupported(self.pattern)
        self.at = after
        return made if end == after else "".join(parts)

    def times(self) -> tuple[int, int]:
        least, most = 1, 1
        if self.accept("*"):
            least, most = 0, MOST
        elif self.accept("+"):
            least, most = 1, MOST
        elif self.accept("?"):
            least, most = 0, 1
        elif self.accept("{"):
            low, comma, high = self.until("}").partition(",")
            if not low.isdigit() or not (high.isdigit() or not high):
                raise Unsupported(self.pattern)
            least = int(low)
            most = int(high) if high else least + (MOST if comma else 0)
        if most < least or least > LONGEST:
            raise Unsupported(self.pattern)
        self.accept("?")
        return least, most

    def until(self, end: str) -> str:
        found = self.pattern.find(end, self.at)
        if found < 0:
            raise Unsupported(self.pattern)
        inside = self.take(found - self.at)
        self.take()
        return inside

    def atom(self) -> str:
        first = self.take()
        match first:
            case "^" | "$":
                return ""
            case ".":
                return self.chance.choice(PRINTABLE)
            case "(":
                return self.group()
            case "[":
                return self.one_of()
            case "\\":
                return self.escaped()
            case "*" | "+" | "?":
                raise Unsupported(self.pattern)
            case _:
                return first

    def group(self) -> str:
        if self.accept("?"):
            if self.accept("P<") or (self.accept("<") and self.rest[:1] not in {"=", "!"}):
                self.until(">")
            elif not self.accept(":"):
                raise Unsupported(self.pattern)
        made = self.alternatives()
        if not self.accept(")"):
            raise Unsupported(self.pattern)
        return made

    def escaped(self) -> str:
        if self.rest[:1] in {"A", "Z", "z"}:
            self.take()
            return ""
        if self.rest[:1] in {"w", "W", "D", "S"}:
            kind = self.take()
            return self.chance.choice({"w": WORD, "W": " -", "D": WORD.strip(DIGITS), "S": WORD}[kind])
        return self.chance.choice(self.escape())

    def escape(self) -> str:
        """Return the characters an escape stands for."""
        kind = self.take()
        if kind in CLASSES:
            return CLASSES[kind]
        if kind.lower() in CLASSES:
            return "".join(each for each in EVERYTHING if each not in CLASSES[kind.lower()])
        if kind in CONTROLS:
            return CONTROLS[kind]
        if kind in HEX:
            return chr(int(self.take(HEX[kind]), 16))
        if kind.isalnum():
            raise Unsupported(self.pattern)
        return kind

    def one_of(self) -> str:
        is_negated = self.accept("^")
        members: set[str] = set()
        while not self.accept("]") or not members:
            low = self.escape() if self.accept("\\") else self.take()
            if len(low) == 1 and self.rest[:1] == "-" and self.rest[1:2] not in {"]", ""}:
                self.take()
                high = self.escape() if self.accept("\\") else self.take()
                members |= {chr(code) for code in range(ord(low), min(ord(high[0]), ord(low) + 500) + 1)}
            else:
                members |= set(low)
        found = sorted(set(EVERYTHING) - members if is_negated else members)
        if not found:
            raise Unsupported(self.pattern)
        return self.chance.choice([each for each in found if each in PRINTABLE] or found)
