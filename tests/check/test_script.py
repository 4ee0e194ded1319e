from __future__ import annotations

from datetime import date
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.finding import Finding
from clarion.check.script import scan
from clarion.check.script.syntax import Syntax
from clarion.check.script.tokens import tokens
from clarion.check.values import UNKNOWN, plain

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
OLD = '"claude-3-opus-20240229"'


def found(text: str) -> list[Finding]:
    return list(scan(PurePath("x.ts"), text, FACTS))


@pytest.mark.parametrize(
    "text",
    [
        f"const MODEL = {OLD};",
        f"export const MODEL: string = {OLD} as const;",
        "let model = 'claude-3-opus-20240229'",
        "this.model = `claude-3-opus-20240229`;",
        f"config['model'] = {OLD};",
        f"const model = process.env.CLAUDE_MODEL ?? {OLD};",
        f"const x = process.env.ANTHROPIC_MODEL || {OLD};",
        f"await client.messages.create({{ model: {OLD}, max_tokens: 10, messages }});",
        f"const model = cheap ? {OLD} : other;",
        f"run({{ model: cheap ? other : {OLD} }});",
        f"const MODELS = {{ best: {OLD} }};",
        f"const MODELS = ['a', {OLD}];",
        f"generateText({{ model: anthropic({OLD}) }});",
        f"function ask(prompt, model = {OLD}) {{}}",
        f"<Chat model={OLD} />",
        f"enum Model {{ Opus = {OLD} }}",
    ],
)
def test_a_retired_model_that_a_script_asks_for_is_found(text: str) -> None:
    assert [finding.code for finding in found(text)] == ["CLA101"]


@pytest.mark.parametrize(
    "text",
    [
        f"if (model === {OLD}) {{}}",
        f"const is = {OLD} == model;",
        f"const x = model === {OLD} ? a : b;",
        f"const PRICES = {{ {OLD}: 15 }};",
        f"type Model = {OLD} | 'other';",
        f"switch (model) {{ case {OLD}: break; }}",
        f"const retiredModels = [{OLD}];",
        f"console.log({OLD}, {OLD});",
        f"// const MODEL = {OLD};",
        f"/* MODEL = {OLD} */",
        f"const text = {{ title: {OLD} }};",
        "const s = `MODEL = ${x}claude-3-opus-20240229`;",
        "<p>don't use model = \"claude</p>",
        "const MODEL = 'claude-opus-5-5';",
    ],
)
def test_a_retired_model_that_a_script_only_speaks_of_is_not(text: str) -> None:
    assert found(text) == []


def test_the_edit_of_a_script_writes_the_successor_and_nothing_else() -> None:
    text = f"const MODEL = {OLD}; // ü\n"
    (edit,) = found(text)[0].edits

    assert text[: edit.start] + edit.text + text[edit.end :] == 'const MODEL = "claude-opus-5-5"; // ü\n'


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a = b / c / d", "name mark name mark name mark name"),
        ("a = /[/'\"]+/g.test(b)", "name mark regex mark name mark name mark"),
        ("return /'/", "name regex"),
        ("`a ${b + `c ${'}'} d`} e` + f", "template mark name"),
        ("`a ${{b: 1}} c`", "template"),
        ("'it\\'s' + \"x\"", "string mark string"),
        ("'unclosed\nnext", "mark name name"),
        ("1_000n 0xff .5e-3", "number number number"),
    ],
)
def test_a_script_is_read_as_tokens(text: str, kinds: str) -> None:
    assert " ".join(token.kind for token in tokens(text)) == kinds


@given(st.text(alphabet="ab'\"`/\\${}()[]\n *:,?=.1é"))
def test_tokens_are_in_order_and_within_any_text(text: str) -> None:
    at = 0
    for token in tokens(text):
        assert at <= token.start < token.end <= len(text)
        assert text[token.start : token.end] == token.text
        at = token.end
    found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, -2.5, null, true], b: "x\\n\\u00e9"}', {"a": [1, -2.5, None, True], "b": "x\né"}),
        ("{ a: 'x' as const, b: f(x), c, ...d }", {"a": "x"}),
        ("[1, ...more]", UNKNOWN),
        ("{ a: { b: [{}] }, }", {"a": {"b": [{}]}}),
    ],
)
def test_literals_of_a_script_are_values(text: str, value: object) -> None:
    assert plain(Syntax(text).value(0)[0], {}) == value
