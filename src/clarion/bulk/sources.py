"""Where rows come from: files of many kinds, a folder, standard input, or anything Python iterates over.

Whatever it is, it is read once, row by row, and never written to. A row that cannot be read is yielded as such, with
its place, so that all bad rows can be told of at once.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import orjson

from clarion.bulk.errors import JobError, RowError
from clarion.bulk.openai import params_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

Format = Literal["jsonl", "csv", "tsv", "parquet", "lines", "folder"]
Form = Literal["template", "params"]
Source = str | Path | Iterable[Any]

SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".pq": "parquet",
    ".txt": "lines",
}  # fmt: skip
LARGEST_FIELD = 2**31 - 1  # characters of one field of CSV
WIDE = re.compile(rb"\d{19}")  # digits, from which on a whole number may have more than 64 bits
TOO_WIDE = "a whole number in it has more than 64 bits, and would lose digits: write it as a text"
MOST_TEXT = 32 * 1024 * 1024  # bytes of a file in a folder that is read as text


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


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a source, to be iterated once, and what they hold: columns for a template, or whole requests."""

    form: Form
    lines: Iterator[Line | BadLine]


def rows_of(source: Source, format: Format | None = None) -> Rows:
    """Open a source: a path, `-` for standard input, or an iterable of texts and mappings.

    `format` is told by the ending of a path where it is not given. Rows are whole requests where the first is one: with
    `params`, as the Message Batches API takes them, or with `body`, as OpenAI's does, which is converted. Raises
    JobError for what cannot be opened.
    """
    if format is not None and format not in get_args(Format):
        raise JobError(f"format must be one of {', '.join(get_args(Format))}; got {format!r}")
    if not isinstance(source, str | Path):
        return _with_form(_given(source))
    if str(source) == "-":
        return _with_form(_read(sys.stdin.buffer, format or "jsonl"))
    path = Path(source)
    if path.is_dir():
        return Rows("template", _folder(path))
    found = format or SUFFIXES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(sorted(SUFFIXES))
        raise JobError(f"cannot tell what {path} holds by its ending; endings: {known}; or say it with a format")
    if found == "parquet":
        return Rows("template", _parquet(path))
    try:
        file = path.open("rb")
    except OSError as error:
        raise JobError(f"cannot read {path}: {error.strerror}") from error
    return _with_form(_read(file, found))


def _read(file: BinaryIO, format: Format) -> Iterator[Line | BadLine]:
    with file:
        yield from READERS[format](file)


def _jsonl(file: BinaryIO) -> Iterator[Line | BadLine]:
    for number, text in enumerate(_unmarked(file), 1):
        place = f"line {number}"
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield BadLine(place, f"not JSON: {error}")
            continue
        yield BadLine(place, TOO_WIDE) if WIDE.search(text) and _loses_digits(text) else _line(place, value)


def _loses_digits(text: bytes) -> bool:
    """Return whether JSON has a whole number that orjson would round, as it has more than 64 bits."""
    whole: list[int] = []
    json.loads(text, parse_int=lambda digits: whole.append(int(digits)))
    return any(not -(2**63) <= number < 2**64 for number in whole)


