"""Where rows come from: files of many kinds, a folder, standard input, or anything Python iterates over.

Whatever it is, it is read once, row by row, and never written to. A row that cannot be read is yielded as such, with
its place, so that all bad rows can be told of at once.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from clarion.bulk.errors import JobError, RowError
from clarion.bulk.lines import NOT_UTF8, BadLine, Line, is_utf8, line_of, lines_of
from clarion.bulk.openai import params_of
from clarion.bulk.tables import rows_of_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

Format = Literal["jsonl", "json", "csv", "tsv", "parquet", "lines", "folder"]
Form = Literal["template", "params"]
Source = str | Path | Iterable[Any]

SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".pq": "parquet",
    ".txt": "lines",
}  # fmt: skip
SPREADSHEETS = (".xlsx", ".xls", ".ods")
WIDE = re.compile(rb"\d{19}")  # digits, from which on a whole number may have more than 64 bits
TOO_WIDE = "a whole number in it has more than 64 bits, and would lose digits: write it as a text"
MOST_TEXT = 32 * 1024 * 1024  # bytes of a file in a folder that is read as text


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
    if found is None and path.suffix.lower() in SPREADSHEETS:
        raise JobError(f"{path} is a spreadsheet: save its sheet as CSV (in UTF-8), and run that")
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
    return _objects(lines_of(file))


def _objects(texts: Iterable[bytes]) -> Iterator[Line | BadLine]:
    for number, text in enumerate(texts, 1):
        place = f"line {number}"
        if not text.strip():
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield BadLine(place, f"not JSON: {error}")
            continue
        yield BadLine(place, TOO_WIDE) if WIDE.search(text) and _loses_digits(text) else line_of(place, value)


def _array_or_lines(file: BinaryIO) -> Iterator[Line | BadLine]:
    """Yield the items of one array, or an object a line."""
    texts, before = lines_of(file), []
    for text in texts:
        before.append(text)
        if text.strip():
            break
    if not before or not before[-1].lstrip().startswith(b"["):
        yield from _objects(chain(before, texts))
        return
    whole = b"".join(chain(before, texts))
    try:
        items = orjson.loads(whole)
    except orjson.JSONDecodeError as error:
        yield BadLine(f"line {error.lineno}", f"not a JSON array: {error.msg}", hides_rest=True)
        return
    if WIDE.search(whole) and _loses_digits(whole):
        yield BadLine("the array", TOO_WIDE, hides_rest=True)
        return
    yield from (line_of(f"item {number}", item) for number, item in enumerate(items, 1))


def _loses_digits(text: bytes) -> bool:
    """Return whether JSON has a whole number that orjson would round, as it has more than 64 bits."""
    whole: list[int] = []
    json.loads(text, parse_int=lambda digits: whole.append(int(digits)))
    return any(not -(2**63) <= number < 2**64 for number in whole)


def _lines(file: BinaryIO) -> Iterator[Line | BadLine]:
    for number, text in enumerate(lines_of(file), 1):
        place = f"line {number}"
        try:
            prompt = text.decode().strip()
        except UnicodeDecodeError as error:
            yield BadLine(place, f"{NOT_UTF8}: {error}")
            continue
        if prompt:
            yield Line(place, {"prompt": prompt})


READERS: dict[str, Callable[[BinaryIO], Iterator[Line | BadLine]]] = {
    "jsonl": _jsonl,
    "json": _array_or_lines,
    "csv": rows_of_table,
    "tsv": lambda file: rows_of_table(file, "\t"),
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
        if not is_utf8([row["path"]]):
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
        return line_of(place, orjson.loads(_json(row)))
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


def _with_form(lines: Iterator[Line | BadLine]) -> Rows:
    """Tell by the first row that can be read what the rows are, and read them so."""
    before: list[Line | BadLine] = []
    for each in lines:
        before.append(each)
        if isinstance(each, Line):
            break
    first = before[-1].value if before and isinstance(before[-1], Line) else {}
    if isinstance(first.get("body"), dict) and "url" in first:
        return Rows("params", map(_converted, chain(before, lines)))
    is_whole = isinstance(first.get("params"), dict)
    return Rows("params" if is_whole else "template", chain(before, lines))


def _converted(read: Line | BadLine) -> Line | BadLine:
    if isinstance(read, BadLine):
        return read
    try:
        return Line(read.place, {"params": params_of(read.value)}, read.custom_id)
    except RowError as error:
        return BadLine(read.place, str(error))
