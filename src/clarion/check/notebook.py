"""Notebooks: their cells of Python, as one program, with places in the notebook's own text."""

from __future__ import annotations

import ast
import json
import re
import warnings
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.finding import Edit
from clarion.check.python import scan as scan_python
from clarion.check.script.syntax import Syntax, unescaped
from clarion.check.unparsable import Unparsable
from clarion.check.values import Items, Table, Text, plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.values import Value

PIECE = re.compile(r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\.|[^\\]", re.DOTALL)
MAGIC = re.compile(r"^([ \t]*)[%!?](.?)", re.MULTILINE)
OTHER_LANGUAGE = re.compile(r"\s*%%(?!time|capture|prun)")


class Cell(NamedTuple):
    """A cell of code: its number from 1, its lines as one text, and where each character stands in the notebook."""

    number: int
    text: str
    places: list[int]


def scan(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in a notebook. Raises Unparsable if it is none."""
    cells = [cell for cell in _cells(text) if _is_python(cell.text)]
    program, starts, places = "", list[int](), list[int]()
    for cell in cells:
        starts.append(len(program))
        program += without_magics(cell.text) + "\n"
        places += cell.places
    for finding in scan_python(path, program, facts):
        number = cells[bisect_right(starts, finding.start) - 1].number
        yield replace(
            finding,
            start=places[finding.start],
            end=places[finding.end],
            edits=tuple(Edit(places[start], places[end], _escaped(new)) for start, end, new in finding.edits),
            within=f"cell {number}",
        )


def _cells(text: str) -> Iterator[Cell]:
    """Yield the cells of code of a notebook whose kernel is Python's."""
    syntax = Syntax(text)
    notebook = syntax.value(0)[0] if syntax.tokens else None
    cells = notebook.by_key.get("cells") if isinstance(notebook, Table) else None
    if not isinstance(notebook, Table) or cells is None or not isinstance(cells.value, Items):
        raise Unparsable("is not a notebook")
    if _language(notebook) not in (None, "python"):
        return
    for number, cell in enumerate(cells.value.items, 1):
        if isinstance(cell, Table) and plain(cell, {}).get("cell_type") == "code" and "source" in cell.by_key:  # type: ignore[attr-defined]
            yield _cell(number, cell.by_key["source"].value, text)


def _language(notebook: Table) -> object:
    metadata = notebook.by_key.get("metadata")
    known = plain(metadata.value, {}) if metadata else {}
    for place, key in (("language_info", "name"), ("kernelspec", "language")):
        if isinstance(known, dict) and isinstance(known.get(place), dict) and key in known[place]:
            return known[place][key]
    return None


def _cell(number: int, source: Value, text: str) -> Cell:
    lines = source.items if isinstance(source, Items) else (source,)
    characters, places, end = list[str](), list[int](), source.end
    for line in lines:
        if isinstance(line, Text):
            for piece in PIECE.finditer(text, line.start + 1, line.end - 1):
                if character := unescaped(piece[0]):
                    characters.append(character)
                    places.append(piece.start())
            end = line.end - 1
    return Cell(number, "".join(characters), [*places, end])


def _is_python(text: str) -> bool:
    """Whether a cell is Python: not a magic for another language, nor broken by itself."""
    if OTHER_LANGUAGE.match(text):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(without_magics(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def without_magics(text: str) -> str:
    """Return a cell of the same length in which lines for IPython or the shell are statements that do nothing."""
    return MAGIC.sub(lambda found: f"{found[1]}0{'#' * len(found[2])}", text)


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
