"""Data and settings: JSON, YAML, TOML and lines, by their values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from clarion.check.data import json, lines, toml, yaml
from clarion.check.data.models import retiring_models
from clarion.check.data.requests import unfit_requests
from clarion.check.unparsable import Unparsable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.values import Value


OWN = "clarion.toml"  # what it says is fitted when it is used


def scan_json(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in JSON; in JSON Lines what is the same of many lines once, with the edits of all."""
    del path
    values = list(json.read(text))
    found = (finding for value in values for finding in _found(value, text, facts, has_braces=True))
    return found if len(values) < 2 else _once(found)


def scan_yaml(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in YAML; in what is none, such as the template of some, line by line."""
    try:
        values = list(yaml.read(text))
    except Unparsable:
        yield from scan_lines(path, text, facts)
    else:
        for value in values:
            yield from _found(value, text, facts)


def scan_toml(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in TOML."""
    if path.name != OWN:
        yield from _found(toml.read(text), text, facts)


def scan_lines(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in lines of `NAME=value`."""
    del path
    yield from _found(lines.read(text), text, facts)


def _found(value: Value, text: str, facts: Facts, *, has_braces: bool = False) -> Iterator[Finding]:
    yield from retiring_models(value, text, facts)
    yield from unfit_requests(value, text, facts, has_braces=has_braces)


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.code, finding.message), []).append(finding)
    for first, *others in alike.values():
        if others:
            more = f"{first.message} (and {len(others):,} more of the same)"
            yield replace(first, message=more, edits=tuple(edit for each in (first, *others) for edit in each.edits))
        else:
            yield first
