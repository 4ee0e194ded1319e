"""The lines of a source: as bytes of UTF-8, whatever the file is written in, and as rows, or as bad ones."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

NOT_UTF8 = "not UTF-8: save the file as that"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was read, and where."""

    place: str
    value: Any
    custom_id: str | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that cannot be read or asked: where, and why.

    With `hides_rest`, where the next row begins is not known: nothing that follows can be read, either.
    """

    place: str
    why: str
    hides_rest: bool = False


def line_of(place: str, value: Any) -> Line | BadLine:
    """Return a row, if a value is one: an object with named columns."""
    if not isinstance(value, dict):
        return BadLine(place, f"a row must be an object with named columns, not a {type(value).__name__}")
    custom_id = value.get("custom_id")
    return Line(place, value, None if custom_id in (None, "") else str(custom_id))


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file in UTF-8, without the mark that some programs put first; by it UTF-16 is known.

    What is no text in its encoding is none in UTF-8, either.
    """
    first = file.readline()
    if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield from _of_utf_16(chain([first], file))
    elif first:
        yield first.removeprefix(BOM_UTF8)
        yield from file


def _of_utf_16(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = getincrementaldecoder("utf-16")("surrogatepass")
    begun = ""
    for piece in pieces:
        *whole, begun = f"{begun}{decoder.decode(piece)}".split("\n")
        yield from (f"{text}\n".encode("utf-8", "surrogatepass") for text in whole)
    left, _ = decoder.getstate()
    if begun or left:
        yield begun.encode("utf-8", "surrogatepass") + (b"\xff" if left else b"")  # half a character, which is none


def is_utf8(texts: list[str]) -> bool:
    """Whether texts can be encoded; those that were not UTF-8 when they were read cannot."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
