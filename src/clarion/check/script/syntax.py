"""A script's tokens with their brackets matched, and its literals as values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarion.check.script.tokens import Token, tokens
from clarion.check.values import Entry, Items, Name, Opaque, Scalar, Table, Text, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSES = {"(": ")", "[": "]", "{": "}"}
CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
ESCAPE = re.compile(
    r"\\(u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u\{[\da-fA-F]+\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|\r\n|.)",
    re.DOTALL,
)
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
DEEPEST = 100


class Syntax:
    """The tokens of a text; of each bracket its partner, and of each token the bracket that it is within."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: Sequence[Token] = list(tokens(text))
        self.partner: dict[int, int] = {}
        self.within: list[int] = []  # -1: in none
        self._match()

    def _match(self) -> None:
        open_ones: list[int] = []
        for index, token in enumerate(self.tokens):
            if token.kind == "mark" and token.text in (")", "]", "}"):
                opener = open_ones[-1] if open_ones else -1
                if opener >= 0 and CLOSES[self.tokens[opener].text] == token.text:
                    open_ones.pop()
                    self.partner[opener], self.partner[index] = index, opener
            self.within.append(open_ones[-1] if open_ones else -1)
            if token.kind == "mark" and token.text in CLOSES:
                open_ones.append(index)

    def is_mark(self, index: int, *marks: str) -> bool:
        """Whether a token is one of some marks."""
        return 0 <= index < len(self.tokens) and self.tokens[index].kind == "mark" and self.tokens[index].text in marks

    def is_name(self, index: int, *names: str) -> bool:
        """Whether a token is a name, or one of some names."""
        if not 0 <= index < len(self.tokens) or self.tokens[index].kind != "name":
            return False
        return not names or self.tokens[index].text in names

    def value(self, index: int, depth: int = 0) -> tuple[Value, int]:
        """Return the value that begins with a token, and the token after it."""
        token = self.tokens[index]
        match token.kind, token.text:
            case "string", written:
                return Text(unescaped(written[1:-1]), token.start, token.end), index + 1
            case "template", written if "${" not in written and len(written) > 1:
                return Text(unescaped(written[1:-1]), token.start, token.end), index + 1
            case "number", _:
                return self._number(token, index)
            case "mark", "-" if index + 1 < len(self.tokens) and self.tokens[index + 1].kind == "number":
                number, after = self._number(self.tokens[index + 1], index + 1, -1)
                return number._replace(start=token.start), after
            case "name", name if name in CONSTANTS:
                return Scalar(CONSTANTS[name], token.start, token.end), index + 1
            case "name", name:
                return Name(name, token.start, token.end), index + 1
            case "mark", "[" if index in self.partner and depth < DEEPEST:
                return self._items(index, depth), self.partner[index] + 1
            case "mark", "{" if index in self.partner and depth < DEEPEST:
                return self._table(index, depth), self.partner[index] + 1
            case "mark", opener if opener in CLOSES and index in self.partner:
                after = self.partner[index] + 1
                return Opaque(token.start, self.tokens[after - 1].end), after
        return Opaque(token.start, token.end), index + 1

    def _number(self, token: Token, index: int, sign: int = 1) -> tuple[Scalar | Opaque, int]:
        written = token.text.replace("_", "").removesuffix("n")
        try:
            number = (
                int(written, 0) if written.isdigit() or written[:2].lower() in ("0x", "0b", "0o") else float(written)
            )
        except ValueError:
            return Opaque(token.start, token.end), index + 1
        return Scalar(sign * number, token.start, token.end), index + 1

    def parts(self, opener: int) -> list[tuple[int, int]]:
        """Return where each part between the commas within a bracket begins, and where it ends."""
        end, found = self.partner[opener], list[tuple[int, int]]()
        index = start = opener + 1
        while index <= end:
            if index == end or self.is_mark(index, ","):
                if index > start:
                    found.append((start, index))
                start = index + 1
            index = (
                self.partner[index] + 1 if self.tokens[index].text in CLOSES and index in self.partner else index + 1
            )
        return found

    def expression(self, start: int, end: int, depth: int = 0) -> Value:
        """Return the value of the tokens from `start` to `end`: a literal, or what says nothing."""
        value, after = self.value(start, depth)
        if after == end or self.is_name(after, "as", "satisfies") or (self.is_mark(after, "!") and after + 1 == end):
            return value
        return Opaque(self.tokens[start].start, self.tokens[end - 1].end)

    def _items(self, opener: int, depth: int) -> Items:
        found, is_open = list[Value](), False
        for start, end in self.parts(opener):
            if self.is_mark(start, "..."):
                is_open = True
            else:
                found.append(self.expression(start, end, depth + 1))
        return Items(tuple(found), is_open, self.tokens[opener].start, self.tokens[self.partner[opener]].end)

    def _table(self, opener: int, depth: int) -> Table:
        found, is_open = list[Entry](), False
        for start, end in self.parts(opener):
            if (entry := self._entry(start, end, depth)) is not None:
                found.append(entry)
            else:
                is_open = True
        return Table(tuple(found), is_open, self.tokens[opener].start, self.tokens[self.partner[opener]].end)

    def _entry(self, start: int, end: int, depth: int) -> Entry | None:
        token = self.tokens[start]
        if token.kind not in ("name", "string", "number"):
            return None
        key = unescaped(token.text[1:-1]) if token.kind == "string" else token.text
        if end == start + 1 and token.kind == "name":
            return Entry(key, token.start, Name(key, token.start, token.end))
        if self.is_mark(start + 1, ":") and start + 2 < end:
            return Entry(key, token.start, self.expression(start + 2, end, depth + 1))
        return None


def unescaped(written: str) -> str:
    """Return what is between the quotes of a string, without its escapes."""
    return ESCAPE.sub(_character, written) if "\\" in written else written


def _character(found: re.Match[str]) -> str:
    escape = found[1]
    if "\\u" in escape:  # two halves of one character
        high, low = (int(half, 16) for half in escape[1:].split("\\u"))
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if escape[0] in "ux" and len(escape) > 1:
        code = int(escape.strip("ux{}"), 16)
        return chr(code) if code <= 0x10FFFF else ""
    return PLAIN.get(escape, escape)
