"""The catalogue and the Models API."""

from __future__ import annotations

import json
from typing import Any, get_args

import anthropic
import pytest
from anthropic.types import Model, ModelCapabilities

from clarion.emulator import models


def listed(api: Any, query: str = "") -> dict[str, Any]:
    response = api.send("GET", f"/v1/models{query}")
    assert response.status == 200, response.body
    page: dict[str, Any] = json.loads(response.body)
    return page


def test_every_model_the_sdk_names_is_known() -> None:
    literal = get_args(Model)[0]

    unknown = [name for name in get_args(literal) if models.find(name) is None]

    assert unknown == []


def test_no_two_models_share_a_name() -> None:
    names = [name for model in models.catalogue() for name in (model.id, *model.aliases)]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("model", models.catalogue(), ids=lambda model: model.id)
def test_the_row_of_a_model_does_not_contradict_itself(model: models.Model) -> None:
    assert set(model.thinking) <= set(models.THINKING_TYPES)
    assert set(model.calm_only) <= set(model.thinking)
    assert not model.efforts or model.effort in model.efforts
    assert (model.when_omitted == "always") == ("disabled" not in model.thinking and model.when_omitted != "on")
    assert model.replacement is None or models.find(model.replacement) is not None
    assert (model.lifecycle == "retired") <= (model.retires is not None)
    assert (model.lifecycle == "active") == (model.deprecated is None)


def test_retired_models_are_listed_only_when_asked_for(api: Any) -> None:
    usual = {row["lifecycle"] for row in listed(api, "?limit=1000")["data"]}
    retired = {row["lifecycle"] for row in listed(api, "?limit=1000&lifecycle=retired")["data"]}

    assert usual == {"active", "deprecated"}
    assert retired == {"retired"}


def test_pages_walk_the_list_forwards_and_back(api: Any) -> None:
    everything = [row["id"] for row in listed(api, "?limit=1000")["data"]]

    first = listed(api, "?limit=5")
    second = listed(api, f"?limit=5&after_id={first['last_id']}")
    back = listed(api, f"?limit=5&before_id={second['first_id']}")
    near = listed(api, f"?limit=2&before_id={second['first_id']}")
    last = listed(api, f"?limit=1000&after_id={second['last_id']}")

    assert [row["id"] for row in first["data"] + second["data"] + last["data"]] == everything
    assert back["data"] == first["data"]
    assert near["data"] == first["data"][-2:]
    assert near["has_more"]
    assert (first["has_more"], back["has_more"], last["has_more"]) == (True, False, False)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after_id=nobody", "lifecycle=old", "after_id=a&before_id=b"]
)
def test_a_bad_page_is_refused(api: Any, query: str) -> None:
    assert api.send("GET", f"/v1/models?{query}").status == 400


def test_the_sdk_reads_the_whole_list_and_every_capability(client: anthropic.Anthropic) -> None:
    found = list(client.models.list(limit=4))

    assert len(found) == sum(model.lifecycle != "retired" for model in models.catalogue())
    for info in found:
        assert info.capabilities is not None
        assert info.capabilities.model_fields_set == set(ModelCapabilities.model_fields)


def test_an_alias_gives_the_model_it_stands_for(client: anthropic.Anthropic) -> None:
    info = client.models.retrieve("claude-sonnet-4-5")

    assert info.id == "claude-sonnet-4-5-20250929"
    assert info.lifecycle == "deprecated"
    assert info.retires_at is not None
    assert info.retires_at.date().isoformat() == "2026-11-30"


def test_capabilities_tell_what_a_request_may_ask(client: anthropic.Anthropic) -> None:
    capabilities = client.models.retrieve("claude-sonnet-5-5").capabilities

    assert capabilities is not None
    assert capabilities.thinking.types.between_tools.supported
    assert not capabilities.thinking.types.enabled.supported


def test_a_retired_model_keeps_its_record(client: anthropic.Anthropic) -> None:
    info = client.models.retrieve("claude-3-opus-20240229")

    assert info.lifecycle == "retired"
    assert info.deprecated_at is not None


def test_an_unknown_model_is_not_found(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: claude-9"):
        client.models.retrieve("claude-9")


@pytest.mark.parametrize("name", ["claude-9", "claude-3-5-sonnet-20241022", "claude-3-opus-latest", "claude-2.1"])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_requests_to_unknown_and_retired_models_are_not_found(api: Any, name: str, path: str) -> None:
    max_tokens = 10 if path == "/v1/messages" else None

    status, body = api.ask(path, model=name, max_tokens=max_tokens)

    assert status == 404
    assert body["error"] == {"type": "not_found_error", "message": f"model: {name}"}
