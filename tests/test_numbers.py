from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clarion import Budget, CircuitBreaker, ClaudeConfig, InvalidSettingError, Limits, RetryPolicy
from clarion._numbers import is_number, is_whole
from colours import Make


@pytest.mark.parametrize("value", [0, -1, 1.5, Decimal("0.1"), float("inf"), 10**400])
def test_a_number_is_one(value: object) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", [True, float("nan"), Decimal("NaN"), "5", None, [1]])
def test_what_looks_like_a_number_is_none(value: object) -> None:
    assert not is_number(value)


@pytest.mark.parametrize(("value", "is_one"), [(1, True), (0, False), (True, False), (1.0, False), ("1", False)])
def test_a_whole_number_is_counted_from_the_least(value: object, is_one: bool) -> None:
    assert is_whole(value, 1) == is_one


@pytest.mark.parametrize("value", ["5", float("nan"), Decimal("NaN"), [1], True])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((ClaudeConfig, name) for name in ("timeout", "deadline", "max_cost", "max_tokens")),
        *((CircuitBreaker, name) for name in ("rate", "window", "least", "pause")),
        *((RetryPolicy, name) for name in ("attempts", "deadline", "base")),
        (Budget, "limit"),
    ],
)
def test_what_is_no_number_is_refused_by_name(kind: Any, name: str, value: object) -> None:
    with pytest.raises(InvalidSettingError, match=name):
        kind(**{name: value})


@pytest.mark.parametrize(("kind", "name"), [(RetryPolicy, "base"), (CircuitBreaker, "pause"), (Limits, "requests")])
def test_what_is_reckoned_with_floats_is_no_decimal(kind: Any, name: str) -> None:
    with pytest.raises(InvalidSettingError, match=name):
        kind(**{name: Decimal(1)})


@pytest.mark.parametrize("option", ["piece_tokens", "overlap", "concurrency", "budget"])
def test_a_digest_takes_numbers(make_claude: Make, option: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} must be a .*number .*; got '5'"):
        make_claude(emulate=True).digest(["README.md"], "Sum up.", **{option: "5"})
