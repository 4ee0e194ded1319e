"""The offline token estimate: the tables, long texts, and whole requests."""

import base64
import json
from collections import Counter
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion import _tokens
from clarion._tokens import (
    ALONE,
    ASCII,
    CLASSES,
    LETTER,
    PIECES,
    SPACE,
    WHOLE,
    Generation,
    ctok_count,
    estimate_request,
    estimate_text,
    kind_of,
    pages,
    table,
    unit,
    units_of,
)

GENERATIONS: tuple[Generation, ...] = get_args(Generation)
PROSE = "The old man sat by the river, and nobody in the village could say how long he had been there. "
CODE = "def total(prices: list[float]) -> float:\n    return sum(price * 1.2 for price in prices)\n"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.text("aA1 .\n中é", max_size=300)
both = pytest.mark.parametrize("generation", GENERATIONS)


def by_table(text: str, generation: Generation) -> int:
    return round(table(generation).tokens(units_of(text)))


@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ("", 0, 0),
        ("the", 1, 1),
        ("Hello, world!", 6, 4),
        (PROSE, 28, 23),
        (CODE, 36, 30),
        ('{"name": "Oslo", "population": 709037}', 15, 14),
        ("Это было давно, и никто уже не помнит, когда.", 18, 18),
        ("天地玄黄，宇宙洪荒。", 15, 15),  # noqa: RUF001 -- Chinese
    ],
)
def test_the_tables_price_these_texts_like_this(text: str, new: int, old: int) -> None:
    assert (by_table(text, "new"), by_table(text, "old")) == (new, old)


def test_an_empty_text_is_no_token() -> None:
    assert estimate_text("", "new").tokens == 0
    assert estimate_text("", "old").tokens == 0


def test_three_digits_are_one_token() -> None:
    assert by_table("123456789", "new") == by_table("123456789", "old") == 3


def test_a_single_space_between_words_is_free() -> None:
    assert list(units_of("by the river")) == ["by", "the", "river"]


@given(texts)
def test_the_units_of_a_text_leave_out_nothing_but_single_spaces(text: str) -> None:
    units = units_of(text)

    kept = Counter("".join(units.elements()))

    assert kept | Counter({" ": len(text)}) == Counter(text) | Counter({" ": len(text)})


@given(texts, st.sampled_from(GENERATIONS))
def test_an_estimate_is_never_negative_and_stays_below_the_bytes(text: str, generation: Generation) -> None:
    assert 0 <= by_table(text, generation) <= 3 * len(text.encode())


@given(texts, texts, st.sampled_from(GENERATIONS))
def test_a_text_costs_what_its_parts_cost_but_for_the_units_at_the_seam(
    left: str, right: str, generation: Generation
) -> None:
    apart = by_table(left, generation) + by_table(right, generation)

    together = by_table(left + " and " + right, generation)

    seam = max(map(len, [*units_of(left), *units_of(right), ""]))
    assert abs(together - apart) <= 6 + 3 * seam


@settings(deadline=None)  # where ctok is installed, its first count loads it
@given(texts, st.sampled_from(GENERATIONS))
def test_the_same_text_has_the_same_estimate(text: str, generation: Generation) -> None:
    first = estimate_text(text, generation)
    _tokens.count.cache_clear()

    assert estimate_text(text, generation) == first


@both
def test_twice_the_text_has_twice_the_units(generation: Generation) -> None:
    once, twice = units_of(PROSE * 50), units_of(PROSE * 100)

    assert sum(twice.values()) == pytest.approx(2 * sum(once.values()), rel=0.01)
    assert by_table(PROSE * 100, generation) == pytest.approx(2 * by_table(PROSE * 50, generation), rel=0.01)


@both
def test_of_a_long_text_only_so_much_is_counted(generation: Generation) -> None:
    _tokens.count.cache_clear()

    estimate_text((PROSE + CODE) * 50_000, generation)

    assert _tokens.count.cache_info().currsize <= PIECES


@both
def test_a_sampled_estimate_is_within_its_band(generation: Generation) -> None:
    text = (PROSE * 40 + CODE * 60) * 20
    assert len(text) > WHOLE

    estimate = estimate_text(text, generation)

    whole = sum(estimate_text(text[start : start + WHOLE], generation).tokens for start in range(0, len(text), WHOLE))
    assert abs(whole / estimate.tokens - 1) <= estimate.error


def test_a_sampled_estimate_of_an_uneven_text_states_a_larger_error() -> None:
    even = estimate_text(PROSE * 2000, "new")
    uneven = estimate_text(PROSE * 1000 + "9" * len(PROSE) * 1000, "new")

    assert uneven.error > even.error


@both
def test_a_short_text_states_a_larger_error(generation: Generation) -> None:
    errors = table(generation).errors

    for kind in errors:
        assert table(generation).error(kind, 20) > table(generation).error(kind, 10_000)


