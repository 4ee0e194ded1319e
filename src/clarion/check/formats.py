"""Reports as text, JSON, SARIF 2.1.0 or commands of GitHub Actions. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from clarion import __version__
from clarion.check.codes import BY_CODE, CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from clarion.check.codes import Code
    from clarion.check.inspection import Placed, Region, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def _each(reports: Iterable[Report]) -> Iterator[tuple[Path, Placed]]:
    return ((report.path, placed) for report in reports for placed in report.findings)


def text(report: Report) -> Iterator[str]:
    """Yield a line for each finding of a file; [*] marks what `--fix` mends."""
    for placed in report.findings:
        finding, region = placed.finding, placed.region
        within = f" ({finding.within})" if finding.within else ""
        mark = " [*]" if finding.edits else ""
        path = "".join(char if char.isprintable() else repr(char)[1:-1] for char in report.path.as_posix())
        place = f"{path}:{region.line}:{region.column}{within}"
        yield f"{place}: {finding.code} {finding.gravity}: {finding.message}{mark}"


def github(report: Report) -> Iterator[str]:
    """Yield a command for each finding of a file, by which GitHub shows it at its line."""
    for placed in report.findings:
        finding, region = placed.finding, placed.region
        where = {
            "file": _posix(report.path),
            "line": region.line,
            "col": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
            "title": f"{finding.code} {BY_CODE[finding.code].name}",
        }
        properties = ",".join(f"{name}={_property(str(value))}" for name, value in where.items())
        yield f"::{GITHUB[finding.gravity]} {properties}::{_data(finding.message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _posix(path: Path) -> str:
    """Return a path as text that can be encoded, whatever bytes are in it."""
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    return path.as_posix().encode("utf-8", "surrogateescape")


def as_json(reports: Sequence[Report]) -> dict[str, Any]:
    """Return all reports as plain data."""
    return {
        "files": len(reports),
        "findings": [_finding(path, placed) for path, placed in _each(reports)],
        "unread": [{"path": _posix(report.path), "why": report.unread} for report in reports if report.unread],
    }


def _finding(path: Path, placed: Placed) -> dict[str, Any]:
    finding, code = placed.finding, BY_CODE[placed.finding.code]
    return {
        "path": _posix(path),
        **placed.region._asdict(),
        "within": finding.within or None,
        "code": finding.code,
        "name": code.name,
        "severity": finding.gravity,
        "message": finding.message,
        "link": code.link,
        "fix": [
            {**region._asdict(), "text": edit.text} for edit, region in zip(finding.edits, placed.edits, strict=True)
        ],
    }


def sarif(reports: Sequence[Report]) -> dict[str, Any]:
    """Return all reports as a SARIF log of one run."""
    driver = {"name": "clarion check", "semanticVersion": __version__, "rules": [_rule(code) for code in CODES]}
    unread = [
        {"level": "warning", "message": {"text": f"{_posix(report.path)} was not looked into: it {report.unread}"}}
        for report in reports
        if report.unread
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": unread}],
        "results": [_result(path, placed) for path, placed in _each(reports)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "name": code.name,
        "shortDescription": {"text": code.summary},
        "help": {"text": f"{code.advice} See {code.link}.", "markdown": f"{code.advice} See `{code.link}`."},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(path: Path, placed: Placed) -> dict[str, Any]:
    finding = placed.finding
    artifact = {"uri": quote(_bytes(path))}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": next(index for index, code in enumerate(CODES) if code.code == finding.code),
        "level": finding.gravity,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": _region(placed.region)}}],
    }
    if finding.edits:
        replacements = [
            {"deletedRegion": _region(region), "insertedContent": {"text": edit.text}}
            for edit, region in zip(finding.edits, placed.edits, strict=True)
        ]
        result["fixes"] = [{"artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}]}]
    return result


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }
