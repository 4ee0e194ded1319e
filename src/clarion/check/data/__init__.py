"""Data and settings: JSON, YAML, TOML and lines, by their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.check.data import json, lines, toml, yaml
from clarion.check.data.models import retiring_models
from clarion.check.unparsable import Unparsable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.values import Value


def scan_json(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in JSON or JSON Lines."""
    del path
    return _found(json.read(text), text, facts)


def scan_yaml(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in YAML; in what is none, such as the template of some, line by line."""
    del path
    try:
        values = list(yaml.read(text))
    except Unparsable:
        return _found(lines.read(text), text, facts)
    return _found(values, text, facts)


def scan_toml(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in TOML."""
    del path
    return _found(toml.read(text), text, facts)


def scan_lines(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in lines of `NAME=value`."""
    del path
    return _found(lines.read(text), text, facts)


def _found(values: Iterable[Value], text: str, facts: Facts) -> Iterator[Finding]:
    for value in values:
        yield from retiring_models(value, text, facts)
