from __future__ import annotations

import copy
import pickle
import warnings
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import AdjustmentWarning, ClaudeService, UnfitRequestError
from clarion._catalog import Catalog
from clarion._fit import Fitted, fit
from clarion._fit.thinking import BUDGETS, LEVELS, effort_of, nearest
from clarion._prompt import Answered
from colours import Make
from wire import RememberingEmulator

TODAY = date(2026, 11, 23)
CATALOG = Catalog.load()
HI = {"role": "user", "content": "Hi"}
MODELS = [*CATALOG.models, *CATALOG.presets]


def fitted(model: str = "claude-opus-5-5", *, style: str | None = None, today: date = TODAY, **fields: Any) -> Fitted:
    body = {"model": model, "max_tokens": 1000, "messages": [{"role": "user", "content": "Hi"}], **fields}
    return fit(body, CATALOG, today, style=style)


def sentences(fit: Fitted) -> dict[str, str]:
    return {adjustment.rule: adjustment.text for adjustment in fit.adjustments}


texts = st.text(min_size=1, max_size=8).filter(str.strip)
blocks = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, texts),
    st.builds(lambda text: {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}, texts),
    st.just({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}),
    st.just({"type": "thinking", "thinking": "Hm.", "signature": "x"}),
)
contents = st.one_of(texts, st.lists(blocks, min_size=1, max_size=4))
bodies = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "max_tokens": st.integers(1, 300_000),
        "messages": st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system"]), "content": contents}),
            min_size=1,
            max_size=6,
        ),
    },
    optional={
        "system": st.one_of(texts, st.lists(st.builds(lambda t: {"type": "text", "text": t}, texts), max_size=2)),
        "temperature": st.floats(0, 1),
        "top_k": st.integers(1, 50),
        "thinking": st.one_of(
            st.fixed_dictionaries({"type": st.just("enabled"), "budget_tokens": st.integers(0, 100_000)}),
            st.fixed_dictionaries({"type": st.sampled_from(["adaptive", "disabled", "between_tools"])}),
        ),
        "output_config": st.fixed_dictionaries({"effort": st.sampled_from(LEVELS)}),
        "stop_sequences": st.lists(st.sampled_from([" ", "END"]), max_size=2),
        "speed": st.sampled_from(["fast", "standard"]),
        "inference_geo": st.just("us"),
    },
)


@given(bodies)
def test_fitting_is_idempotent_and_never_writes_to_what_it_was_given(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)

    once = fit(body, CATALOG, TODAY)
    twice = fit(once.body, CATALOG, TODAY, headers=once.headers)

    assert body == before
    assert twice.changes == ()
    assert (twice.body, twice.headers) == (once.body, once.headers)


@given(bodies)
def test_no_text_and_no_image_is_ever_lost(body: dict[str, Any]) -> None:
    sent = fit(body, CATALOG, TODAY).body

    everything = repr(sent)
    for message in body["messages"]:
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if block["type"] == "text":
                assert repr(block["text"].rstrip())[1:-1] in everything
    assert everything.count("example.com/a.png") == repr(body).count("example.com/a.png")


@given(bodies)
def test_a_request_without_changes_is_sent_as_it_is(body: dict[str, Any]) -> None:
    sent = fit(body, CATALOG, TODAY)

    if not sent.changes:
        assert sent.body == {**body, "model": CATALOG.resolve(body["model"])}
        assert sent.headers == {}


def test_the_code_of_2024_is_told_what_changed() -> None:
    sent = fitted(
        "claude-3-5-sonnet-20241022",
        temperature=0.2,
        max_tokens=16_000,
        thinking={"type": "enabled", "budget_tokens": 10_000},
    )

    assert sentences(sent) == {
        "retired-model": "claude-3-5-sonnet-20241022 was retired on 2025-10-28; claude-sonnet-5-5 answers instead",
        "thinking-budget": "claude-sonnet-5-5 takes no thinking budget: budget_tokens=10,000 became adaptive thinking "
        "with effort='medium', its summary shown",
        "sampling": "claude-sonnet-5-5 takes no sampling parameters: temperature=0.2 was dropped",
        "no-system": "there is no system prompt: answers may vary in tone and form",
    }
    assert sent.body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert sent.body["output_config"] == {"effort": "medium"}


def test_a_missing_system_prompt_is_noted_and_never_invented() -> None:
    sent = fitted()

    assert "no-system" in sentences(sent)
    assert "system" not in sent.body


@pytest.mark.parametrize(
    ("budget", "effort"),
    [(1024, "low"), (4096, "low"), (10_000, "medium"), (16_000, "high"), (32_000, "xhigh"), (100_000, "max")],
)
def test_budgets_become_efforts_by_the_documented_table(budget: int, effort: str) -> None:
    assert effort_of(budget) == effort


