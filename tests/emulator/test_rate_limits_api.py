"""The limits of the organisation, as a list."""

from __future__ import annotations

import anthropic
import httpx2
import pytest

from clarion.emulator import Emulator, EmulatorTransport
from clarion.emulator.limits import Limits
from clarion.emulator.limits.tiers import tier


def test_the_limits_can_be_read_group_by_group(client: anthropic.Anthropic) -> None:
    found = list(client.organization.rate_limits.list())

    assert [entry.group.type for entry in found].count("model_group") == len(tier("start").groups)
    (haiku,) = client.organization.rate_limits.list(model="claude-haiku-4-5")
    assert haiku.models == ["claude-haiku-4-5-20251001", "claude-haiku-4-5"]
    assert {limit.type: limit.value for limit in haiku.limits} == {
        "requests_per_minute": 1_000,
        "input_tokens_per_minute_cache_aware": 2_000_000,
        "output_tokens_per_minute": 400_000,
    }
    (batch,) = client.organization.rate_limits.list(group_type="batch")
    assert batch.models is None
    assert {limit.type: limit.value for limit in batch.limits}["enqueued_batch_requests"] == 200_000


def test_the_limits_are_listed_page_by_page(client: anthropic.Anthropic) -> None:
    every = [entry.id for entry in client.organization.rate_limits.list()]

    pages = list(client.organization.rate_limits.list(limit=4).iter_pages())

    assert [entry.id for page in pages for entry in page.data] == every
    assert [len(page.data) for page in pages] == [4, 4, 4, 1]


def test_the_limits_of_no_model_are_not_found(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="claude-unheard-of"):
        client.organization.rate_limits.list(model="claude-unheard-of")
    with pytest.raises(anthropic.BadRequestError, match="group_type"):
        client.organization.rate_limits.list(extra_query={"group_type": "cheese"})


def test_limits_of_ones_own_are_listed() -> None:
    emulator = Emulator(tier="scale", limits=Limits(requests=7))
    sdk = anthropic.Anthropic(api_key="any", http_client=httpx2.Client(transport=EmulatorTransport(emulator)))

    (fable,) = sdk.organization.rate_limits.list(model="claude-fable-5-2")

    assert [limit.value for limit in fable.limits] == [7, 4_000_000, 800_000]
