"""Tables: CSV as programs write it, parted by commas, semicolons or tabs.

A row that is none is told of, and the next is read, as far as it is known where that begins.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Self

from clarion.bulk.lines import NOT_UTF8, BadLine, is_utf8, line_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from clarion.bulk.lines import Line

LARGEST_FIELD = 2**31 - 1  # characters of one field
DELIMITERS = ",;\t"
SEPARATOR = re.compile("sep=(.)", re.IGNORECASE)


class _Text:
    """The lines of a file, and the last that was read. What is not UTF-8 in them cannot be encoded again."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = lines_of(file)
        self.last = ""
        self.is_over = False
        self.number = 0  # of lines that are no rows

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        try:
            self.last = next(self._lines).decode("utf-8", "surrogateescape")
        except StopIteration:
            self.is_over = True
            raise
        return self.last

    def delimiter(self) -> str:
        """Return what parts the columns: what a first line of Excel's says (`sep=;`), else what makes most of it."""
        first = next(self._lines, b"")
        text = first.decode("utf-8", "surrogateescape").rstrip("\r\n")
        if told := SEPARATOR.fullmatch(text):
            self.number = 1
            return told[1]
        self._lines = chain([first] if first else [], self._lines)
        return max(DELIMITERS, key=lambda delimiter: _columns(text, delimiter))


def _columns(first: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([first], delimiter=delimiter), []))
    except csv.Error:
        return 0


def rows_of_table(file: BinaryIO, delimiter: str | None = None) -> Iterator[Line | BadLine]:
    """Yield the rows of a table, whose first one has the names of the columns; its first line tells what parts them."""
    records = _split(file, delimiter)
    place, columns = next(records, ("", []))
    if isinstance(columns, BadLine):
        yield replace(columns, hides_rest=True)
        return
    if why := _wrong_with(columns):
        yield BadLine(place, why, hides_rest=True)
        return
    for place, cells in records:
        yield cells if isinstance(cells, BadLine) else _cells(place, columns, cells)


def _split(file: BinaryIO, delimiter: str | None) -> Iterator[tuple[str, list[str] | BadLine]]:
    """Yield the cells of each row of a table, and the line on which it begins."""
    csv.field_size_limit(LARGEST_FIELD)
    text = _Text(file)
    reader = csv.reader(text, delimiter=delimiter or text.delimiter(), strict=True)
    while True:
        first = reader.line_num + 1
        place = f"line {text.number + first}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            is_whole = reader.line_num == first and (text.is_over or text.last.count('"') % 2 == 0)
            yield place, _broken(place, error, is_whole=is_whole)
            if not is_whole:
                return
        else:
            if cells:
                yield place, cells


def _broken(place: str, error: csv.Error, *, is_whole: bool) -> BadLine:
    """Return a row that is no CSV; one that does not end with its line may have taken others for its own."""
    if is_whole:
        return BadLine(place, str(error))
    return BadLine(
        place, f"{error}; a quote that is not closed hides what follows, so this cannot be skipped", hides_rest=True
    )


def _wrong_with(columns: list[str]) -> str:
    """Return why these cannot be the names of columns; empty if they can."""
    if not is_utf8(columns):
        return "the names of the columns are not UTF-8"
    twice = next((name for name, times in Counter(columns).items() if times > 1 and name), None)
    return "" if twice is None else f"two columns have the name {twice!r}"


def _cells(place: str, columns: list[str], cells: list[str]) -> Line | BadLine:
    if len(cells) != len(columns):
        fewer = "fewer" if len(cells) < len(columns) else "more"
        return BadLine(place, f"it has {fewer} than the {len(columns)} columns of the first line")
    if not is_utf8(cells):
        return BadLine(place, NOT_UTF8)
    return line_of(place, dict(zip(columns, cells, strict=True)))
