from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import PurePath
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from clarion._catalog import Catalog
from clarion.check.data import lines, toml
from clarion.check.data import yaml as documents
from clarion.check.data.json import read
from clarion.check.facts import Facts
from clarion.check.finding import Finding
from clarion.check.languages import language_of
from clarion.check.values import plain, tables

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
OLD = "claude-3-opus-20240229"

KEYS = st.from_regex(r"[a-zA-Z_]\w{0,5}", fullmatch=True)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text()
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def found(name: str, text: str) -> list[Finding]:
    language = language_of(name)
    assert language is not None
    return list(language.scan(PurePath(name), text, FACTS))


def codes(name: str, text: str) -> list[str]:
    return [finding.code for finding in found(name, text)]


@given(DATA)
def test_json_is_read_as_the_standard_library_reads_it(data: Any) -> None:
    (value,) = read(json.dumps(data))

    assert plain(value, {}) == data


@given(DATA)
def test_yaml_is_read_as_its_own_library_reads_it(data: Any) -> None:
    written = yaml.safe_dump(data, allow_unicode=True)
    (value,) = documents.read(written)

    assert plain(value, {}) == yaml.safe_load(written)


def test_toml_is_read_as_the_standard_library_reads_it() -> None:
    text = """
        title = "a \\"quoted\\" \\u00e9" # a comment
        'odd key'.inner = 'C:\\path'
        numbers = [ 1, -2_000, 0x1f,
            2.5e3, ] # more
        [table.of]
        flag = true
        point = { x = 1, y = { z = "}" } }
        [other]
        long = \'\'\'
one
two\'\'\'
    """
    known = plain(toml.read(text), {})
    whole = tomllib.loads(text)

    assert known == {
        "title": whole["title"],
        "odd key.inner": whole["odd key"]["inner"],
        "numbers": whole["numbers"],
        "table.of": whole["table"]["of"],
        "other": whole["other"],
    }


@given(st.text(alphabet="ab=[]{}\\\"'#,.\n -é"))
def test_any_text_is_read_as_toml_and_as_lines(text: str) -> None:
    for value in (toml.read(text), lines.read(text)):
        for entry in (entry for table in tables(value) for entry in table.entries):
            assert 0 <= entry.start <= entry.value.start <= entry.value.end <= len(text)


def test_lines_have_values_with_and_without_quotes_and_comments() -> None:
    text = "# A=0\nA=1 # one\nexport B='two # 2'\nC: \"three\"\n; D=4\nE=five;5\nF=\n"

    assert plain(lines.read(text), {}) == {"A": "1", "B": "two # 2", "C": "three", "F": ""}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f'{{"model": "{OLD}"}}'),
        ("a.json", f'{{"models": {{"best": ["{OLD}"]}}}} // the best'),
        ("a.yaml", f"model: {OLD}"),
        ("a.yml", f"a:\n  - default_model: '{OLD}'\n"),
        ("a.yaml", f"x: {{{{ y }}}}\nz: {{{{\nmodel: {OLD}\n"),
        ("a.toml", f"[a]\nmodel = '{OLD}'"),
        ("a.toml", f"models = {{ best = '{OLD}' }}"),
        (".env", f"CLAUDE_MODEL={OLD}"),
        (".env.production", f"export ANTHROPIC_MODEL='{OLD}'"),
        ("a.ini", f"[a]\nmodel = {OLD}\n"),
        ("a.tfvars", f'model = "{OLD}"'),
    ],
)
def test_a_retired_model_in_settings_is_found_where_it_stands(name: str, text: str) -> None:
    (finding,) = found(name, text)

    assert finding.code == "CLA101"
    assert text[finding.start : finding.end].strip("'\"") == OLD


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f'{{"{OLD}": {{"successor": "claude-2.1"}}}}'),
        ("a.json", f'{{"retired_models": ["{OLD}"]}}'),
        ("a.json", f'{{"model": "{OLD}", "usage": {{"input_tokens": 1}}}}'),
        ("a.json", f'{{"note": "{OLD}"}}'),
        ("a.toml", f"[[models]]\nid = '{OLD}'\nlifecycle = 'retired'"),
        ("a.yaml", f"note: {OLD}\n# model: {OLD}\n"),
        ("a.toml", f"# model = '{OLD}'\nnote = '{OLD}'"),
        ("clarion.toml", f"model = '{OLD}'"),
        (".env", f"#CLAUDE_MODEL={OLD}\nNOTE={OLD}\n"),
    ],
)
def test_a_retired_model_that_settings_only_speak_of_is_not(name: str, text: str) -> None:
    assert found(name, text) == []


def test_an_alias_of_yaml_is_told_of_once_and_does_no_harm() -> None:
    pairs = zip("abcdefghijkl", "bcdefghijklm", strict=True)
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in pairs)

    assert codes("a.yaml", f"x: &x {{model: {OLD}}}\ny: *x\nz: &z [*z]\n{bomb}") == ["CLA101"]


def test_an_option_under_an_alias_is_found_at_its_key() -> None:
    text = "other: &o {x: 1}\nmodel: claude-opus-5-5\ntemperature: *o\n"
    (finding,) = found("a.yaml", text)

    assert text[finding.start : finding.end] == "temperature"


def test_requests_in_json_are_judged_and_mended() -> None:
    text = json.dumps({"model": "claude-opus-5-5", "top_p": 1, "max_tokens": 10, "messages": []})
    (finding,) = found("a.json", text)
    (edit,) = finding.edits

    assert finding.code == "CLA202"
    assert json.loads(text[: edit.start] + edit.text + text[edit.end :]).keys() == {"model", "max_tokens", "messages"}


def test_sampling_beside_a_model_that_takes_it_is_left() -> None:
    assert codes("a.yaml", "model: claude-haiku-4-5\ntemperature: 0.2\n") == []
    assert codes("a.yaml", "model: claude-opus-5-5\ntemperature: 0.2\n") == ["CLA202"]


def test_the_same_of_many_lines_is_told_once_and_mended_in_all() -> None:
    text = f'{{"model": "{OLD}"}}\n' * 1000
    (finding,) = found("a.jsonl", text)

    assert "999 more" in finding.message
    assert len(finding.edits) == 1000


def test_deep_nesting_is_survived() -> None:
    deep = "[" * 50_000 + "]" * 50_000

    assert found("a.json", f'{{"model": "{OLD}", "x": {deep}}}')
    assert [table for value in read(deep) for table in tables(value)] == []
    assert codes("a.yaml", deep) == []