def test_the_table_of_budgets_goes_both_ways() -> None:
    assert [effort_of(BUDGETS[level]) for level in LEVELS] == list(LEVELS)


def test_an_effort_that_is_not_offered_becomes_the_nearest_below() -> None:
    assert nearest("xhigh", ("low", "medium", "high", "max")) == "high"
    assert nearest("low", ("medium", "high")) == "medium"


def test_the_thinking_of_another_model_is_dropped_when_it_is_known_whose_it_is(claude: Any) -> None:
    first = claude.complete("Hi", model="sonnet", thinking="high")
    onward = [*first.messages, {"role": "user", "content": "Go on"}]

    same = claude.complete(onward, model="sonnet")
    other = claude.complete(onward, model="opus", adjust="silent")

    assert [block["type"] for block in same.messages[1]["content"]] == ["thinking", "text"]
    assert [block["type"] for block in other.messages[1]["content"]] == ["text"]
    assert "foreign-thinking" in [adjustment.rule for adjustment in other.adjustments]


def test_thinking_is_kept_when_a_retired_name_goes_on_with_its_successor(claude: Any) -> None:
    first = claude.complete("Hi", model="claude-3-5-sonnet-latest", adjust="silent")

    second = claude.complete(
        [*first.messages, {"role": "user", "content": "Go on"}], model="claude-3-5-sonnet-latest", adjust="silent"
    )

    assert second.messages[1] == first.messages[1]


def test_an_alias_keeps_the_thinking_of_its_model() -> None:
    thoughtful = {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]}
    history = [HI, Answered(thoughtful, "claude-haiku-4-5-20251001"), HI]

    fit = fitted("claude-haiku-4-5", messages=history)

    assert fit.body["messages"] == history
    assert "foreign-thinking" not in sentences(fit)


def test_thinking_of_unknown_origin_is_left_to_the_api() -> None:
    history = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "x"}]},
        {"role": "user", "content": "Go on"},
    ]

    assert fitted("claude-3-7-sonnet-latest", messages=history).body["messages"] == history


def test_a_transcript_survives_a_copy_with_its_memory_of_who_wrote_it(claude: Any) -> None:
    completion = claude.complete("Hi")

    for copied in (copy.deepcopy(completion.messages[-1]), pickle.loads(pickle.dumps(completion.messages[-1]))):
        assert (copied, copied.model) == (completion.messages[-1], "claude-opus-5-5")


def test_a_prefill_becomes_an_instruction_that_holds_it() -> None:
    messages = [{"role": "user", "content": "In JSON, please."}, {"role": "assistant", "content": '{"city": "'}]

    sent = fitted(messages=messages)

    assert sent.body["messages"][0] == messages[0]
    assert sent.body["messages"][1]["role"] == "user"
    assert sent.body["messages"][1]["content"][0]["text"].endswith('\n\n{"city": "')


def test_a_forced_tool_is_asked_for_and_kept_strict_where_its_schema_allows() -> None:
    strict = {"name": "a", "input_schema": {"type": "object", "properties": {}, "additionalProperties": False}}
    loose = {"name": "b", "input_schema": {"type": "object", "properties": {"x": {"type": "string", "maxLength": 3}}}}

    sent = fitted(tools=[strict, loose], tool_choice={"type": "any"}, system="Be brief.")

    assert sent.body["tool_choice"] == {"type": "auto"}
    assert sent.body["tools"] == [{**strict, "strict": True}, loose]
    assert sent.body["system"] == "Be brief.\n\nCall one of your tools to answer."


def test_strict_is_dropped_from_the_tools_that_are_too_open_and_from_no_other() -> None:
    def tool(name: str, optional: int) -> dict[str, Any]:
        properties = {f"p{number}": {"type": "string"} for number in range(optional)}
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"name": name, "input_schema": schema, "strict": True}

    fit = fitted(tools=[tool("wide", 20), tool("wider", 10), tool("narrow", 4)])

    assert ["strict" in tool for tool in fit.body["tools"]] == [True, False, True]
    assert sentences(fit)["strict-tools"].endswith("strict was dropped from wider")


def test_a_style_is_a_temperature_where_there_is_one_and_words_where_there_is_none() -> None:
    old, new = fitted("claude-opus-4-6", style="factual"), fitted(style="factual", system="Be brief.")

    assert old.body["temperature"] == 0.2
    assert old.headers == {"anthropic-version": "2023-06-01"}
    assert "temperature" not in new.body
    assert new.body["system"].startswith("Be brief.\n\nAnswer factually")


def test_a_style_reaches_a_model_that_is_not_known_in_words() -> None:
    assert fitted("my-own-model", style="creative").body["system"].startswith("Answer creatively")


