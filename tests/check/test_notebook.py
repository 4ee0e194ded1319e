from __future__ import annotations

import json
from datetime import date
from pathlib import PurePath
from typing import Any

import pytest

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.finding import Finding
from clarion.check.notebook import scan
from clarion.check.unparsable import Unparsable

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
MAKE = "import anthropic\nclient = anthropic.Anthropic()  # é 🌊\n"
CALL = 'r = client.messages.create(model="claude-opus-5-5", max_tokens=9, messages=[], top_k=1)\n'


def code(source: str | list[str]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source}


def notebook(*cells: dict[str, Any], language: str = "python", is_ascii: bool = True) -> str:
    return json.dumps({"cells": cells, "metadata": {"kernelspec": {"language": language}}}, ensure_ascii=is_ascii)


def found(text: str) -> list[Finding]:
    return list(scan(PurePath("x.ipynb"), text, FACTS))


@pytest.mark.parametrize("is_ascii", [True, False])
def test_cells_are_one_program_and_findings_stand_in_the_text_of_the_notebook(is_ascii: bool) -> None:
    text = notebook(code(MAKE), {"cell_type": "markdown", "source": "x"}, code(["x = 1\n", CALL]), is_ascii=is_ascii)
    (finding,) = found(text)

    assert (finding.code, finding.within) == ("CLA201", "cell 3")
    assert text[finding.start : finding.end] == "top_k=1"


def test_a_mended_notebook_is_a_notebook_with_mended_code() -> None:
    text = notebook(code([MAKE]), code([CALL, "print(r.content[0].text)"]))
    for start, end, new in sorted((edit for finding in found(text) for edit in finding.edits), reverse=True):
        text = text[:start] + new + text[end:]

    cells = json.loads(text)["cells"]
    assert "".join(cells[1]["source"]) == (
        'r = client.messages.create(model="claude-opus-5-5", max_tokens=9, messages=[])\n'
        'print("".join(block.text for block in r.content if block.type == "text"))'
    )


@pytest.mark.parametrize("odd", ["\\,", "\\x41", "\\\n", "\\u12"])
def test_escapes_that_json_does_not_know_move_nothing(odd: str) -> None:
    text = notebook(code(MAKE), code(f"# ODD\n{CALL}")).replace("ODD", odd)
    (finding,) = found(text)

    assert text[finding.start : finding.end] == "top_k=1"


@pytest.mark.parametrize(
    "cell",
    [
        "%%bash\nMODEL=claude-2.1\n",
        "model = (",
        "x = 1 /",
        "\ud83d",
    ],
)
def test_a_cell_that_is_no_python_is_left_out(cell: str) -> None:
    assert [finding.within for finding in found(notebook(code(MAKE), code(cell), code(CALL)))] == ["cell 3"]


def test_magics_and_top_level_await_are_no_obstacles() -> None:
    text = notebook(code("%pip install x\n!ls\n" + MAKE), code("%%time\nif True:\n    !ls\n" + CALL), code("await x()"))

    assert [finding.code for finding in found(text)] == ["CLA201"]


def test_a_notebook_of_another_language_is_not_looked_into() -> None:
    assert found(notebook(code(MAKE + CALL), language="R")) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cells": 1}', "claude"])
def test_what_is_no_notebook_says_so(text: str) -> None:
    with pytest.raises(Unparsable, match="is not a notebook"):
        found(text)
