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
    from collections.abc import Iterable
    from pathlib import Path

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.languages import Language


class Placed(NamedTuple):
    """A finding, and the lines and columns (from 1) at which it begins and ends."""

    finding: Finding
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a file, in the order of its text, or why it was not looked into."""

    path: Path
    findings: tuple[Placed, ...] = ()
    unread: str | None = None


def inspect(path: Path, facts: Facts, codes: frozenset[str]) -> Report:
    """Look into a file for the findings of some codes. Never raises for what the file is."""
    language = language_of(path.name, b"" if path.suffix else head(path))
    if language is None:
        return Report(path=path, unread="is of no language that is known here")
    source = read(path, is_python=language.name == "python")
    match source:
        case None:
            return Report(path=path)
        case Unread(why=why):
            return Report(path=path, unread=why)
    try:
        found = findings(path, source.text, language, facts, codes)
    except Unparsable as error:
        return Report(path=path, unread=str(error))
    lines = Lines(source.text)
    return Report(path=path, findings=tuple(_placed(finding, lines) for finding in found))


def findings(path: Path, text: str, language: Language, facts: Facts, codes: Iterable[str]) -> list[Finding]:
    """Return what is found in a text, in its order, without what its comments take back."""
    lines = Lines(text)
    found = {each for each in language.scan(path, text, facts) if each.code in codes and not is_ignored(each, lines)}
    return sorted(found, key=lambda each: (each.start, each.end, each.code))


def _placed(finding: Finding, lines: Lines) -> Placed:
    return Placed(finding, *lines.place(finding.start), *lines.place(finding.end))
