from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import anthropic
import pytest

from clarion import Catalog, ClaudeService, InvalidSettingError
from clarion._refresh import differences, facts_of

CATALOG = Catalog.load()

# The retired ids of 2024 and before, and the line each belonged to.
RETIRED = {
    "claude-3-5-sonnet-20241022": "claude-sonnet-5-5",
    "claude-3-5-sonnet-latest": "claude-sonnet-5-5",
    "claude-3-5-sonnet-20240620": "claude-sonnet-5-5",
    "claude-3-sonnet-20240229": "claude-sonnet-5-5",
    "claude-3-7-sonnet-latest": "claude-sonnet-5-5",
    "claude-sonnet-4-0": "claude-sonnet-5-5",
    "claude-3-opus-20240229": "claude-opus-5-5",
    "claude-3-opus-latest": "claude-opus-5-5",
    "claude-4-opus-20250514": "claude-opus-5-5",
    "claude-opus-4-1": "claude-opus-5-5",
    "claude-3-haiku-20240307": "claude-haiku-5-5",
    "claude-3-5-haiku-latest": "claude-haiku-5-5",
    "claude-instant-1.2": "claude-haiku-5-5",
    "claude-2.1": "claude-opus-5-5",
}


@pytest.mark.parametrize(("name", "successor"), RETIRED.items())
def test_a_retired_model_names_the_current_one_of_its_line(name: str, successor: str) -> None:
    model = CATALOG.find(name)

    assert model is not None
    assert model.is_retired
    assert model.replacement == successor


def test_every_model_that_is_going_names_one_that_stays() -> None:
    for model in CATALOG.sheets():
        if model.lifecycle != "active":
            assert model.replacement is not None, model.id
            assert CATALOG.models[model.replacement].lifecycle == "active", model.id


def test_every_preset_is_an_active_model_open_to_all_but_mythos() -> None:
    for preset, id in CATALOG.presets.items():
        model = CATALOG.models[id]
        assert model.lifecycle == "active"
        assert model.restricted == (preset == "mythos")


def test_no_two_models_share_a_name() -> None:
    names = [name for model in CATALOG.sheets() for name in (model.id, *model.aliases)]

    assert len(names) == len(set(names)) == len(CATALOG.models)


def test_every_model_that_can_be_called_has_its_limits_and_capabilities() -> None:
    for model in CATALOG.sheets():
        if not model.is_retired:
            for fact in ("context_window", "max_output", "tokenizer", "thinking", "thinks", "image_tier", "images"):
                assert getattr(model, fact) is not None, (model.id, fact)


def test_the_catalogue_knows_every_model_of_the_sdk() -> None:
    from typing import get_args

    named = {name for part in get_args(anthropic.types.Model) for name in get_args(part)}

    assert named - CATALOG.models.keys() == set()


def test_the_catalogue_and_the_models_api_agree() -> None:
    infos = [info.to_dict(mode="json") for info in ClaudeService(emulate=True).sdk.models.list()]

    assert [str(difference) for difference in differences(CATALOG, infos)] == []
    assert len(infos) == sum(not model.is_retired for model in CATALOG.sheets())


def test_what_the_models_api_tells_otherwise_is_found() -> None:
    info: dict[str, Any] = {
        "id": "claude-opus-4-6",
        "lifecycle": "deprecated",
        "deprecated_at": "2026-12-01T00:00:00Z",
        "max_tokens": 128_000,
        "capabilities": {"thinking": {"types": {"adaptive": {"supported": True}, "enabled": {"supported": False}}}},
    }

    found = [str(difference) for difference in differences(CATALOG, [info])]

    assert found == [
        "claude-opus-4-6: lifecycle is deprecated, was active",
        "claude-opus-4-6: deprecated_on is 2026-12-01, was not known",
        "claude-opus-4-6: thinking is adaptive, was adaptive, enabled, disabled",
    ]


def test_a_model_of_tomorrow_is_learnt_from_the_models_api() -> None:
    info = {"id": "claude-opus-6", "display_name": "Claude Opus 6", "line": "opus", "lifecycle": "active"}

    learnt = CATALOG.with_facts({"models": {"claude-opus-6": facts_of(info)}})

    model = learnt.find("claude-opus-6")
    assert model is not None
    assert (model.name, model.line, model.prefill) == ("Claude Opus 6", "opus", None)
    assert differences(learnt, [info]) == []


def test_a_file_of_ones_own_changes_single_facts_and_leaves_the_rest(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models.claude-opus-5-5]\nretires_on = 2027-12-01\n[presets]\nmine = "claude-sonnet-5-5"\n')

    catalog = Catalog.load(own)

    model = catalog.models["claude-opus-5-5"]
    assert (model.retires_on, model.max_output) == (date(2027, 12, 1), 128_000)
    assert catalog.resolve("mine") == "claude-sonnet-5-5"
    assert CATALOG.models["claude-opus-5-5"].retires_on is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[models.x]\nmax_tokens = 5", "x: no fact is named max_tokens"),
        ('[presets]\nmine = "nothing"', "preset 'mine' names 'nothing', which is no model"),
        ("[models", "cannot read the catalogue"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)

    with pytest.raises(InvalidSettingError, match=complaint):
        Catalog.load(own)


def test_an_unknown_name_has_near_ones() -> None:
    assert CATALOG.find("claude-opus-5.5") is None
    assert "claude-opus-5-5" in CATALOG.near("claude-opus-5.5")