def _unmarked(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file, without the mark that some programs put before UTF-8."""
    for number, text in enumerate(file):
        yield text if number else text.removeprefix(BOM_UTF8)


class _Text:
    """The lines of a file, and the last that was read. What is not UTF-8 in them cannot be encoded again."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = _unmarked(file)
        self.last = ""
        self.is_over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        try:
            self.last = next(self._lines).decode("utf-8", "surrogateescape")
        except StopIteration:
            self.is_over = True
            raise
        return self.last


def _table(file: BinaryIO, delimiter: str) -> Iterator[Line | BadLine]:
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


def _split(file: BinaryIO, delimiter: str) -> Iterator[tuple[str, list[str] | BadLine]]:
    """Yield the cells of each row of a table, and the line on which it begins."""
    csv.field_size_limit(LARGEST_FIELD)
    text = _Text(file)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        place = f"line {first}"
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
    if not _is_utf8(columns):
        return "the names of the columns are not UTF-8"
    twice = next((name for name, times in Counter(columns).items() if times > 1 and name), None)
    return "" if twice is None else f"two columns have the name {twice!r}"


def _cells(place: str, columns: list[str], cells: list[str]) -> Line | BadLine:
    if len(cells) != len(columns):
        fewer = "fewer" if len(cells) < len(columns) else "more"
        return BadLine(place, f"it has {fewer} than the {len(columns)} columns of the first line")
    if not _is_utf8(cells):
        return BadLine(place, "not UTF-8")
    return _line(place, dict(zip(columns, cells, strict=True)))


def _is_utf8(texts: list[str]) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines(file: BinaryIO) -> Iterator[Line | BadLine]:
    for number, text in enumerate(_unmarked(file), 1):
        place = f"line {number}"
        try:
            prompt = text.decode().strip()
        except UnicodeDecodeError as error:
            yield BadLine(place, f"not UTF-8: {error}")
            continue
        if prompt:
            yield Line(place, {"prompt": prompt})


READERS: dict[str, Callable[[BinaryIO], Iterator[Line | BadLine]]] = {
    "jsonl": _jsonl,
    "csv": lambda file: _table(file, ","),
    "tsv": lambda file: _table(file, "\t"),
    "lines": _lines,
}


def _parquet(path: Path) -> Iterator[Line | BadLine]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise JobError("Parquet needs the extra `parquet`: pip install 'clarion[parquet]'") from None
    try:
        with ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield _kept(f"row {number}", row)
    except (OSError, ArrowException, ValueError) as error:
        raise JobError(f"cannot read {path}: {error}") from error


def _folder(folder: Path) -> Iterator[Line | BadLine]:
    """Yield a row for each file: its `path` from the folder, its `name`, and its `text` where it is one."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in inner.parts):
            continue
        row = {"path": str(inner), "name": path.name}
        if not _is_utf8([row["path"]]):
            yield BadLine(ascii(str(inner)), "its name is not UTF-8")
            continue
        try:
            if path.stat().st_size <= MOST_TEXT:
                row["text"] = path.read_bytes().decode()
        except UnicodeDecodeError:
            pass  # an image or the like: it has a path, and no text
        except OSError as error:
            yield BadLine(str(inner), f"cannot be read: {error.strerror}")
            continue
        yield Line(str(inner), row)


def _given(items: Iterable[Any]) -> Iterator[Line | BadLine]:
    for number, item in enumerate(items, 1):
        place = f"item {number}"
        if isinstance(item, str):
            yield _kept(place, {"prompt": item})
        elif isinstance(item, Mapping):
            yield _kept(place, dict(item))
        else:
            yield BadLine(place, f"an item is a text or a mapping of columns, not a {type(item).__name__}")


def _kept(place: str, row: dict[Any, Any]) -> Line | BadLine:
    """Return a row of Python's values as the journal keeps it, so that it is checked as it will be asked."""
    try:
        return _line(place, orjson.loads(_json(row)))
    except TypeError as error:
        name = next((name for name, value in row.items() if not _is_json(value)), None)
        what = "it" if name is None else f"column {name!r}"
        return BadLine(place, f"{what} cannot be kept as JSON: {error}")


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=_as_json, option=orjson.OPT_SERIALIZE_NUMPY)


def _is_json(value: Any) -> bool:
    try:
        _json(value)
    except TypeError:
        return False
    return True


def _as_json(value: Any) -> Any:
    match value:
        case date() | time():  # kinds of these that orjson does not know
            return value.isoformat()
        case Decimal() | PurePath() | timedelta():
            return str(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} has no counterpart there")


def _line(place: str, value: Any) -> Line | BadLine:
    if not isinstance(value, dict):
        return BadLine(place, f"a row must be an object with named columns, not a {type(value).__name__}")
    custom_id = value.get("custom_id")
    return Line(place, value, None if custom_id in (None, "") else str(custom_id))


def _with_form(lines: Iterator[Line | BadLine]) -> Rows:
    """Tell by the first row that can be read what the rows are, and read them so."""
    before: list[Line | BadLine] = []
    for line in lines:
        before.append(line)
        if isinstance(line, Line):
            break
    first = before[-1].value if before and isinstance(before[-1], Line) else {}
    if isinstance(first.get("body"), dict) and "url" in first:
        return Rows("params", map(_converted, _chained(before, lines)))
    is_whole = isinstance(first.get("params"), dict)
    return Rows("params" if is_whole else "template", _chained(before, lines))


def _chained(before: list[Line | BadLine], rest: Iterator[Line | BadLine]) -> Iterator[Line | BadLine]:
    yield from before
    yield from rest


def _converted(line: Line | BadLine) -> Line | BadLine:
    if isinstance(line, BadLine):
        return line
    try:
        return Line(line.place, {"params": params_of(line.value)}, line.custom_id)
    except RowError as error:
        return BadLine(line.place, str(error))
