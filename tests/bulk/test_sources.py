"""Where rows come from, and what of them cannot be asked."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clarion.bulk.errors import JobError
from clarion.bulk.lines import BadLine, Line
from clarion.bulk.sources import Rows, rows_of

CHAT = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def values(rows: Rows) -> list[Any]:
    return [line.value if isinstance(line, Line) else line for line in rows.lines]


def converted(body: dict[str, Any]) -> Any:
    rows = rows_of([{**CHAT, "body": body}])
    (line,) = rows.lines
    return line.value["params"] if isinstance(line, Line) else line.why


def test_lines_of_json_are_rows_with_their_place_and_name(write: Any) -> None:
    path = write("a.jsonl", '{"custom_id": "x", "q": 1}\n\n{"q": 2}\n')

    rows = rows_of(path)

    assert rows.form == "template"
    assert list(rows.lines) == [Line("line 1", {"custom_id": "x", "q": 1}, "x"), Line("line 3", {"q": 2})]


@pytest.mark.parametrize(("text", "why"), [("{", "not JSON"), ("[1]", "named columns"), ("\xff", "not JSON")])
def test_a_line_that_is_no_row_is_told_with_its_place_and_the_rest_is_read(write: Any, text: str, why: str) -> None:
    path = write("a.jsonl", b'{"q": 1}\n' + text.encode("latin-1") + b'\n{"q": 3}\n')

    first, bad, last = rows_of(path).lines

    assert isinstance(bad, BadLine)
    assert bad.place == "line 2"
    assert why in bad.why
    assert isinstance(first, Line)
    assert isinstance(last, Line)


def test_a_whole_number_that_would_lose_digits_makes_a_bad_row(write: Any) -> None:
    numbers = [2**64 - 1, 2**64, -(2**63), -(2**63) - 1]
    texts = [json.dumps({"id": number}) for number in numbers] + [json.dumps({"id": str(2**99), "x": 1.5e300})]

    read = values(rows_of(write("a.jsonl", "\n".join(texts))))

    assert [row["id"] if isinstance(row, dict) else row.place for row in read] == [
        2**64 - 1, "line 2", -(2**63), "line 4", str(2**99),
    ]  # fmt: skip


def test_a_table_gives_a_row_for_each_of_its_lines(write: Any) -> None:
    path = write("a.csv", '\ufeffname,text\nanna,"two\nlines"\nbert,"a ""quote"""\n')

    assert values(rows_of(path)) == [{"name": "anna", "text": "two\nlines"}, {"name": "bert", "text": 'a "quote"'}]


def test_columns_of_a_tsv_are_parted_by_tabs(write: Any) -> None:
    assert values(rows_of(write("a.tsv", "a\tb\n1\t2,3\n"))) == [{"a": "1", "b": "2,3"}]


@pytest.mark.parametrize(
    ("bad", "why"),
    [(b"1", "fewer"), (b"1,2,3", "more"), (b"1,\xe9", "not UTF-8"), (b'1,"a"b', "expected after")],
)
def test_a_line_of_a_table_that_does_not_fit_is_told_and_the_rest_is_read(write: Any, bad: bytes, why: str) -> None:
    path = write("a.csv", b'a,b\n"two\nlines",x\n' + bad + b"\n4,5\n")

    first, told, last = rows_of(path).lines

    assert first == Line("line 2", {"a": "two\nlines", "b": "x"})
    assert isinstance(told, BadLine)
    assert (told.place, told.hides_rest) == ("line 4", False)
    assert why in told.why
    assert last == Line("line 5", {"a": "4", "b": "5"})


@pytest.mark.parametrize(
    "text", ['a,b\n1,"x\n2,3\n', 'a,b\n1,"x"y,"z\n2,3\n', "a,a\n1,2\n", b"a,\xe9\n1,2\n", 'a,"b"c\n']
)
def test_where_the_next_row_of_a_table_begins_is_not_guessed(write: Any, text: str | bytes) -> None:
    (bad,) = rows_of(write("a.csv", text)).lines

    assert isinstance(bad, BadLine)
    assert bad.hides_rest