@both
def test_every_kind_that_is_seen_has_an_error(generation: Generation) -> None:
    seen = {kind_of(units_of(text)) for text in (PROSE, CODE, "Это было давно", "天地玄黄")}

    assert seen == {"prose", "data", "letter", "east"} == set(table(generation).errors)


@given(text=st.text("aA1 .,'-\n\t\r\x0b\x1c\x00s09", max_size=60) | st.text(st.characters(max_codepoint=127)))
def test_the_pattern_for_ascii_finds_what_the_whole_one_does(text: str) -> None:
    assert unit(*ASCII).findall(text) == unit(LETTER, ALONE, SPACE).findall(text)


@both
def test_the_tables_are_whole(generation: Generation) -> None:
    prices = table(generation)

    assert len(prices.pairs.classes) == len(CLASSES)
    assert min(prices.units.values()) >= 0
    assert all(list(units_of(unit)) == [unit] for unit in prices.units if not unit.isspace() and unit[0] != "'")


def test_the_source_says_what_counted() -> None:
    assert estimate_text("Hello", "new").source == ("table" if ctok_count() is None else "ctok")


def message(content: object, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


TOOL = {"name": "get_weather", "description": "Get the weather.", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "Rain."}]}
NOTE = {"type": "document", "title": "Note", "source": {"type": "text", "media_type": "text/plain", "data": PROSE}}


def pdf(count: int) -> dict[str, Any]:
    data = base64.b64encode(b"%PDF-1.7 /Type /Pages" + b" /Type /Page " * count).decode()
    return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}}


@both
def test_a_request_grows_with_every_part(generation: Generation) -> None:
    bodies: list[dict[str, Any]] = [{"messages": [message("Hi")]}]
    bodies.append({**bodies[-1], "system": "Be brief."})
    bodies.append({**bodies[-1], "thinking": {"type": "adaptive"}})
    bodies.append({**bodies[-1], "tools": [TOOL]})
    bodies.append({**bodies[-1], "tools": [TOOL, {"type": "bash_20250124", "name": "bash"}]})
    bodies.append({**bodies[-1], "tool_choice": {"type": "any"}})
    bodies.append({**bodies[-1], "output_config": {"format": {"type": "json_schema", "schema": TOOL}}})
    blocks = [{"type": "thinking", "thinking": PROSE, "signature": "x"}, CALL, RESULT, NOTE, pdf(2), {"type": "image"}]
    for block in blocks:
        bodies.append({**bodies[-1], "messages": [*bodies[-1]["messages"], message([block])]})

    tokens = [estimate_request(body, generation).tokens for body in bodies]

    assert all(smaller < larger for smaller, larger in pairwise(tokens))


def test_the_smallest_request_is_its_text_and_the_frame() -> None:
    text = estimate_text("Hello, world!", "new").tokens

    assert estimate_request({"messages": [message("Hello, world!")]}, "new").tokens == text + 6


def test_a_signature_a_deferred_tool_and_a_cache_mark_cost_nothing() -> None:
    plain = {"messages": [message([{"type": "text", "text": "Hi"}])], "tools": [TOOL]}
    marked = {
        "messages": [message([{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}])],
        "tools": [TOOL | {"cache_control": {"type": "ephemeral"}}, TOOL | {"defer_loading": True}],
    }

    assert estimate_request(marked, "new") == estimate_request(plain, "new")


def test_what_tools_add_on_a_model_is_passed_in() -> None:
    body = {"messages": [message("Hi")], "tools": [TOOL]}
    forced = {**body, "tool_choice": {"type": "any"}}

    free = estimate_request(body, "new", tool_prompt=(0, 0)).tokens

    assert estimate_request(body, "new", tool_prompt=(675, 804)).tokens == free + 675
    assert estimate_request(forced, "new", tool_prompt=(675, 804)).tokens == free + 804


def test_images_and_pdfs_cost_what_the_caller_says() -> None:
    body = {"messages": [message([{"type": "image", "source": {}}, pdf(3)])]}

    assert estimate_request(body, "new", media=lambda block: 1000).tokens == 2000 + 6


def test_the_error_of_a_request_is_that_of_its_larger_part() -> None:
    text = {"messages": [message(PROSE * 500)]}
    image = {"messages": [message([{"type": "image"}])]}

    assert estimate_request(text, "new").error < 0.1 < estimate_request(image, "new").error


def test_the_pages_of_a_pdf_are_counted_or_guessed_from_its_size() -> None:
    assert pages(pdf(3)["source"]["data"]) == 3
    assert pages(base64.b64encode(bytes(200_000)).decode()) == 5
    assert pages("") == 1


def test_a_body_as_parsed_from_json_gives_the_same_estimate() -> None:
    body = {"messages": (message([CALL]), message((RESULT,))), "tools": (TOOL,)}

    assert estimate_request(body, "old") == estimate_request(json.loads(json.dumps(body)), "old")
