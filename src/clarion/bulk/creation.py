"""How a job comes to be: what is wanted of every row, the file it is written to, and whether a file is of that.

The file appears when it is whole. A process that dies before leaves `.NAME.PROCESS.part`, which the next one takes
away. Of two processes that make the same job at once, one gives up.
"""

from __future__ import annotations

import glob
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from clarion import _process
from clarion._errors import ClarionError
from clarion.bulk.errors import BadRowsError, JobError
from clarion.bulk.journal import Journal
from clarion.bulk.lines import BadLine
from clarion.bulk.part import part_of, remove
from clarion.bulk.recipe import Recipe, schema_of_answers
from clarion.bulk.record import Entry
from clarion.bulk.sources import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.bulk.lines import Line
    from clarion.bulk.sources import Format, Source

OnBadRow = Literal["stop", "skip"]
PROMPT = "{{ prompt }}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows of a source, to be iterated once, and what is asked of each."""

    rows: Rows
    recipe: Recipe

    @classmethod
    def of(
        cls,
        source: Source,
        *,
        prompt: str = PROMPT,
        system: str | None = None,
        images: str | Sequence[str] = (),
        documents: str | Sequence[str] = (),
        schema: Any = None,
        format: Format | None = None,
        **options: Any,
    ) -> Wanted:
        """Open a source; the arguments are those of `Job.create`. Raises JobError for what cannot be."""
        for name, template in (("prompt", prompt), ("system", system or "")):
            if not isinstance(template, str):
                raise JobError(f"{name} must be a template, which is a text; got {template!r}")
        recipe = Recipe(
            prompt=prompt,
            system=system,
            images=_columns(images),
            documents=_columns(documents),
            folder=_folder_of(source),
            source=str(path) if (path := _path_of(source)) and path.is_file() else None,
            schema=schema_of_answers(schema),
            options=options,
        )
        recipe.check_templates()
        recipe.check_schema()
        rows = rows_of(source, format)
        return cls(rows, replace(recipe, form=rows.form))

    def entries(self, bad: list[BadLine], *, dedupe: bool = False) -> Iterator[Entry]:
        """Yield what is to be asked; put what cannot be into `bad`."""
        for line in self.rows.lines:
            if isinstance(line, BadLine):
                bad.append(line)
                continue
            try:
                digest = self.recipe.check(line.value)
            except ClarionError as error:
                bad.append(BadLine(line.place, str(error)))
                continue
            yield Entry(input=line.value, place=line.place, custom_id=line.custom_id, digest=digest if dedupe else None)


def _columns(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def refuse_existing(path: Path) -> None:
    """Raise JobError if there is something at a path."""
    if path.exists():
        raise JobError(f"there is a job at {path} already: run it, or choose another path for a new one")


def write(path: Path, wanted: Wanted, *, on_bad_row: OnBadRow = "stop", dedupe: bool = False) -> list[BadLine]:
    """Write the journal of a new job, and return the rows that were left out. As Job.create."""
    if on_bad_row not in get_args(OnBadRow):
        raise JobError(f"on_bad_row must be one of {', '.join(get_args(OnBadRow))}; got {on_bad_row!r}")
    if not path.absolute().parent.is_dir():
        raise JobError(f"there is no folder {path.parent} for the job {path.name}: make it, or choose another path")
    bad: list[BadLine] = []
    part = part_of(path, os.getpid())
    _remove_database(part)
    _refuse_others(path, before=None)
    try:
        with Journal.create(part, wanted.recipe.to_json(), now=time.time()) as journal:
            there = journal.add(wanted.entries(bad, dedupe=dedupe))
            bad += [BadLine(place, f"the custom_id {name!r} is there already") for place, name in there]
            if bad and (on_bad_row == "stop" or any(line.hides_rest for line in bad)):
                raise BadRowsError([(line.place, line.why) for line in bad])
            if not journal.counts().all:
                raise JobError("there are no rows to ask")
        _refuse_others(path, before=os.getpid())
        refuse_existing(path)  # after that: who has ended has moved its part there
        _remove_logs(path)  # of a job that was deleted: SQLite would take them for this one's
        part.replace(path)
    finally:
        _remove_database(part)
    return bad


def _remove_database(path: Path) -> None:
    """Remove a database, if it is there."""
    remove(path)
    _remove_logs(path)


def _remove_logs(path: Path) -> None:
    """Remove what SQLite keeps beside a database."""
    for ending in ("-wal", "-shm", "-journal"):
        remove(path.with_name(path.name + ending))


def _refuse_others(path: Path, *, before: int | None) -> None:
    """Raise JobError if another process makes this job; with `before`, only one of a smaller number counts."""
    for part in path.parent.glob(part_of(Path(glob.escape(path.name)), "*").name):
        process = part.name.rsplit(".", 2)[1]
        if not process.isdecimal() or int(process) == os.getpid():
            continue
        if _process.is_dead(f"{_process.here()}/{process}"):
            _remove_database(part)
        elif before is None or int(process) < before:
            raise JobError(f"process {process} is making the job at {path}: wait for it, then run the job")


def difference(journal: Journal, wanted: Wanted) -> str:
    """Return in what a journal is not of what is wanted; empty if it is."""
    if others := _other_parts(Recipe.from_json(journal.recipe), wanted.recipe):
        return f"it was made with another {', '.join(others)}"
    recorded = journal.inputs()
    expected = next(recorded, None)
    for line in wanted.rows.lines:
        if isinstance(line, BadLine):
            continue
        if expected == (line.place, orjson.dumps(line.value).decode()):
            expected = next(recorded, None)
        elif _is_askable(line, wanted.recipe):
            return f"{line.place} is not the same there"
    return f"{expected[0]} is only there" if expected else ""


def _other_parts(kept: Recipe, wanted: Recipe) -> list[str]:
    """Return the names of what two recipes differ in; where paths are seen from counts only if there are any."""
    before, now = (orjson.loads(orjson.dumps(recipe.to_json())) for recipe in (kept, wanted))
    others = [name for name in now if now[name] != before[name] and name != "source"]
    return others if wanted.images or wanted.documents else [name for name in others if name != "folder"]


def _is_askable(line: Line, recipe: Recipe) -> bool:
    try:
        recipe.check(line.value)
    except ClarionError:
        return False
    return True


def _folder_of(source: Source) -> str:
    """Return the folder that paths in rows are seen from: that of the file they stand in."""
    path = _path_of(source)
    if path is None:
        return str(Path.cwd())
    return str(path if path.is_dir() else path.parent)


def _path_of(source: Source) -> Path | None:
    """Return where a source is, if it is a file or a folder."""
    return Path(source).absolute() if isinstance(source, str | Path) and str(source) != "-" else None
