"""SECURITY.md and the tests go together: every line of its tables names one that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| threat |", "| ---"))
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_there_are_lines_and_none_twice() -> None:
    threats = [line[0] for line in LINES]

    assert len(threats) > 30
    assert len(set(threats)) == len(threats)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0][:40])
def test_a_line_names_a_test_that_there_is(line: list[str]) -> None:
    _threat, _defence, test = line
    named = NAMED.fullmatch(test.removesuffix(" |").strip())
    assert named is not None

    path, name = named.groups()

    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_of_security_is_behind_a_line_or_beside_one() -> None:
    named = {found[1] for line in LINES if (found := NAMED.search(line[2]))}

    assert {path.relative_to(ROOT).as_posix() for path in Path(__file__).parent.glob("test_*.py")} - named == {
        Path(__file__).relative_to(ROOT).as_posix()
    }
