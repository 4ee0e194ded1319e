from __future__ import annotations

import ast
import json
from datetime import date
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion._catalog import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.facts import Facts
from clarion.check.finding import Edit, Finding
from clarion.check.fixes import diff, mended, write
from clarion.check.inspection import findings
from clarion.check.languages import language_of

FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))


def look(text: str, name: str = "x.py") -> list[Finding]:
    language = language_of(name)
    assert language is not None
    return findings(Path(name), text, language, FACTS, frozenset(BY_CODE))


def mend(text: str) -> str:
    return mended(text, look).text


HEAD = "from anthropic import Anthropic\nclient = Anthropic()\n"
MESSAGES = '[{"role": "user", "content": "é?"}]'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("create(temperature=1, model=M)", "create(model=M)"),
        ("create(model=M, temperature=1)", "create(model=M)"),
        ("create(model=M, temperature=1, )", "create(model=M, )"),
        ("create(model=M, temperature=1, top_p=f(2, 3), top_k=4)", "create(model=M)"),
        ("create(temperature=1)", "create()"),
        ("create(\n    model=M,\n    temperature=1,  # low\n    top_p=2,\n)", "create(\n    model=M,\n)"),
        ("create(\n    model=M,\n    temperature=1\n)", "create(\n    model=M\n)"),
        ("create(\r\n    temperature=(\r\n        1\r\n    ),\r\n    model=M,\r\n)", "create(\r\n    model=M,\r\n)"),
        ("create(model=M,\n  temperature=1, max_tokens=3)", "create(model=M,\n  max_tokens=3)"),
        ("create(**{'temperature': 1, 'model': M})", "create(**{'model': M})"),
        ("create(**dict(model=M, top_k=1))", "create(**dict(model=M))"),
        ("create(**{'model': M, 'temperature': (1)})", "create(**{'model': M, 'temperature': (1)})"),
        ("create(model=M, temperature=1  # why\n)", "create(model=M, temperature=1  # why\n)"),
    ],
)
def test_dropped_arguments_leave_the_rest_as_it_was(before: str, after: str) -> None:
    head = f"{HEAD}# ü\n"
    assert mend(f"{head}client.messages.{before}  # é\n") == f"{head}client.messages.{after}  # é\n"


def test_a_dictionary_that_is_used_elsewhere_keeps_its_entries() -> None:
    text = f'{HEAD}params = {{"model": M, "temperature": 1}}\nclient.messages.create(**params)\nother(**params)\n'

    assert [finding.code for finding in look(text)] == ["CLA201"]
    assert mend(text) == text


def test_a_retired_model_and_what_its_successor_refuses_are_mended_together() -> None:
    call = (
        'client.messages.create(\n    model="claude-3-7-sonnet-latest",\n    max_tokens=16000,\n'
        '    thinking={"type": "enabled", "budget_tokens": 8_000},\n    temperature=1,\n)\n'
    )
    assert mend(HEAD + call) == HEAD + (
        'client.messages.create(\n    model="claude-sonnet-5-5",\n    max_tokens=16000,\n'
        '    thinking={"type": "adaptive", "display": "summarized"},\n    output_config={"effort": "medium"},\n)\n'
    )


FORMAT = '{"type": "json_schema", "schema": {"type": "object"}}'


def test_a_format_of_output_stays_beside_the_effort() -> None:
    text = (
        f'{HEAD}client.messages.create(model="claude-opus-5-5", thinking={{"type": "enabled", "budget_tokens": 2000}},'
        ' output_config={"format": {"type": "json_schema", "schema": {}}})\n'
    )

    assert '"format": {"type": "json_schema", "schema": {}}' in mend(text)


def test_a_schema_that_cannot_be_followed_is_left_to_the_run() -> None:
    text = f'{HEAD}client.messages.create(model="claude-opus-5-5", output_config={{"format": {FORMAT}}})\n'

    assert look(text) == []


@pytest.mark.parametrize(
    "argument",
    ['thinking={"type": "enabled", "budget_tokens": budget}', "thinking=THINKING", "**options"],
)
def test_what_is_not_all_in_sight_is_not_mended(argument: str) -> None:
    text = (
        f'{HEAD}THINKING = {{"type": "enabled", "budget_tokens": 2000}}\noptions = {{"thinking": THINKING}}\n'
        f'client.messages.create(model="claude-opus-5-5", {argument})\n'
    )

    assert [finding.code for finding in look(text)] == ["CLA211"]
    assert mend(text) == text


def test_first_blocks_in_f_strings_are_mended_where_quotes_allow() -> None:
    body = f"r = client.messages.create(model='claude-opus-5-5', max_tokens=9, messages={MESSAGES})\n"
    text = f"{HEAD}{body}print(f\"é {{r.content[0].text}}!\", f'{{r.content[0].text}}')\n"
    done = mend(text)

    ast.parse(done)
    assert look(done) == []
    assert "for block in r.content if block.type == 'text')}!\"" in done


def test_what_would_end_an_f_string_is_left_and_the_rest_mended() -> None:
    call = "client.messages.create(model='claude-opus-5-5', max_tokens=9, messages=[], temperature=1)"
    counted = "client.count_tokens('é')"
    text = f"{HEAD}print(f\"é {{{counted}}}\", f'{{client.count_tokens(x)}}')\nr = {call}\n"

    assert [bool(finding.edits) for finding in look(text)] == [False, True, True]
    assert f'print(f"é {{{counted}}}"' in mend(text)
    assert "temperature" not in mend(text)
    assert "messages.count_tokens(" in mend(text)


