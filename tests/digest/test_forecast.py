from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion._digest.forecast import DigestEstimate, Lengths, Outlook, Scale, grouped

EXACT = Scale(ratio=1.0, error=0.0)


def estimated(**facts: Any) -> DigestEstimate:
    plain: dict[str, Any] = {
        "open_pieces": [1000.0] * 10,
        "done_notes": [],
        "is_whole": False,
        "frame": 10.0,
        "fits": 5000.0,
        "scale": EXACT,
        "notes": Lengths(least=50, expected=100, most=150, bound=400),
        "merges": Lengths(least=100, expected=200, most=300, bound=800),
        "answer": Lengths(least=10, expected=20, most=30, bound=1000),
        "spent": Decimal(0),
        "price": lambda tokens_in, tokens_out: Decimal(round(tokens_in + 10 * tokens_out)),
    }
    return Outlook(**(plain | facts)).estimate()


def test_pieces_notes_and_the_answer_are_added_up() -> None:
    found = estimated()

    assert (found.calls, found.input_tokens, found.output_tokens) == (11, 10_000 + 10 + 1000, 1000 + 20)
    assert found.cost == 11_010 + 10_200
    assert found.low == 10_510 + 5_100
    assert found.high == 11_510 + 15_300
    assert found.at_most == 10_000 + 10 + 4000 + 40_000 + 10_000


def test_notes_that_do_not_fit_are_put_together_first() -> None:
    found = estimated(fits=300.0)

    # 10 notes in groups of 3, 3 and 4 (none is left alone), 3 merged notes in one group of 2 and a third, so one
    assert found.calls == 10 + 3 + 1 + 1 - 1
    assert found.output_tokens == 1000 + 3 * 200 + 20


def test_one_call_for_all_has_no_notes() -> None:
    found = estimated(open_pieces=[5000.0], is_whole=True)

    assert (found.calls, found.input_tokens, found.output_tokens) == (1, 5000, 20)


def test_what_is_done_is_spent_and_not_estimated_again() -> None:
    found = estimated(open_pieces=[1000.0], done_notes=[90.0] * 9, spent=Decimal(7000))

    assert found.cost == 7000 + (1000 + 1000) + (10 + 810 + 100 + 200)
    assert found.pieces == 10


def test_the_count_of_some_corrects_all() -> None:
    scale = Scale.of([(100, 110), (300, 330)], pieces=100)

    assert scale.ratio == pytest.approx(1.1)
    assert scale.error == pytest.approx(0.0)
    assert estimated(scale=scale).input_tokens == 11_000 + 1010


def test_the_less_alike_the_counts_the_wider_the_range() -> None:
    scale = Scale.of([(100, 100), (100, 120)], pieces=100)

    assert 0.1 < scale.error < 0.2
    assert Scale.of([(100, 100), (100, 120)], pieces=2).error == 0.0


def test_lengths_are_learnt_from_the_third_answer_on() -> None:
    assumed = Lengths.of_notes(1000, 4000)

    assert assumed.learnt([100, 100], [90, 90]) == assumed
    found = assumed.learnt([100, 110, 120], [90, 95, 100])
    assert (found.expected, found.thought, found.measured) == (110, 15, True)


def test_thinking_is_paid_and_not_read_by_the_next_call() -> None:
    notes = Lengths(least=50, expected=100, most=150, bound=400, thought=40)

    found = estimated(notes=notes)

    assert found.output_tokens == 1000 + 20
    assert found.input_tokens == 10_000 + 10 + 600


def test_an_unknown_price_is_no_price() -> None:
    found = estimated(price=lambda *_: None)

    assert found.cost is found.low is found.high is found.at_most is None
    assert found.input_tokens == 11_010


@given(st.lists(st.floats(0, 100), max_size=60), st.floats(1, 300))
def test_groups_hold_all_notes_in_order_and_grow_fewer(sizes: list[float], fits: float) -> None:
    groups = grouped(sizes, fits)

    assert [index for group in groups for index in group] == list(range(len(sizes)))
    assert len(groups) <= max(1, len(sizes) // 2)
    for group in groups[:-1]:
        assert sum(sizes[index] for index in group) <= fits or len(group) == 2
