"""What a user may get wrong is said by name, or by the API; never by an error from within."""

from __future__ import annotations

import contextlib
from typing import Any

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaking import FIELDS, JUNK
from clarion import ClarionError, ClaudeService, InvalidPromptError, InvalidSettingError
from clarion._catalog import Catalog
from colours import Make

MODELS = [sheet.id for sheet in Catalog.load().sheets()]
TOOL = {"name": "weather", "description": "Tells it.", "input_schema": {"type": "object", "properties": {}}}
MARK = {"type": "ephemeral", "ttl": "1h"}

junk = st.sampled_from(JUNK)
kinds = st.sampled_from(["text", "image", "document", "thinking", "tool_use", "tool_result", "search_result"])


def or_junk(*good: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(good), junk) if good else junk


def mapping(**fields: Any) -> st.SearchStrategy[Any]:
    """A mapping of which each field may be wrong, or missing."""
    return st.fixed_dictionaries({}, optional={name: or_junk(*good) for name, good in fields.items()})


blocks = st.one_of(
    junk,
    st.builds(
        lambda kind, rest: {**rest, "type": kind}, kinds, st.dictionaries(st.sampled_from(FIELDS), junk, max_size=5)
    ),
)
messages = st.one_of(
    junk,
    st.fixed_dictionaries(
        {"role": or_junk("user", "assistant", "system"), "content": st.one_of(junk, st.lists(blocks, max_size=3))}
    ),
)
prompts = st.one_of(st.just("Hi"), junk, st.lists(messages, max_size=4), st.lists(blocks, max_size=3))
options = st.fixed_dictionaries(
    {"model": st.sampled_from(MODELS)},
    optional={
        "max_tokens": or_junk(100, 300_000),
        "system": st.one_of(junk, st.lists(blocks, max_size=2)),
        "thinking": st.one_of(
            junk,
            mapping(type=("enabled", "adaptive", "disabled", "between_tools"), budget_tokens=(5000,), display=()),
        ),
        "output_config": mapping(effort=("low", "max"), format=({"type": "json_schema", "schema": {}},)),
        "tools": st.one_of(
            junk,
            st.lists(mapping(name=("a", "b"), input_schema=({},), strict=(True,), type=("custom",)), max_size=3),
            st.builds(
                lambda schema: [{**TOOL, "strict": True, "input_schema": schema}], mapping(properties=(), anyOf=())
            ),
        ),
        "tool_choice": mapping(type=("auto", "any", "tool"), name=("a",)),
        "cache_control": or_junk(MARK),
        "temperature": or_junk(0.5),
        "top_p": or_junk(0.5),
        "top_k": or_junk(5),
        "stop_sequences": or_junk([" "], ["END", 7]),
        "speed": or_junk("fast"),
        "inference_geo": or_junk("us"),
        "metadata": junk,
        "context_management": junk,
    },
)


@pytest.mark.filterwarnings("ignore")
@given(prompts, options)
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_is_answered_or_refused_by_name(prompt: Any, options: dict[str, Any]) -> None:
    with ClaudeService(emulate=True) as claude:
        for ask in (claude.complete, claude.estimate_tokens):
            with contextlib.suppress(ClarionError, anthropic.APIStatusError):
                ask(prompt, **options)


@pytest.mark.parametrize(
    ("prompt", "options", "kind", "complaint"),
    [
        ("half \ud800", {}, InvalidPromptError, r"messages\.0\.content\.0\.text has half a surrogate pair, .* 5"),
        ([{"type": "spell", "of": b"b"}], {}, InvalidPromptError, r"messages\.0\.content\.0\.of is bytes, which JSON"),
        ("Hi", {"tool_choice": {"a": float("nan")}}, InvalidSettingError, r"tool_choice\.a is nan, which JSON"),
        ("Hi", {"tool_choice": {"a": object()}}, InvalidSettingError, r"tool_choice\.a is of type object, which JSON"),
        ([{"type": "text"}], {}, InvalidPromptError, "part 0 of the prompt is a text block whose text is None"),
        ("Hi", {"system": [3]}, InvalidSettingError, "system must be a text or a sequence of text blocks"),
        ("Hi", {"tools": None}, InvalidSettingError, "tools must be a sequence of tools; got None"),
        ("Hi", {"max_tokens": None}, InvalidSettingError, "max_tokens must be a whole number of tokens; got None"),
        ("Hi", {"top_p": "x"}, InvalidSettingError, "top_p must be a number; got 'x'"),
        ("Hi", {"output_config": {"effort": ["low"]}}, InvalidSettingError, "its effort a text"),
    ],
)
@pytest.mark.parametrize("ask", ["complete", "count_tokens"])
def test_what_cannot_be_sent_is_named(
    make_claude: Make, ask: str, prompt: Any, options: dict[str, Any], kind: type[Exception], complaint: str
) -> None:
    claude = make_claude(emulate=True)

    with pytest.raises(kind, match=complaint):
        getattr(claude, ask)(prompt, **options)


def test_a_stream_that_cannot_be_sent_is_named(make_claude: Make) -> None:
    with (
        pytest.raises(InvalidPromptError, match="half a surrogate pair"),
        make_claude(emulate=True).stream("half \udc00") as stream,
    ):
        list(stream)
