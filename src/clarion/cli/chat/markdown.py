"""Markdown while it is written: blocks that are finished, and the one that is not. Pure.

A block of the top level is finished when another has begun below it in whole lines: nothing changes it later.
That holds for all of CommonMark but definitions of link references, which reach back, so they are read as plain text;
HTML is too, since a terminal shows none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

UNDECIDED = frozenset("-=#*_`~+>|:.)0123456789 \t")  # of these alone, a line without its end may become anything

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("reference")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the top level: its tokens, and the line of the text it begins with, from 0."""

    tokens: Sequence[Token]
    line: int


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text."""
    found: list[Block] = []
    opened: list[Token] = []
    depth = 0
    for token in _PARSER.parse(text):
        if token.children:
            token.children = list(_in_words(token.children))
        opened.append(token)
        depth += token.nesting
        if depth == 0:
            found.append(Block(tuple(opened), opened[0].map[0] if opened[0].map else 0))
            opened = []
    return found


def _in_words(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens of a line as a terminal shows them: a picture by its address, an address once."""
    bare = False
    for token in tokens:
        match token.type:
            case "image":
                yield Token("text", "", 0, content=" ".join(filter(None, (token.content, f"({token.attrs['src']})"))))
            case "link_open" if token.markup == "autolink":
                bare = True
            case "link_close" if bare:
                bare = False
            case _:
                yield token


class GrowingMarkdown:
    """A text that comes in pieces, given back in blocks, each once. How it is cut does not change what they are."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._rest = ""

    def add(self, piece: str) -> None:
        """Add what has come."""
        self._pieces.append(piece)

    def finished(self) -> list[Block]:
        """Return the blocks that have been finished since they were last asked for."""
        whole = self._text().rfind("\n") + 1
        *done, last = blocks(self._rest[:whole]) or [Block((), 0)]
        if done:
            self._rest = self._rest.split("\n", last.line)[-1]
        return done

    def unfinished(self) -> list[Block]:
        """Return the rest as it looks so far, without a line of which nothing can be said yet."""
        whole, _, line = self._text().rpartition("\n")
        return blocks(whole if UNDECIDED.issuperset(line) else self._rest)

    def end(self) -> list[Block]:
        """Return all that is left: nothing more comes."""
        left, self._rest = blocks(self._text()), ""
        return left

    def _text(self) -> str:
        if self._pieces:
            self._rest += "".join(self._pieces)
            self._pieces = []
        return self._rest
