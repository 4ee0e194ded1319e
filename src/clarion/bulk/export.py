"""Results as files: a row for every row of the input, in its order, while the job is running or after.

What has failed goes to a file of its own. Files are written beside their place and moved there when they are whole.
"""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from clarion.bulk.errors import JobError
from clarion.bulk.outcome import NANO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from clarion.bulk.journal import Journal, Record
    from clarion.bulk.recipe import Recipe

ExportFormat = Literal["jsonl", "csv", "parquet", "batch"]
FORMATS: tuple[str, ...] = get_args(ExportFormat)
GROUP = 1_000  # rows of a Parquet file written at a time

# What is known of a row beside its input and answer, and the type of its column.
FACTS: dict[str, str] = {
    "custom_id": "string",
    "text": "string",
    "error": "string",
    "detail": "string",
    "model": "string",
    "stop_reason": "string",
    "input_tokens": "integer",
    "output_tokens": "integer",
    "cache_read_tokens": "integer",
    "cost": "number",
    "request_id": "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: how many results, how many failures, and how many rows had neither yet."""

    results: int
    failures: int
    open: int


def export(
    journal: Journal,
    recipe: Recipe,
    path: Path,
    *,
    format: ExportFormat = "jsonl",
    failures: Path | None = None,
) -> Exported:
    """Write the results of a job to a file, and its failures to another if that is named.

    `jsonl` has the input of each row, its text or, with a schema, its `output`, and what it used; `csv` and `parquet`
    have these as columns; `batch` has lines as the Message Batches API gives them. Raises JobError for a file that
    cannot be written.
    """
    if format not in WRITERS:
        raise JobError(f"there is no export format {format!r}; formats: {', '.join(FORMATS)}")
    shape = Shape.of(journal, recipe)
    tally = {"results": 0, "failures": 0, "open": 0}

    def chosen(kind: str) -> Iterator[Record]:
        for record in journal.records():
            found = kind_of(record)
            tally[found] += kind == "results"  # the first of the two passes counts
            if found == kind:
                yield record

    for target, kind in ((path, "results"), (failures, "failures")):
        if target is not None:
            with _replacing(target) as part:
                WRITERS[format](part, shape, chosen(kind))
    return Exported(**tally)


def kind_of(record: Record) -> str:
    """Return whether a record is of the `results`, the `failures`, or still `open`."""
    if record.error is not None:
        return "failures"
    return "open" if record.answer is None else "results"


def text_of(record: Record) -> str | None:
    """Return the text of a row's answer; None where there is none."""
    if record.answer is None:
        return None
    content = orjson.loads(record.answer)["content"]
    return "".join(block["text"] for block in content if block["type"] == "text")


def output_of(record: Record) -> Any:
    """Return the answer of a row as the data it stands for; None where it is no JSON."""
    try:
        return orjson.loads(text_of(record) or "null")
    except orjson.JSONDecodeError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The columns of a table: of the input, of the answers with the types of their schema, and the facts."""

    inputs: tuple[str, ...]
    outputs: dict[str, str]
    has_schema: bool

    @classmethod
    def of(cls, journal: Journal, recipe: Recipe) -> Shape:
        """Return the shape of a job's results, by its first row and its schema."""
        first = next(journal.records(), None)
        row = orjson.loads(first.input) if first else {}
        inputs = tuple(row) if isinstance(row, dict) and recipe.form == "template" else ()
        properties = (recipe.schema or {}).get("properties") or {}
        outputs = {name: str(each.get("type")) for name, each in properties.items()}
        return cls(inputs=inputs, outputs=outputs, has_schema=recipe.schema is not None)

    def columns(self) -> dict[str, str]:
        """Return the names of all columns, and their types; one of the input gives way to an answer of its name."""
        inputs = {name: "string" for name in self.inputs if name not in FACTS}
        outputs = {name if name not in FACTS else f"output_{name}": type_ for name, type_ in self.outputs.items()}
        facts = dict(FACTS)
        if self.has_schema:
            del facts["text"]
        return {**inputs, **outputs, **facts}

    def row(self, record: Record) -> dict[str, Any]:
        """Return a record as a row of these columns."""
        given = orjson.loads(record.input)
        inputs = {name: given.get(name) for name in self.inputs} if isinstance(given, dict) else {}
        answered = output_of(record) if self.has_schema else None
        outputs = {
            name if name not in FACTS else f"output_{name}": answered.get(name) if isinstance(answered, dict) else None
            for name in self.outputs
        }
        return {**inputs, **outputs, **self.facts(record)}

    def facts(self, record: Record) -> dict[str, Any]:
        """Return what is known of a record beside its input and the fields of its answer."""
        facts = {name: getattr(record, name, None) for name in FACTS}
        return facts | {"text": None if self.has_schema else text_of(record), "cost": _dollars(record)}


def _dollars(record: Record) -> float | None:
    return None if record.cost_nano is None else record.cost_nano / float(NANO)


def _jsonl(path: Path, shape: Shape, records: Iterable[Record]) -> None:
    with path.open("wb") as file:
        for record in records:
            said = {name: value for name, value in shape.facts(record).items() if value is not None}
            output = {"output": output_of(record)} if shape.has_schema and record.answer else {}
            row = {"input": orjson.loads(record.input), **output, **said}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def _batch(path: Path, shape: Shape, records: Iterable[Record]) -> None:
    with path.open("wb") as file:
        for record in records:
            if record.error is not None:
                error = {"type": record.error, "message": record.detail}
                result = {"type": "errored", "error": {"type": "error", "error": error}}
            else:
                result = {"type": "succeeded", "message": orjson.loads(record.answer or "null")}
            line = {"custom_id": record.custom_id or str(record.seq), "result": result}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _csv(path: Path, shape: Shape, records: Iterable[Record]) -> None:
    columns = shape.columns()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for record in records:
            row = shape.row(record)
            writer.writerow([_flat(row.get(name)) for name in columns])


def _parquet(path: Path, shape: Shape, records: Iterable[Record]) -> None:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise JobError("Parquet needs the extra `parquet`: pip install 'clarion[parquet]'") from None
    types = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "boolean": pyarrow.bool_()}
    columns = shape.columns()
    schema = pyarrow.schema([(name, types.get(type_, pyarrow.string())) for name, type_ in columns.items()])
    waiting = iter(records)
    with ParquetWriter(path, schema) as writer:
        while group := [shape.row(record) for record in islice(waiting, GROUP)]:
            data = {
                name: [row[name] if type_ in types else _flat(row.get(name)) for row in group]
                for name, type_ in columns.items()
            }
            writer.write_table(pyarrow.table(data, schema=schema))


def _flat(value: Any) -> Any:
    """Return a value as the text of a cell; what is no plain value as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.12g}"
    return orjson.dumps(value).decode()


WRITERS: dict[str, Callable[[Path, Shape, Iterable[Record]], None]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "parquet": _parquet,
    "batch": _batch,
}


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, and put the file in its place when it is whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
