"""One file, looked into: read, scanned, and what was found put into lines and columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.ignores import is_ignored
from clarion.check.languages import language_of
from clarion.check.lines import Lines
from clarion.check.reading import Unread, read
from clarion.check.tree import head
from clarion.check.unparsable import Unparsable

if TYPE_CHECKING:
    from pathlib import Path

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.languages import Language
    from clarion.check.reading import Source


class Region(NamedTuple):
    """Where something begins and ends, in lines and columns from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


class Placed(NamedTuple):
    """A finding, where it is, and where its edits are."""

    finding: Finding
    region: Region
    edits: tuple[Region, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a file, in the order of its text, or why it was not looked into."""

    path: Path
    findings: tuple[Placed, ...] = ()
    unread: str | None = None


class Opened(NamedTuple):
    """A file that can be looked into."""

    source: Source
    language: Language


def opened(path: Path) -> Opened | Unread | None:
    """Return the text and the language of a file, why there is none, or None if nothing in it can concern Claude."""
    language = language_of(path.name, b"" if path.suffix else head(path))
    if language is None:
        return Unread("is of no language that is known here")
    source = read(path, is_python=language.name == "python")
    return source if source is None or isinstance(source, Unread) else Opened(source, language)


def inspect(path: Path, facts: Facts, codes: frozenset[str]) -> Report:
    """Look into a file for the findings of some codes. Never raises for what the file is."""
    file = opened(path)
    match file:
        case None:
            return Report(path=path)
        case Unread(why=why):
            return Report(path=path, unread=why)
    try:
        found = findings(path, file.source.text, file.language, facts, codes)
    except Unparsable as error:
        return Report(path=path, unread=str(error))
    lines = Lines(file.source.text)
    return Report(path=path, findings=tuple(_placed(finding, lines) for finding in found))


def findings(path: Path, text: str, language: Language, facts: Facts, codes: frozenset[str]) -> list[Finding]:
    """Return what is found in a text, in its order, without what its comments take back. Raises Unparsable."""
    lines = Lines(text)
    try:
        scanned = {*language.scan(path, text, facts)}
    except RecursionError as error:
        raise Unparsable("is nested too deeply") from error
    except Exception as error:
        error.add_note(f"while {path} was looked into")
        raise
    found = (each for each in scanned if each.code in codes and not is_ignored(each, lines))
    return sorted(found, key=lambda each: (each.start, each.end, each.code))


def _placed(finding: Finding, lines: Lines) -> Placed:
    edits = tuple(_region(edit.start, edit.end, lines) for edit in finding.edits)
    return Placed(finding, _region(finding.start, finding.end, lines), edits)


def _region(start: int, end: int, lines: Lines) -> Region:
    return Region(*lines.place(start), *lines.place(end))
