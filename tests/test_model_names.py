from __future__ import annotations

import pytest

from clarion._catalog import Catalog
from clarion._model_names import are_one, named

CATALOG = Catalog.load()


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


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("claude-opus-5-5", "claude-opus-5-5"),
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude-sonnet-4-0", "claude-4-sonnet-20250514"),
        ("claude-opus-5-5", "claude-opus-5-5-20260922"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("claude-opus-4-5@20251101", "anthropic.claude-opus-4-5-20251101-v1:0"),
        ("anthropic/claude-opus-5-5", "claude-opus-5-5-20260922"),
        ("claude-opus-9", "claude-opus-9-20280101"),
    ],
)
def test_the_names_of_one_model_are_one(name: str, other: str) -> None:
    assert are_one(name, other, CATALOG)
    assert are_one(other, name, CATALOG)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("claude-opus-5-5", "claude-opus-5"),
        ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
        ("claude-opus-9-20280101", "claude-opus-9-20280202"),
        ("claude-opus-4-5", "claude-sonnet-4-5"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-1"),
        ("my-model", "claude-opus-5-5"),
    ],
)
def test_the_names_of_two_models_are_not_one(name: str, other: str) -> None:
    assert not are_one(name, other, CATALOG)
    assert not are_one(other, name, CATALOG)
