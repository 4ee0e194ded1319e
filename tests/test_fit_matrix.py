"""Every model x every kind of misfit, fitted and unfitted, against the emulator, which knows nothing of our rules.

What is changed must have been refused, and what was refused must be changed: no more and no less.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from clarion._catalog import Catalog
from clarion._fit import Fitted, fit
from clarion.emulator import Emulator

TODAY = date(2026, 11, 23)
CATALOG = Catalog.load()
CALLABLE = [model.id for model in CATALOG.sheets() if not model.is_retired]
RETIRED = [name for name, model in CATALOG.models.items() if model.is_retired]

ASK = {"role": "user", "content": "What is the weather in Oslo?"}
TOOL = {
    "name": "weather",
    "description": "Tells the weather.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
LOOSE_TOOL = {**TOOL, "input_schema": {"type": "object", "properties": {"city": {"type": "string", "minLength": 1}}}}
FORMAT = {
    "type": "json_schema",
    "schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "It rains."},
    "citations": {"enabled": True},
}
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def strict_tools(count: int, kind: Any, *, required: bool, parameters: int = 1) -> list[dict[str, Any]]:
    """So many strict tools, each with parameters of this kind."""
    properties = {f"p{number}": kind for number in range(parameters)}
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    schema["required"] = list(properties) if required else []
    return [{**TOOL, "name": f"tool_{number}", "input_schema": schema, "strict": True} for number in range(count)]


STRING = {"type": "string"}
OPEN_FORMAT = {
    "type": "json_schema",
    "schema": {"type": "object", "properties": {"city": STRING}, "required": [], "additionalProperties": False},
}
EITHER = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def text(words: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **fields}


def talk(*contents: Any) -> list[dict[str, Any]]:
    """A conversation of these contents, the user first."""
    return [{"role": "assistant" if i % 2 else "user", "content": content} for i, content in enumerate(contents)]


CASES: dict[str, dict[str, Any]] = {
    "nothing special": {},
    "temperature": {"temperature": 0.2},
    "top_p and top_k": {"top_p": 0.9, "top_k": 5},
    "temperature while thinking by budget": {
        "temperature": 0.2,
        "max_tokens": 4000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    },
    "a thinking budget": {"max_tokens": 16_000, "thinking": {"type": "enabled", "budget_tokens": 10_000}},
    "a huge thinking budget": {"max_tokens": 64_000, "thinking": {"type": "enabled", "budget_tokens": 63_000}},
    "a budget below the least": {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 500}},
    "a budget above max_tokens": {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 9000}},
    "a budget without room": {"max_tokens": 500, "thinking": {"type": "enabled", "budget_tokens": 9000}},
    "adaptive thinking": {"max_tokens": 4000, "thinking": {"type": "adaptive", "display": "summarized"}},
    "adaptive thinking without room": {"max_tokens": 500, "thinking": {"type": "adaptive"}},
    "adaptive thinking at max": {
        "max_tokens": 64_000,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "max"},
    },
    "thinking disabled": {"thinking": {"type": "disabled"}},
    "thinking disabled at low": {"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}},
    "thinking disabled at xhigh": {"thinking": {"type": "disabled"}, "output_config": {"effort": "xhigh"}},
    "thinking disabled at max": {"thinking": {"type": "disabled"}, "output_config": {"effort": "max"}},
    "thinking disabled with a display": {"thinking": {"type": "disabled", "display": "omitted"}},
    "thinking between tools": {"thinking": {"type": "between_tools"}},
    "thinking between tools at max": {"thinking": {"type": "between_tools"}, "output_config": {"effort": "max"}},
    **{f"effort {level}": {"output_config": {"effort": level}} for level in ("low", "medium", "high", "xhigh", "max")},
    "too many tokens": {"max_tokens": 200_000},
    "100,000 tokens": {"max_tokens": 100_000},
    "a prefilled answer": {"messages": talk("Answer in JSON.", "{")},
    "a prefilled answer that ends in a space": {"messages": talk("Answer in JSON.", "Here: ")},
    "a prefilled answer while thinking": {
        "max_tokens": 4000,
        "messages": talk("Answer in JSON.", "{"),
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    },
    "a tool by choice": {"tools": [TOOL]},
    "a tool forced by name": {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "weather"}},
    "any tool forced": {"tools": [TOOL], "tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
    "a tool forced that cannot be strict": {"tools": [LOOSE_TOOL], "tool_choice": {"type": "any"}},
    "a tool forced while thinking by budget": {
        "max_tokens": 4000,
        "tools": [TOOL],
        "tool_choice": {"type": "any"},
        "thinking": {"type": "enabled", "budget_tokens": 2000},
    },
    "as many strict tools as may be": {"tools": strict_tools(20, STRING, required=True)},
    "too many strict tools": {"tools": strict_tools(21, STRING, required=True)},
    "as many optional parameters as may be": {"tools": strict_tools(2, STRING, required=False, parameters=12)},
    "too many optional parameters": {"tools": strict_tools(5, STRING, required=False, parameters=5)},
    "as many unions as may be": {"tools": strict_tools(2, EITHER, required=True, parameters=8)},
    "too many unions": {"tools": strict_tools(3, {"type": ["string", "null"]}, required=True, parameters=6)},
    "too many strict tools by force": {
        "tools": [{**TOOL, "name": f"tool_{number}"} for number in range(21)],
        "tool_choice": {"type": "any"},
    },
    "an open format beside open tools": {
        "tools": strict_tools(2, STRING, required=False, parameters=12),
        "output_config": {"format": OPEN_FORMAT},
    },
    "an answer open to any key": {
        "output_config": {
            "format": {"type": "json_schema", "schema": {"type": "object", "properties": {"city": STRING}}}
        }
    },
    "an answer with bounds": {
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}}
    },
    "a system message first": {"messages": [{"role": "system", "content": "Be brief."}, ASK]},
    "a system message within": {"messages": [*talk("Hi", "Hello"), {"role": "system", "content": "Be brief."}, ASK]},
    "citations beside a format": {
        "messages": talk([DOCUMENT, text("Which city?")]),
        "output_config": {"format": FORMAT},
    },
    "an assistant's document": {"messages": talk("Hi", [text("See:"), DOCUMENT], "Thanks")},
    "a user's citations": {
        "messages": talk(
            [
                text(
                    "As said",
                    citations=[
                        {
                            "type": "char_location",
                            "cited_text": "It",
                            "document_index": 0,
                            "document_title": None,
                            "start_char_index": 0,
                            "end_char_index": 2,
                        }
                    ],
                )
            ]
        )
    },
    "five cache marks": {
        "system": [text("Be brief.", cache_control=MARK)],
        "tools": [{**TOOL, "cache_control": MARK}],
        "messages": talk([text("One", cache_control=MARK)], "Two", [text(n, cache_control=MARK) for n in ("3", "4")]),
    },
    "five cache marks with the automatic one": {
        "cache_control": MARK,
        "messages": talk([text(n, cache_control=MARK) for n in ("1", "2", "3", "4")]),
    },
    "cache marks out of order": {
        "system": [text("Be brief.", cache_control=MARK)],
        "messages": talk([text("Hi", cache_control=HOUR)]),
    },
    "five cache marks, some within a result and a document": {
        "messages": [
            *talk("Hi", [{"type": "tool_use", "id": "toolu_1", "name": TOOL["name"], "input": {}}]),
            *talk(
                [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "content": [text(n, cache_control=MARK) for n in ("1", "2", "3")],
                    },
                    {
                        "type": "document",
                        "source": {"type": "content", "content": [text("4", cache_control=HOUR)]},
                        "cache_control": HOUR,
                    },
                ]
            ),
        ]
    },
    "blank stop sequences": {"stop_sequences": [" ", "END"]},
    "US only": {"inference_geo": "us"},
    "fast mode": {"speed": "fast"},
}


def answer(body: dict[str, Any], headers: dict[str, str]) -> tuple[int, str]:
    sent = {"x-api-key": "k", "anthropic-version": "2026-10-21", **headers}
    response = Emulator().respond("POST", "/v1/messages", sent, orjson.dumps(body))
    assert isinstance(response.body, bytes)
    return response.status, response.body.decode()


def request(model: str, case: str) -> dict[str, Any]:
    return {"model": model, "max_tokens": 1000, "messages": [ASK], **CASES[case]}


def fitted(body: dict[str, Any]) -> Fitted:
    return fit(body, CATALOG, TODAY)


@pytest.mark.parametrize("model", CALLABLE)
@pytest.mark.parametrize("case", CASES)
def test_a_fitted_request_is_taken_and_changed_only_if_it_would_have_been_refused(model: str, case: str) -> None:
    body = request(model, case)

    sent = fitted(body)

    refusal = answer(body, {})
    acceptance = answer(sent.body, sent.headers)
    assert acceptance[0] == 200, f"{acceptance[1]} after {sent.changes}"
    assert bool(sent.changes) == (refusal[0] == 400), f"{refusal} but {sent.changes}"


@pytest.mark.parametrize("model", RETIRED)
@pytest.mark.parametrize("case", ["nothing special", "temperature", "a thinking budget", "a prefilled answer"])
def test_a_request_to_a_retired_model_reaches_its_successor(model: str, case: str) -> None:
    body = request(model, case)

    sent = fitted(body)

    assert answer(body, {})[0] == 404
    assert answer(sent.body, sent.headers)[0] == 200
    assert sent.changes[0].rule == "retired-model"
    assert sent.body["model"] in CALLABLE


@pytest.mark.parametrize("model", CALLABLE)
@pytest.mark.parametrize("case", CASES)
def test_fitting_twice_changes_nothing_more(model: str, case: str) -> None:
    once = fitted(request(model, case))

    twice = fit(once.body, CATALOG, TODAY, headers=once.headers)

    assert twice.changes == ()
    assert (twice.body, twice.headers) == (once.body, once.headers)


def test_every_rule_is_tried() -> None:
    from clarion._fit.table import RULES

    seen = {
        a.rule for model in [*CALLABLE, *RETIRED] for case in CASES for a in fitted(request(model, case)).adjustments
    }

    assert {rule.name for rule in RULES} - seen == {"foreign-thinking", "style"}