TABLE = "id;text\r\n1;Good, very\r\n2;Käse\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    ("name", "table", "first"),
    [
        ("a.csv", TABLE, 2),
        ("a.csv", f"sep=;\r\n{TABLE}", 3),
        ("a.csv", TABLE.replace(";", "\t"), 2),
        ("a.csv", TABLE.replace(", very", "; very").replace(";", ",", 1).replace("1;", "1,").replace("2;", "2,"), 2),
        ("a.tsv", TABLE.replace(";", "\t"), 2),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(write: Any, name: str, table: str, first: int, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""

    one, two = rows_of(write(name, f"{mark}{table}".encode(encoding))).lines

    assert isinstance(one, Line)
    assert isinstance(two, Line)
    assert one.value["text"].replace(";", ",") == "Good, very"
    assert two == Line(f"line {first + 1}", {"id": "2", "text": "Käse"})


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt"])
def test_lines_may_be_utf_16_and_what_is_none_is_told(write: Any, name: str) -> None:
    text = '{"prompt": "Grüße 🎉"}\r\n\r\n{"prompt": "b"}'

    *good, last = rows_of(write(name, text.encode("utf-16") + b"x")).lines

    assert [each.place for each in good] == ["line 1"]
    assert "🎉" in str(good[0])
    assert isinstance(last, BadLine)
    assert last.place == "line 3"


def test_an_array_of_json_gives_its_items(write: Any) -> None:
    path = write("a.json", '\n[\n {"custom_id": "x", "q": 1},\n 7\n]\n')

    assert list(rows_of(path).lines) == [
        Line("item 1", {"custom_id": "x", "q": 1}, "x"),
        BadLine("item 2", "a row must be an object with named columns, not a int"),
    ]


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [('[{"q": 1},\n{"q": ]', "line 2", "not a JSON array"), ('[{"q": 99999999999999999999}]', "the array", "64 bits")],
)
def test_an_array_that_cannot_be_read_is_told_and_not_skipped(write: Any, text: str, place: str, why: str) -> None:
    (bad,) = rows_of(write("a.json", text)).lines

    assert isinstance(bad, BadLine)
    assert (bad.place, bad.hides_rest) == (place, True)
    assert why in bad.why


def test_an_object_a_line_may_be_called_json(write: Any) -> None:
    assert values(rows_of(write("a.json", '{"q": 1}\n{"q": 2}\n'))) == [{"q": 1}, {"q": 2}]


def test_a_spreadsheet_is_refused_with_the_way_out(write: Any) -> None:
    with pytest.raises(JobError, match=r"rows\.xlsx is a spreadsheet: save its sheet as CSV"):
        rows_of(write("rows.xlsx", "PK"))


def test_a_quote_that_is_not_closed_in_the_last_line_hides_nothing(write: Any) -> None:
    _, bad = rows_of(write("a.csv", 'a,b\n1,2\n3,"x')).lines

    assert isinstance(bad, BadLine)
    assert (bad.place, bad.hides_rest) == ("line 3", False)


@pytest.mark.parametrize("name", ["a.jsonl", "a.txt"])
def test_a_byte_order_mark_is_no_part_of_the_first_row(write: Any, name: str) -> None:
    text = '{"prompt": "One?"}\n' if name == "a.jsonl" else "One?\n"

    assert values(rows_of(write(name, "\ufeff" + text))) == [{"prompt": "One?"}]


def test_lines_of_text_are_prompts(write: Any) -> None:
    assert values(rows_of(write("a.txt", "One?\n\n  Two? \n"))) == [{"prompt": "One?"}, {"prompt": "Two?"}]


def test_a_folder_gives_a_row_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("hello")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / ".hidden").write_text("no")

    assert values(rows_of(tmp_path)) == [
        {"path": "b.png", "name": "b.png"},
        {"path": str(Path("in", "a.md")), "name": "a.md", "text": "hello"},
    ]


def test_a_parquet_file_gives_its_rows(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"q": ["a", "b"], "n": [1, None]}), tmp_path / "a.parquet")

    assert values(rows_of(tmp_path / "a.parquet")) == [{"q": "a", "n": 1}, {"q": "b", "n": None}]


def test_a_file_that_is_no_parquet_is_told(write: Any) -> None:
    pytest.importorskip("pyarrow")

    with pytest.raises(JobError, match="cannot read"):
        list(rows_of(write("a.parquet", "no")).lines)


def test_standard_input_is_read_as_lines_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b'{"q": 1}\n')))

    assert values(rows_of("-")) == [{"q": 1}]


def test_anything_python_iterates_over_gives_rows() -> None:
    lines = list(rows_of(iter(["One?", {"q": 2}, 3])).lines)

    assert lines[:2] == [Line("item 1", {"prompt": "One?"}), Line("item 2", {"q": 2})]
    assert isinstance(lines[2], BadLine)
    assert lines[2].place == "item 3"


def test_values_that_json_does_not_have_become_texts_before_they_are_checked() -> None:
    row = {"price": Decimal("1.50"), "day": date(2026, 1, 2), "path": Path("a"), "took": timedelta(minutes=1)}

    assert values(rows_of([row])) == [{"price": "1.50", "day": "2026-01-02", "path": "a", "took": "0:01:00"}]


@pytest.mark.parametrize(
    ("row", "why"),
    [({"x": 1, "img": b"\xff"}, "column 'img'"), ("a\ud800b", "column 'prompt'"), ({1: "x"}, "it cannot")],
)
def test_a_row_that_json_cannot_hold_is_told_and_the_rest_is_read(row: Any, why: str) -> None:
    bad, good = values(rows_of([row, "Two?"]))

    assert why in bad.why
    assert good == {"prompt": "Two?"}