NAMES = st.sampled_from(["claude-3-opus-20240229", "claude-2.1", "claude-opus-5-5", "claude-haiku-4-5", "gpt-9"])
ARGUMENTS = st.lists(
    st.sampled_from(
        [
            "temperature=0.2",
            "top_p=f(1, 2)",
            "top_k = 3",
            'thinking={"type": "enabled", "budget_tokens": 5000}',
            'thinking={\n        "type": "disabled",\n    }',
            "max_tokens=300_000",
            'output_config={"effort": "xhigh"}',
            'speed="fast"',
            'tool_choice={"type": "any"}',
            "messages=[]",
            "stream=True",
            "é=1",
        ]
    ),
    unique_by=lambda argument: argument.partition("=")[0].strip(),
    max_size=6,
)
GAPS = st.sampled_from([", ", ",\n    ", ",  # why\n    ", " , "])
TAILS = st.sampled_from(
    [
        "",
        ".content[0].text",
        ".usage.output_tokens",
        "\nx = client.count_tokens('é')",
        "\nprint(MessageParam(role='user'))",
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    arguments = [f'model="{draw(NAMES)}"', *draw(ARGUMENTS)]
    call = arguments[0] + "".join(draw(GAPS) + argument for argument in arguments[1:])
    end = draw(st.sampled_from(["", ",", "\n", ",\n"]))
    tail = draw(TAILS)
    head = f"from anthropic.types import MessageParam\n{HEAD}# ü 😀\n"
    return head + f"answer = client.messages.create({call}{end}){tail}\n# end é\n"


@given(programs())
@settings(max_examples=300, deadline=None)
def test_mending_is_done_at_once_parses_and_leaves_nothing_that_can_be_mended(text: str) -> None:
    once = mended(text, look)

    assert not once.is_broken
    ast.parse(once.text)
    assert mend(once.text) == once.text
    assert not any(finding.edits for finding in look(once.text))
    assert once.text.startswith(text[: text.index("answer")])
    assert once.text.endswith("\n# end é\n")


@given(programs())
@settings(max_examples=100, deadline=None)
def test_line_ends_stay_what_they_were(text: str) -> None:
    assert mend(text.replace("\n", "\r\n")) == mend(text).replace("\n", "\r\n")


def test_a_change_that_would_break_a_text_is_given_up() -> None:
    def broken(text: str) -> list[Finding]:
        ast_of = language_of("x.py")
        assert ast_of is not None
        list(ast_of.scan(PurePath("x.py"), text, FACTS))
        return [Finding(code="CLA101", start=0, end=1, message="", edits=(Edit(0, 1, "("),))]

    assert mended("x = 1\n", broken) == ("x = 1\n", 0, True)


def test_a_diff_is_of_lines_and_marks_a_missing_end() -> None:
    assert diff(Path("a/b.py"), "one\ntwo", "one\nthree") == (
        "--- a/a/b.py\n+++ b/a/b.py\n@@ -1,2 +1,2 @@\n one\n-two\n\\ No newline at end of file\n"
        "+three\n\\ No newline at end of file\n"
    )


def test_a_file_is_written_in_one_step_with_its_mode_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.py", tmp_path / "b.py"
    path.write_bytes(b"old")
    path.chmod(0o751)
    link.symlink_to(path)

    write(link, b"new")

    assert (path.read_bytes(), path.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o751, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.py", "b.py"]


REQUESTS = st.fixed_dictionaries(
    {
        "model": NAMES,
        "max_tokens": st.sampled_from([9, 300_000]),
        "messages": st.just([{"role": "user", "content": "é"}]),
    },
    optional={
        "temperature": st.just(0.2),
        "top_k": st.just(3),
        "thinking": st.sampled_from([{"type": "disabled"}, {"type": "enabled", "budget_tokens": 5000}]),
        "output_config": st.sampled_from([{"effort": "xhigh"}, {"format": {"type": "json_schema"}}]),
        "speed": st.just("fast"),
    },
).flatmap(lambda request: st.permutations([*request.items()]))


@given(REQUESTS, st.sampled_from([None, 2]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_requests_in_json_stay_json_and_are_mended_at_once(
    request: list[tuple[str, object]], indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(dict(request), indent=indent, ensure_ascii=is_ascii)
    once = mended(text, lambda text: look(text, "x.json"))
    data = json.loads(once.text)

    assert not once.is_broken
    assert not any(finding.edits for finding in look(once.text, "x.json"))
    assert data["messages"] == dict(request)["messages"]
    assert data.keys() - {"output_config"} <= dict(request).keys()


@given(REQUESTS, st.sampled_from([None, 2]))
@settings(max_examples=100, deadline=None)
def test_requests_in_a_script_are_mended_as_in_json(request: list[tuple[str, object]], indent: int | None) -> None:
    body = json.dumps(dict(request), indent=indent)
    head = 'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\n'
    text = f"{head}const m = await client.messages.create({body});\n"
    once = mended(text, lambda text: look(text, "x.mjs"))

    assert not any(finding.edits for finding in look(once.text, "x.mjs"))
    assert once.text.startswith(head)
    json.loads(once.text[len(head) :].removeprefix("const m = await client.messages.create(").removesuffix(");\n"))
