from __future__ import annotations

from datetime import date

import pytest

from clarion._catalog import Catalog
from clarion.check.facts import Facts
from clarion.check.models import judged, named

CATALOG = Catalog.load()
FACTS = Facts(catalog=CATALOG, today=date(2026, 11, 25))


@pytest.mark.parametrize(
    ("name", "id", "platform"),
    [
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20241022", "Claude API"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", "Claude API"),
        ("anthropic/claude-3-opus-20240229", "claude-3-opus-20240229", "Claude API"),
        ("anthropic:claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219", "Claude API"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022", "Amazon Bedrock"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1-20250805", "Amazon Bedrock"),
        ("anthropic.claude-3-haiku-20240307-v1:0:200k", "claude-3-haiku-20240307", "Amazon Bedrock"),
        ("bedrock/global.anthropic.claude-opus-4-20250514-v1:0", "claude-opus-4-20250514", "Amazon Bedrock"),
        ("anthropic.claude-v2:1", "claude-2.1", "Amazon Bedrock"),
        ("anthropic.claude-v2", "claude-2.0", "Amazon Bedrock"),
        ("anthropic.claude-instant-v1", "claude-instant-1.2", "Amazon Bedrock"),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-sonnet-20240229-v1:0",
            "claude-3-sonnet-20240229",
            "Amazon Bedrock",
        ),
        ("claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet-20241022", "Google Cloud"),
        ("claude-3-5-sonnet@20240620", "claude-3-5-sonnet-20240620", "Google Cloud"),
        ("vertex_ai/claude-3-opus@20240229", "claude-3-opus-20240229", "Google Cloud"),
        (
            "projects/p/locations/l/publishers/anthropic/models/claude-3-haiku@20240307",
            "claude-3-haiku-20240307",
            "Google Cloud",
        ),
    ],
)
def test_a_model_is_known_by_every_spelling(name: str, id: str, platform: str) -> None:
    found = named(name, CATALOG)

    assert found is not None
    assert (CATALOG.models[id], platform) == (found.model, found.platform)


@pytest.mark.parametrize(
    "name", ["opus", "default", "claude-3", "claude-3-5-sonnet", "claude-opus-9", "see claude-2.1", "claude-2.1-beta"]
)
def test_what_is_no_name_of_a_model_is_none(name: str) -> None:
    assert named(name, CATALOG) is None


def test_every_name_of_the_catalogue_is_known() -> None:
    assert all(named(name, CATALOG) for name in CATALOG.models)


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