def test_a_model_that_is_not_known_gets_the_request_as_it_is_and_a_hint() -> None:
    sent = fitted("claude-opus-5.5", temperature=0.2)

    assert sent.body["temperature"] == 0.2
    assert sent.changes == ()
    assert "did you mean claude-opus-5-5" in sentences(sent)["unknown-model"]


@pytest.mark.parametrize(
    ("preset", "model"),
    [
        ("default", "claude-opus-5-5"),
        ("smart", "claude-fable-5-2"),
        ("haiku", "claude-haiku-5-5"),
        ("sonnet", "claude-sonnet-5-5"),
    ],
)
def test_a_preset_is_sent_as_the_model_it_stands_for(preset: str, model: str) -> None:
    assert fitted(preset).body["model"] == model


def test_a_deprecated_model_is_warned_of_with_its_date() -> None:
    (warning,) = (a for a in fitted("claude-sonnet-4-5").adjustments if a.kind == "warned")

    assert (
        warning.text == "claude-sonnet-4-5-20250929 is deprecated and retires on 2026-11-30: move to claude-sonnet-5-5"
    )


def test_a_model_past_its_promise_is_noted_from_that_day_on() -> None:
    assert "aging-model" not in sentences(fitted("claude-opus-4-5", today=date(2026, 11, 23)))
    assert "aging-model" in sentences(fitted("claude-opus-4-5", today=date(2026, 11, 24)))


def test_fast_mode_ends_on_its_last_day() -> None:
    on, after = (fitted("claude-opus-4-8", speed="fast", today=date(2026, 11, day)) for day in (29, 30))

    assert on.body["speed"] == "fast"
    assert on.headers["anthropic-beta"] == "fast-mode-2026-02-01"
    assert "speed" not in after.body


def test_too_many_images_are_refused_whatever_may_be_adjusted() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}

    with pytest.raises(UnfitRequestError, match="101 images, and claude-haiku-4-5-20251001 takes at most 100"):
        fitted("claude-haiku-4-5", messages=[{"role": "user", "content": [image] * 101}])


def test_strict_names_everything_at_once_and_sends_nothing(claude: Any, emulator: RememberingEmulator) -> None:
    with pytest.raises(UnfitRequestError) as unfit:
        claude.complete("Hi", model="claude-3-opus-20240229", temperature=0.2, adjust="strict")

    assert [adjustment.rule for adjustment in unfit.value.adjustments] == ["retired-model", "sampling"]
    assert "claude-opus-5-5 answers instead" in str(unfit.value)
    assert emulator.bodies == []


def test_strict_lets_pass_what_fits(claude: Any) -> None:
    assert claude.complete("Hi", adjust="strict").text


def test_adjustments_are_in_the_completion_and_warned_of_once_a_kind(make_claude: Make) -> None:
    claude = make_claude(emulate=True)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        first = claude.complete("Hi", model="claude-3-opus-20240229")
        second = claude.complete("Hi", model="claude-3-opus-20240229")

    (warning,) = told
    assert warning.category is AdjustmentWarning
    assert str(warning.message).startswith("retired-model: claude-3-opus-20240229 was retired")
    assert warning.filename == __file__ or "asyncio" in warning.filename
    assert first.adjustments[0].rule == second.adjustments[0].rule == "retired-model"
    assert first.model == "claude-opus-5-5"


def test_silent_changes_without_a_word(claude: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        completion = claude.complete("Hi", model="claude-2.1", adjust="silent")

    assert [change.rule for change in completion.adjustments] == ["retired-model", "no-system"]


def test_a_stream_is_fitted_too(claude: Any) -> None:
    with claude.stream("Hi", model="claude-2.1", temperature=0.7, adjust="silent") as stream:
        completion = stream.finish()

    assert [change.rule for change in completion.adjustments][:2] == ["retired-model", "sampling"]


def test_tokens_are_counted_for_the_model_that_answers(claude: Any) -> None:
    assert claude.count_tokens("Hello", model="claude-3-opus-20240229") == claude.count_tokens("Hello")


def test_the_transcript_is_that_of_what_was_sent(claude: Any) -> None:
    prefilled = [{"role": "user", "content": "In JSON."}, {"role": "assistant", "content": "{"}]

    completion = claude.complete(prefilled, adjust="silent")

    assert [message["role"] for message in completion.messages] == ["user", "user", "assistant"]


def test_a_catalogue_of_ones_own_goes_over_the_one_that_comes_along(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "catalog.toml"
    own.write_text('[presets]\ndefault = "claude-sonnet-5-5"\n[models.claude-sonnet-5-5]\nmax_output = 500\n')
    monkeypatch.setenv("CLARION_CATALOG", str(own))
    emulator = RememberingEmulator()

    ClaudeService(emulate=emulator).complete("Hi", model="default", adjust="silent")

    assert (emulator.bodies[0]["model"], emulator.bodies[0]["max_tokens"]) == ("claude-sonnet-5-5", 500)
