from __future__ import annotations

from datetime import date

import pytest

from clarion._catalog import Catalog
from clarion._model_names import named
from clarion.check.facts import Facts
from clarion.check.models import judged

CATALOG = Catalog.load()
FACTS = Facts(catalog=CATALOG, today=date(2026, 11, 25))


def verdict(name: str, today: date, horizon: int = 90) -> str | None:
    found = named(name, CATALOG)
    assert found is not None
    finding = judged(found, Facts(catalog=CATALOG, today=today, horizon=horizon), name, 0, len(name))
    return f"{finding.code} {finding.message}" if finding else None


@pytest.mark.parametrize(
    ("today", "horizon", "code"),
    [
        (date(2026, 11, 25), 90, "CLA102"),
        (date(2026, 11, 25), 4, None),
        (date(2026, 11, 25), 5, "CLA102"),
        (date(2026, 11, 30), 90, "CLA101"),
    ],
)
def test_a_retirement_is_near_within_the_horizon_and_past_on_its_day(
    today: date, horizon: int, code: str | None
) -> None:
    said = verdict("claude-sonnet-4-5", today, horizon)

    assert (said and said[:6]) == code


def test_a_model_that_is_not_retiring_is_no_finding() -> None:
    assert verdict("claude-opus-5-5", date(2026, 11, 25)) is None


def test_date_and_successor_are_named() -> None:
    assert verdict("claude-3-opus-20240229", FACTS.today) == (
        "CLA101 claude-3-opus-20240229 was retired on 2026-01-05; its successor is claude-opus-5-5"
    )


def test_on_other_platforms_a_retirement_is_theirs_to_date() -> None:
    said = verdict("us.anthropic.claude-3-opus-20240229-v1:0", FACTS.today)

    assert said is not None
    assert said.startswith("CLA103")
    assert "Amazon Bedrock has a schedule of its own" in said
