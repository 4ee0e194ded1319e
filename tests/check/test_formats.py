from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest

from clarion._catalog import Catalog
from clarion.check import formats
from clarion.check.codes import BY_CODE, CODES
from clarion.check.facts import Facts
from clarion.check.inspection import Placed, Report, inspect

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))

# What of SARIF 2.1.0 a reader relies on (its schema, reduced to what is written here).
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "additionalProperties": {"type": "integer", "minimum": 1},
}
ARTIFACT = {"type": "object", "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}}, "required": ["uri"]}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
    "properties": {
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": {"type": "object", "required": ["text"]},
        "locations": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "physicalLocation": {
                        "type": "object",
                        "required": ["artifactLocation", "region"],
                        "properties": {"artifactLocation": ARTIFACT, "region": REGION},
                    }
                },
            },
        },
        "fixes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["artifactChanges"],
                "properties": {
                    "artifactChanges": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["artifactLocation", "replacements"],
                            "properties": {
                                "artifactLocation": ARTIFACT,
                                "replacements": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "type": "object",
                                        "required": ["deletedRegion"],
                                        "properties": {"deletedRegion": REGION},
                                    },
                                },
                            },
                        },
                    }
                },
            },
        },
    },
}


def inspected(text: str) -> tuple[Placed, ...]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "a.py")
        path.write_text(text, "utf-8")
        return inspect(path, FACTS, frozenset(BY_CODE)).findings


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Report]:
    monkeypatch.chdir(tmp_path)
    Path("a b,c.py").write_text("é = 1; MODEL = 'claude-2.1'\nLLM = 'claude-sonnet-4-5'\n", "utf-8")
    Path("broken.py").write_text("print claude\n")
    return [inspect(path, FACTS, frozenset(BY_CODE)) for path in (Path("a b,c.py"), Path("broken.py"))]


def test_text_has_a_line_for_each_finding_with_place_code_and_mark(reports: list[Report]) -> None:
    assert [*formats.text(reports[0])] == [
        "a b,c.py:1:16: CLA101 error: claude-2.1 was retired on 2025-07-21; its successor is claude-opus-5-5 [*]",
        "a b,c.py:2:7: CLA102 warning: claude-sonnet-4-5 retires on 2026-11-30, in 5 days; "
        "its successor is claude-sonnet-5-5",
    ]


def test_github_gets_a_command_for_each_with_its_marks_escaped(reports: list[Report]) -> None:
    first, second = formats.github(reports[0])

    assert first.startswith(
        "::error file=a b%2Cc.py,line=1,col=16,endLine=1,endColumn=28,title=CLA101 retired-model::claude-2.1 was"
    )
    assert second.startswith("::warning file=")


def test_json_has_findings_with_links_and_fixes_and_what_was_not_read(reports: list[Report]) -> None:
    document = json.loads(json.dumps(formats.as_json(reports)))

    assert document["files"] == 2
    assert document["findings"][0] | {"message": ""} == {
        "path": "a b,c.py",
        "line": 1,
        "column": 16,
        "end_line": 1,
        "end_column": 28,
        "within": None,
        "code": "CLA101",
        "name": "retired-model",
        "severity": "error",
        "message": "",
        "link": "docs/check.md#cla101",
        "fix": [{"line": 1, "column": 17, "end_line": 1, "end_column": 27, "text": "claude-opus-5-5"}],
    }
    assert [each["path"] for each in document["unread"]] == ["broken.py"]


def test_a_path_may_have_any_bytes() -> None:
    odd = Report(path=Path("d\udcff/a\n\x1b.py"), findings=inspected("MODEL = 'claude-2.1'\n"))

    assert next(formats.text(odd)).startswith(r"d\udcff/a\n\x1b.py:1:9: CLA101")
    assert json.dumps(formats.as_json([odd]), ensure_ascii=False).encode()
    assert "d%FF/a%0A%1B.py" in json.dumps(formats.sarif([odd]))
    assert next(formats.github(odd)).encode().count(b"\n") == 0


def test_sarif_has_a_rule_for_every_code_and_results_that_readers_can_place(reports: list[Report]) -> None:
    (run,) = formats.sarif(reports)["runs"]

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [code.code for code in CODES]
    for result in run["results"]:
        jsonschema.validate(result, RESULT)
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][0]["fixes"]
    assert "a%20b%2Cc.py" in json.dumps(run["results"][0])
    assert "broken.py" in json.dumps(run["invocations"])
