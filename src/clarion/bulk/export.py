"""Results as files: a row for every row of the input, in its order, while the job is running or after.

What has failed goes to a file of its own. Files are written beside their place and moved there when they are whole.
"""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from clarion.bulk.columns import Columns, facts, output_of
from clarion.bulk.errors import JobError
from clarion.bulk.journal import Journal
from clarion.bulk.part import part_of, remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clarion.bulk.recipe import Recipe
    from clarion.bulk.record import Record

ExportFormat = Literal["jsonl", "csv", "tsv", "parquet", "batch"]
FORMATS: tuple[str, ...] = get_args(ExportFormat)
ENDINGS: dict[str, ExportFormat] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".pq": "parquet",
    ".batch": "batch",
}  # fmt: skip
BESIDE = ("", "-wal", "-shm")  # the journal, and what SQLite keeps beside it
GROUP = 1_000  # rows of a Parquet file written at a time


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
    format: ExportFormat | None = None,
    failures: Path | None = None,
) -> Exported:
    """Write the results of a job to a file, and its failures to another if that is named.

    `jsonl` has the input of each row, its text or, with a schema, its `output`, and what it used; `csv`, `tsv` and
    `parquet` have these as columns; `batch` has lines as the Message Batches API gives them. Where no format is given,
    the ending of each file tells it. Raises JobError for a file that cannot be written, that the job needs, or whose
    ending tells no format; BrokenPipeError for a pipe that nobody reads any more.
    """
    if format is not None and format not in WRITERS:
        raise JobError(f"there is no export format {format!r}; formats: {', '.join(FORMATS)}")
    targets = [(path, "results"), *([] if failures is None else [(failures, "failures")])]
    for target, _ in targets:
        _refuse_own(target, journal, recipe)
    if failures is not None and failures.resolve() == path.resolve():
        raise JobError(f"results and failures cannot both go to {path}: name another file for one of them")
    writers = {kind: WRITERS[format or format_of(target) or format_of(path) or "jsonl"] for target, kind in targets}
    tally = {"results": 0, "failures": 0, "open": 0}

    def chosen(kind: str) -> Iterator[Record]:
        for record in journal.records():
            found = kind_of(record)
            tally[found] += kind == "results"  # the first of the two passes counts
            if found == kind:
                yield record

    for target, kind in targets:
        with _replacing(target) as part:
            writers[kind](part, journal, recipe, chosen(kind))
    return Exported(**tally)


def format_of(path: Path) -> ExportFormat | None:
    """Return the format that the ending of a file tells; None where it has none. Raises JobError for an unknown one."""
    ending = path.suffix.lower()
    if ending and ending not in ENDINGS:
        raise JobError(
            f"cannot tell by its ending in what format to write {path}; "
            f"endings: {', '.join(ENDINGS)}; or say it with a format: {', '.join(FORMATS)}"
        )
    return ENDINGS.get(ending)


def _refuse_own(target: Path, journal: Journal, recipe: Recipe) -> None:
    """Raise JobError for a file that an export would take from the job: its own, that of another, or its input."""
    whole = target.resolve()
    own = journal.path.resolve()
    if whole in [own.with_name(own.name + ending) for ending in BESIDE] or (whole.is_file() and Journal.is_at(whole)):
        raise JobError(f"{target} is a job: name another file for what is exported")
    if recipe.source is not None and whole == Path(recipe.source).resolve():
        raise JobError(f"{target} is the input of the job: name another file for what is exported")


def kind_of(record: Record) -> str:
    """Return whether a record is of the `results`, the `failures`, or still `open`."""
    if record.error is not None:
        return "failures"
    return "open" if record.answer is None else "results"


def _jsonl(path: Path, journal: Journal, recipe: Recipe, records: Iterable[Record]) -> None:
    has_schema = recipe.schema is not None
    with path.open("wb") as file:
        for record in records:
            said = {name: value for name, value in facts(record).items() if value is not None}
            output = output_of(record) if has_schema else None
            if output is not None:
                said = {"output": output, **{name: value for name, value in said.items() if name != "text"}}
            row = {"input": orjson.loads(record.input), **said}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def _batch(path: Path, journal: Journal, recipe: Recipe, records: Iterable[Record]) -> None:
    with path.open("wb") as file:
        for record in records:
            if record.error is not None:
                error = {"type": record.error, "message": record.detail}
                result = {"type": "errored", "error": {"type": "error", "error": error}}
            else:
                result = {"type": "succeeded", "message": orjson.loads(record.answer or "null")}
            line = {"custom_id": record.custom_id or str(record.seq), "result": result}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _table(path: Path, journal: Journal, recipe: Recipe, records: Iterable[Record], *, delimiter: str) -> None:
    columns = Columns.of(journal, recipe)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns.types)
        for record in records:
            row = columns.row(record)
            writer.writerow([_flat(row.get(name)) for name in columns.types])


def _parquet(path: Path, journal: Journal, recipe: Recipe, records: Iterable[Record]) -> None:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise JobError("Parquet needs the extra `parquet`: pip install 'clarion[parquet]'") from None
    known = {"integer": pyarrow.int64(), "number": pyarrow.float64(), "boolean": pyarrow.bool_()}
    columns = Columns.of(journal, recipe)
    schema = pyarrow.schema([(name, known.get(type_, pyarrow.string())) for name, type_ in columns.types.items()])
    waiting = iter(records)
    with ParquetWriter(path, schema) as writer:
        while group := [columns.row(record) for record in islice(waiting, GROUP)]:
            data = {
                name: [row.get(name) if type_ in known else _flat(row.get(name)) for row in group]
                for name, type_ in columns.types.items()
            }
            try:
                table = pyarrow.table(data, schema=schema)
            except (pyarrow.ArrowException, OverflowError) as error:
                raise JobError(
                    f"a value does not fit its column of the Parquet file: {error}; csv takes all"
                ) from error
            writer.write_table(table)


def _flat(value: Any) -> Any:
    """Return a value as the text of a cell; what is no plain value as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return format(Decimal(f"{value:.12g}"), "f")  # 0.000013, which spreadsheets show as it is
    return orjson.dumps(value).decode()


WRITERS: dict[str, Callable[[Path, Journal, Recipe, Iterable[Record]], None]] = {
    "jsonl": _jsonl,
    "csv": partial(_table, delimiter=","),
    "tsv": partial(_table, delimiter="\t"),
    "parquet": _parquet,
    "batch": _batch,
}


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, and put the file in its place when it is whole.

    What a link leads to is replaced, not the link; what is no file, as a pipe or /dev/null, is written as it stands.
    """
    is_replaced = path.is_file() or not path.exists()
    target = Path(os.path.realpath(path)) if is_replaced else path
    part = part_of(target, os.getpid()) if is_replaced else path
    try:
        yield part
        if is_replaced:
            part.replace(target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if is_replaced:
            remove(part)
