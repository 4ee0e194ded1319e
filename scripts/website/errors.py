"""The page of the errors: the tree of them, when each is raised, and the way out, as their docstrings say."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, NamedTuple

import clarion
from clarion import ClarionError, _errors

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = re.compile(r"^(?P<branch>[│├└─ ]*)(?P<name>[A-Z]\w+)\s{2,}(?P<when>\S.*)$", re.MULTILINE)
WAY_OUT = re.compile(r"^Way out: (.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
INDENT = "&nbsp;" * 4
HEAD = """# Errors

Every error that Clarion raises by itself is a `ClarionError`. It names the value that was wrong and the way out, and
carries what you need to go on: the transcript, what was paid for, the id of the request. Errors of the API keep the
SDK's types (`anthropic.RateLimitError`, `anthropic.BadRequestError`, ...) and pass through, once they have been tried
again where that makes sense ([turns](turns.md#trying-again)).

| error | when | way out |
| --- | --- | --- |
"""


class Line(NamedTuple):
    """A line of the tree that `clarion._errors` draws: how deep an error stands, its name, and when it is raised."""

    depth: int
    name: str
    when: str


def page() -> str:
    """The page: a table in the order of the tree, then each error whole."""
    lines = [line for line in _lines() if line.name in clarion.__all__]
    blocks = [f"\n::: clarion.{name}\n" for name in ("ClarionError", *(line.name for line in lines))]
    return HEAD + "".join(map(_row, lines)) + "".join(blocks)


def problems() -> Iterator[str]:
    """What is missing: public errors that are not in the tree, or say no way out."""
    lines = {line.name for line in _lines()}
    for name in sorted(clarion.__all__):
        value = getattr(clarion, name)
        if isinstance(value, type) and issubclass(value, ClarionError) and value is not ClarionError:
            if name not in lines:
                yield f"clarion.{name} is not in the tree of errors, in {_errors.__file__}"
            if not _way_out(name):
                yield f"the docstring of clarion.{name} does not end in a paragraph 'Way out: ...'"


def _lines() -> list[Line]:
    found = LINE.finditer(_errors.__doc__ or "")
    return [Line(len(match["branch"]) // 4 - 1, match["name"], match["when"]) for match in found]


def _row(line: Line) -> str:
    return f"| {INDENT * line.depth}[`{line.name}`][clarion.{line.name}] | {line.when} | {_way_out(line.name)} |\n"


def _way_out(name: str) -> str:
    found = WAY_OUT.search(inspect.getdoc(getattr(clarion, name)) or "")
    return " ".join(found[1].split()) if found else ""
