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


SDK = 'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\n'


def found(text: str) -> list[Finding]:
    return list(scan(PurePath("x.ts"), text, FACTS))


def models(text: str) -> list[Finding]:
    return [finding for finding in found(text) if finding.code.startswith("CLA1")]


def codes(text: str) -> list[str]:
    return [finding.code for finding in found(SDK + text)]


def mended(text: str) -> str:
    edits = {edit for finding in found(SDK + text) for edit in finding.edits}
    whole = SDK + text
    for edit in sorted(edits, reverse=True):
        whole = whole[: edit.start] + edit.text + whole[edit.end :]
    return whole.removeprefix(SDK)


def call(options: str) -> str:
    return f"client.messages.create({{ model: 'claude-opus-5-5', max_tokens: 9000, messages, {options} }});"


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
    assert models(text) == []


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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (call("temperature: 0.2"), "CLA202"),
        (call("thinking: { type: 'enabled', budget_tokens: 2048 }"), "CLA211"),
        (call("thinking: { type: 'disabled' }"), "CLA212"),
        (call("tool_choice: { type: 'any' }, tools"), "CLA221"),
        (call("max_tokens: 50_000"), "CLA224"),
        ("client.messages.stream({ model: 'claude-opus-5-5', ...rest, top_p: 1 })", "CLA202"),
        ("client.beta.messages.create({ model: 'claude-opus-5-5', messages, max_tokens, top_k: 1 })", "CLA202"),
        (
            "const MODEL = 'claude-opus-5-5';\nclient.messages.create({ model: MODEL, tool_choice: { type: 'any' } })",
            "CLA221",
        ),
        ("const request = { model: 'claude-opus-5-5', top_k: 1 };\nawait client.messages.create(request);", "CLA202"),
        ("client.countTokens('text')", "CLA301"),
        ("client.completions.create({})", "CLA302"),
        ("client.beta.promptCaching.messages.create({})", "CLA303"),
        ("const m = await client.messages.create({}); m.content[0].text", "CLA401"),
        ("const m = await client.messages.create({}); m.content?.[0]?.text", "CLA401"),
        ("await Promise.all(xs.map((x) => client.messages.create({ messages: [x] })))", "CLA501"),
        (
            "async function ask(x) { await client.messages.create(x); }\nPromise.allSettled(xs.map((x) => ask(x)))",
            "CLA501",
        ),
        ("const ask = (x) => client.messages.create(x);\nPromise.all(xs.map(ask))", "CLA501"),
        ("const PRICES = { 'claude-opus-5-5': 5 };", "CLA701"),
    ],
)
def test_what_fails_in_a_script_is_found(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        call("thinking: { type: 'adaptive' }"),
        call("max_tokens: 50_000, stream: true"),
        call("thinking: thinking_of(model)"),
        "client.messages.create({ ...request, max_tokens: 50_000 })",
        "client.messages.create({ model, messages: [{ role: 'assistant', content: 'x' }, ...more] })",
        "const m = await client.messages.create({}); if (m.content[0].type === 'text') m.content[0].text",
        "const m = await other.get(); m.content[0].text",
        "await Promise.all(xs.map((x) => limit(() => client.messages.create({ messages: [x] }))))",
        "await Promise.all([1, 2].map((x) => client.messages.create({ messages: [x] })))",
        "await Promise.all(xs.map((x) => fetch(x)))",
        "xs.map((x) => client.messages.create({ messages: [x] }))",
        "const TOKENS = { 'claude-opus-5-5': 5 };",
        "openai.completions.create({})",
        "run(client, openai.completions)",
        'declare module "x" { export const VERSION: string }',
        "client.messages.",
        "client.",
    ],
)
def test_what_does_not_fail_in_a_script_is_not_found(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (call("temperature: 0.2"), call("").replace(",  }", " }")),
        (
            "client.messages.create({\n  model: 'claude-opus-5-5',\n  top_k: 1, // why\n  messages,\n});",
            "client.messages.create({\n  model: 'claude-opus-5-5',\n  messages,\n});",
        ),
        (
            call('"thinking": { "type": "enabled", "budget_tokens": 2048 }'),
            call('"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "low"}'),
        ),
        (
            call("thinking: { type: 'enabled', budget_tokens: 2048 }"),
            call('thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "low" }'),
        ),
        (call("thinking: { type: 'enabled', budget_tokens: n() }"),) * 2,
    ],
)
def test_a_request_in_a_script_is_mended(before: str, after: str) -> None:
    assert mended(before) == after