def test_a_file_whose_name_is_not_utf_8_is_told(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")

    (bad,) = rows_of(tmp_path).lines

    assert isinstance(bad, BadLine)
    assert "not UTF-8" in bad.why


def test_a_source_is_read_only_as_far_as_it_is_asked_for() -> None:
    read: list[int] = []

    def items() -> Any:
        for number in range(1_000):
            read.append(number)
            yield {"q": number}

    rows = rows_of(items())
    next(rows.lines)

    assert len(read) <= 2


def test_whole_requests_are_told_by_their_params(write: Any) -> None:
    params = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    rows = rows_of(write("a.jsonl", json.dumps({"custom_id": "a", "params": params})))

    assert rows.form == "params"
    assert values(rows) == [{"custom_id": "a", "params": params}]


@pytest.mark.parametrize("name", ["a.docx", "a"])
def test_a_file_of_an_unknown_kind_is_refused(write: Any, name: str) -> None:
    with pytest.raises(JobError, match=r"endings: .*\.jsonl"):
        rows_of(write(name, "x"))


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="No such file"):
        rows_of(tmp_path / "no.jsonl")


def test_a_line_of_openai_becomes_a_message() -> None:
    body = {
        "model": "gpt-5",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "max_completion_tokens": 50,
        "temperature": 0.2,
        "stop": "END",
        "user": "u1",
        "n": 1,
    }

    assert converted(body) == {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "system": "Be brief.",
        "max_tokens": 50,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
    }


def test_tools_and_their_results_are_converted() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    body = {
        "messages": [
            {"role": "user", "content": "Add"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}, "strict": True}}],
        "tool_choice": "required",
    }

    params = converted(body)

    assert params["messages"][1]["content"] == [{"type": "tool_use", "id": "c1", "name": "add", "input": {"a": 1}}]
    assert params["messages"][2]["content"][0]["tool_use_id"] == "c1"
    assert params["tools"] == [{"name": "add", "input_schema": {"type": "object"}, "strict": True}]
    assert params["tool_choice"] == {"type": "any"}


@pytest.mark.parametrize(
    ("change", "choice"),
    [
        ({}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"tool_choice": "required"}, {"type": "any", "disable_parallel_tool_use": True}),
        ({"tool_choice": "none"}, {"type": "none"}),
        ({"tools": []}, None),
        ({"parallel_tool_calls": True}, None),
    ],
)
def test_calls_of_tools_come_one_at_a_time_where_openai_was_asked_for_it(change: Any, choice: Any) -> None:
    body = {
        "parallel_tool_calls": False,
        "messages": [{"role": "user", "content": "Add"}],
        "tools": [{"type": "function", "function": {"name": "add"}}],
    }

    assert converted(body | change).get("tool_choice") == choice


def test_the_effort_of_openai_is_converted_beside_the_form_of_the_answer() -> None:
    schema = {"type": "object", "properties": {}}
    body = {
        "messages": [{"role": "user", "content": "Hi"}],
        "reasoning_effort": "high",
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
    }

    assert converted(body)["output_config"] == {"effort": "high", "format": {"type": "json_schema", "schema": schema}}


def test_what_is_null_in_a_line_of_openai_is_not_given() -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": None, "tools": None, "response_format": None}

    assert list(converted(body)) == ["messages"]


def test_images_of_openai_are_converted() -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]

    (message,) = converted({"messages": [{"role": "user", "content": parts}]})["messages"]

    assert [block["source"]["type"] for block in message["content"]] == ["base64", "url"]
    assert message["content"][0]["source"]["data"] == "AAAA"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"n": 3}, "n=3"),
        ({"logprobs": True}, "logprobs=True"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "'input_audio'"),
        ({"reasoning_effort": "minimal"}, "reasoning_effort='minimal'"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "a tool of type 'custom'"),
        ({"messages": []}, "no messages"),
        ({"messages": "Hi"}, "messages must be a list"),
        ({"messages": ["Hi"]}, "must be an object"),
        ({"messages": [{"role": "user", "content": 5}]}, "content must be a list"),
        ({"messages": [{"role": "user", "content": ["Hi"]}]}, "must be an object"),
        ({"messages": [{"role": "assistant", "tool_calls": ["f"]}]}, "must be an object"),
        ({"tools": ["f"]}, "must be an object"),
        ({"stop": [1]}, "stop must be"),
    ],
)
def test_what_has_no_counterpart_is_an_error_not_left_out(change: dict[str, Any], why: str) -> None:
    assert why in converted({"messages": [{"role": "user", "content": "Hi"}]} | change)


@pytest.mark.parametrize("body", [None, "Hi", []])
def test_a_line_of_openai_without_a_body_is_bad(body: Any) -> None:
    first = {**CHAT, "body": {"messages": [{"role": "user", "content": "Hi"}]}}

    _, bad = rows_of([first, {**CHAT, "custom_id": "b", "body": body}]).lines

    assert isinstance(bad, BadLine)
    assert "body must be an object" in bad.why
