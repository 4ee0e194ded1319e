"""Where rows come from: files of many kinds, a folder, standard input, or anything Python iterates over.

Whatever it is, it is read once, row by row, and never written to. A row that cannot be read is yielded as such, with
its place, so that all bad rows can be told of at once.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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
MOST_TEXT = 32 * 1024 * 1024  # bytes of a file in a folder that is read as text


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was read, and where."""

    place: str
    value: Any
    custom_id: str | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that cannot be read or asked: where, and why."""

    place: str
    why: str


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
    for number, text in enumerate(file, 1):
        place = f"line {number}"
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield BadLine(place, f"not JSON: {error}")
            continue
        yield _line(place, value)


def _table(file: BinaryIO, delimiter: str) -> Iterator[Line | BadLine]:
    csv.field_size_limit(LARGEST_FIELD)
    texts = (text.decode("utf-8-sig" if number == 0 else "utf-8") for number, text in enumerate(file))
    reader = csv.DictReader(texts, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError) as error:
            yield BadLine(f"line {reader.line_num + 1}", str(error))
            return  # where the next row begins is not known any more
        place = f"line {reader.line_num}"
        columns = len(reader.fieldnames or ())
        if None in row:
            yield BadLine(place, f"it has more than the {columns} columns of the first line")
        elif None in row.values():
            yield BadLine(place, f"it has fewer than the {columns} columns of the first line")
        else:
            yield _line(place, row)


def _lines(file: BinaryIO) -> Iterator[Line | BadLine]:
    for number, text in enumerate(file, 1):
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
                    yield _line(f"row {number}", row)
    except (OSError, ArrowException) as error:
        raise JobError(f"cannot read {path}: {error}") from error


def _folder(folder: Path) -> Iterator[Line | BadLine]:
    """Yield a row for each file: its `path` from the folder, its `name`, and its `text` where it is one."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in inner.parts):
            continue
        row = {"path": str(inner), "name": path.name}
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
            yield Line(place, {"prompt": item})
        elif isinstance(item, Mapping):
            yield _line(place, dict(item))
        else:
            yield BadLine(place, f"an item is a text or a mapping of columns, not a {type(item).__name__}")


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
