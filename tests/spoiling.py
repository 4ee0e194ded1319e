"""Sources of all languages, and the ways in which a text may come to be what nobody meant it to be."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

SOURCES = [
    (path.name, path.read_text("utf-8")) for path in sorted((Path(__file__).parent / "check/corpus").glob("*/*"))
]
WORDS = sorted({word for _, text in SOURCES for word in re.findall(r"\w+|[^\w\s]+", text)})
MARKS = [
    *"()[]{}'\"`\\#,;:=.$%@!*&|<>-/\n\r\t\0\x0c",
    *("\r\n", "\u2028", "\x85", "\ufeff", "é", "😀", "\udc80", '"""', "'''", "${", "/*", "*/", "//", "{{", "<<EOF\n"),
    *("\\u", "\\ud800", "\\x", "\\N{", "f'", 'f"', "0x", "1e", "...", "=>", "- ", "? ", "!!python/object", "  "),
]
NAMES = [
    *("x.py", "x.ts", "x.vue", "x.ipynb", "x.json", "x.jsonl", "x.yaml", "x.toml", "x.tf", ".env", "x.sh"),
    *("Dockerfile", "Makefile"),
]


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, str]:
    """A file's name and its text, cut, doubled and mixed with others in up to five places; now and then misnamed."""
    name, text = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from([0, 1, 5, 40, 400]))
        new = draw(st.one_of(st.just(""), st.sampled_from(MARKS), st.sampled_from(WORDS), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return (name if draw(st.integers(0, 9)) else draw(st.sampled_from(NAMES))), text


BUDGETS: list[Any] = ["5", True, 1.5, [], {}, -1, 10**30]
SCHEMAS: list[Any] = [None, [], {"properties": []}, {"type": 1}]
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 10**30, "", "é😀", [], {}, [[]], [None], [{}], {"": None}),
    *("claude-3-opus-20240229", "claude-opus-5-5", "claude-haiku-4-5", "anthropic.claude-3-sonnet-20240229-v1:0"),
    *({"type": []}, {"type": None}, {"type": {}}, {"type": "enabled"}, {"type": "enabled", "budget_tokens": None}),
    *({"type": "enabled", "budget_tokens": budget} for budget in BUDGETS),
    *({"type": "adaptive", "display": []}, {"type": "disabled", "display": 1}, {"type": "any", "name": 7}),
    *({"effort": []}, {"effort": None}, {"effort": {}}, {"effort": "x"}, {"effort": "max"}, {"format": 1}),
    *({"format": {"type": "json_schema", "schema": schema}} for schema in SCHEMAS),
    *([{"role": "assistant", "content": content}] for content in ("x", None, 7, [], [{"type": "text", "text": 1}])),
    *([{"role": []}], [{"params": []}], [{"params": {"model": "claude-opus-5-5", "temperature": None}}]),
]


def _spans(code: str) -> list[tuple[int, int]]:
    """Return where each expression of a program begins and ends."""
    starts = [0, *(found.end() for found in re.finditer("\n", code))]

    def at(line: int, column: int) -> int:
        start = starts[line - 1]
        return start + len(code[start:].encode()[:column].decode())

    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.expr)]
    return [
        (at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if isinstance(getattr(node, "ctx", None), ast.Load | None)
    ]


PROGRAMS = [(text, _spans(text)) for name, text in SOURCES if name.endswith(".py")]
EXPRESSIONS = sorted({text[start:end] for text, spans in PROGRAMS for start, end in spans if end - start < 200})
ODD_CODE = [
    *("None", "10**400", "b'x'", "()", "{**x}", "[*x]", "(yield)", "(await x)", "f'{x}'", "1j", "'\\ud800'", "'a\\nb'"),
    *("lambda: 0", "(y := 3)", "x[1:2]", "x()", "x(*a)", "x(**a)", "'a' 'b'", "[i for i in x]", "not x", "..."),
]


@st.composite
def exchanged(draw: st.DrawFn) -> str:
    """A program of which up to three expressions are others."""
    text, spans = draw(st.sampled_from(PROGRAMS))
    last = len(text)
    for start, end in sorted(draw(st.lists(st.sampled_from(spans), min_size=1, max_size=3)), reverse=True):
        if end <= last:
            new = draw(st.sampled_from(EXPRESSIONS) | st.sampled_from(ODD_CODE) | st.sampled_from(ODD).map(repr))
            text, last = text[:start] + new + text[end:], start
    return text


FIELDS = [
    *("max_tokens", "messages", "thinking", "output_config", "tool_choice", "tools", "speed", "inference_geo"),
    *("temperature", "top_k", "system", "stream", "requests", "usage", "extra_body"),
]
REQUESTS = st.builds(
    lambda model, fields: {"model": model, **fields},
    st.sampled_from(["claude-opus-5-5", "claude-haiku-4-5", "claude-3-7-sonnet-latest"]) | st.sampled_from(ODD),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(ODD), max_size=4),
)

CALL = 'import Anthropic from "@anthropic-ai/sdk";\nconst client = new Anthropic();\nclient.messages.create({});\n'
CURL = "curl https://api.anthropic.com/v1/messages -H 'anthropic-version: 2026-10-21' -d '{}'\n"
PYTHON = "from anthropic import Anthropic\nAnthropic().messages.create({})\n"


def written(request: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a request as it may stand in files of each language, by their names."""
    data = json.dumps(request, ensure_ascii=False)
    keywords = ", ".join(f"{name}={value!r}" for name, value in request.items())
    code = PYTHON.replace("{}", keywords)
    cell = {"cell_type": "code", "source": code.splitlines(keepends=True)}
    return [
        ("x.py", code),
        ("x.py", PYTHON.replace("create({})", f"batches.create(requests=[{{'params': {request!r}}}])")),
        ("x.ipynb", json.dumps({"cells": [cell]})),
        ("x.ts", CALL.replace("{}", data)),
        ("x.json", data),
        ("x.jsonl", json.dumps({"custom_id": "1", "params": request}) + "\n"),
        ("x.yaml", yaml.safe_dump(request, allow_unicode=True)),
        ("x.sh", CURL.replace("{}", data)),
    ]
