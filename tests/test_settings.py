from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clarion import ClaudeConfig, InvalidSettingError, RetryPolicy, Settings


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("model", "", "the id of a model; got ''"),
        ("model", " claude-opus-5-5", "the id of a model"),
        ("max_tokens", "many", "a whole number of tokens; got 'many'"),
        ("max_tokens", -1, "a whole number of tokens"),
        ("max_tokens", True, "a whole number of tokens"),
        ("system", 42, "a text or a sequence of text blocks"),
        ("thinking", "hard", "one of low, medium, high, xhigh, max, off, a budget"),
        ("thinking", 0, "a budget in tokens"),
        ("effort", "off", "one of low, medium, high, xhigh, max; got 'off'"),
        ("temperature", "warm", "a number"),
        ("thinking", {"type": "enabled", "budget_tokens": "many"}, "a budget in tokens"),
        ("stop_sequences", "STOP", "a sequence of texts"),
        ("stop_sequences", ["STOP", 1], "a sequence of texts"),
        ("timeout", 0, "a number of seconds above 0"),
        ("stall_timeout", -1, "a number of seconds above 0"),
        ("betas", "files-api", "a sequence of beta names"),
        ("headers", ["x"], "a mapping"),
        ("tags", "search", "a mapping"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(option: str, value: Any, complaint: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} must be .*{complaint}"):
        ClaudeConfig(**{option: value})


@pytest.mark.parametrize("option", ["cache_control", "output_config", "tool_choice"])
def test_a_field_of_the_api_that_is_looked_into_must_be_a_mapping(option: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} must be a mapping.*; got 'auto'"):
        ClaudeConfig().but(**{option: "auto"})


def test_changing_a_config_makes_another() -> None:
    config = ClaudeConfig(max_tokens=100, extra={"speed": "fast"})

    changed = config.but(max_tokens=200, metadata={"user_id": "u"})

    assert (config.max_tokens, changed.max_tokens) == (100, 200)
    assert changed.extra == {"speed": "fast", "metadata": {"user_id": "u"}}


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("max_token", "max_tokens"),
        ("stop_sequence", "stop_sequences"),
        ("tool_choices", "tool_choice"),
        ("temprature", "temperature"),
    ],
)
def test_a_slip_in_the_name_of_an_option_is_refused(slip: str, meant: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"no option named '{slip}': did you mean '{meant}'"):
        ClaudeConfig().but(**{slip: 1})


def test_an_option_of_tomorrow_is_passed_through() -> None:
    assert ClaudeConfig().but(holographic=True).extra == {"holographic": True}


def test_a_slip_that_is_none_can_be_sent_through_extra() -> None:
    assert ClaudeConfig().but(extra={"max_token": 1}).extra == {"max_token": 1}


def test_nothing_set_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings.load({}) == Settings()


def test_the_environment_goes_over_the_file_and_that_over_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clarion.toml").write_text('model = "claude-haiku-5-5"\nmax_tokens = 500\ntags = { team = "search" }\n')

    settings = Settings.load({"CLARION_MAX_TOKENS": "700", "CLARION_THINKING": "4096", "CLARION_EMULATE": "yes"})

    assert settings.config == ClaudeConfig(
        model="claude-haiku-5-5", max_tokens=700, thinking=4096, tags={"team": "search"}
    )
    assert settings.emulate


def test_the_file_can_be_named_by_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('system = "Be brief."\nemulate = true\n')

    settings = Settings.load({"CLARION_CONFIG": str(path)})

    assert settings.config.system == "Be brief."
    assert settings.emulate


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("modle = 'x'", r"mine\.toml has a setting named 'modle'; known settings: model, "),
        ("model = ", r"cannot read settings from .*mine\.toml"),
        ("max_tokens = 'many'", "max_tokens must be a whole number"),
        ("emulate = 'yes'", "emulate must be true or false; got 'yes'"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(InvalidSettingError, match=complaint):
        Settings.load({"CLARION_CONFIG": str(path)})


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingError, match="No such file"):
        Settings.load({"CLARION_CONFIG": str(tmp_path / "gone.toml")})


@pytest.mark.parametrize(
    ("variable", "value"), [("CLARION_MAX_TOKENS", "many"), ("CLARION_EMULATE", "perhaps"), ("CLARION_TIMEOUT", "1s")]
)
def test_a_wrong_variable_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{variable} has a value that cannot be: '{value}'"):
        Settings.load({variable: value})


@pytest.mark.parametrize("option", ["model", "max_tokens", "tools", "headers", "retry", "cache"])
def test_none_is_no_value_of_an_option_that_has_one(option: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{option} must be .*; got None"):
        ClaudeConfig().but(**{option: None})


@pytest.mark.parametrize("headers", [{"x-api-key": "sk-ant-SECRET\n"}, {"x-api-key": b"sk-ant-SECRET"}])
def test_headers_that_cannot_be_sent_are_refused_by_name_alone(headers: Any) -> None:
    with pytest.raises(InvalidSettingError, match=r"headers must be .*; got \['x-api-key'\]") as error:
        ClaudeConfig(headers=headers)

    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize(
    ("option", "advice"), [("stream", "call stream"), ("max_retries", "RetryPolicy"), ("api_key", "of the service")]
)
def test_an_option_that_is_said_elsewhere_is_refused_with_where(option: str, advice: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"no option named '{option}': .*{advice}"):
        ClaudeConfig().but(**{option: 1})


def test_a_configuration_shows_what_is_not_as_by_default() -> None:
    config = ClaudeConfig(model="opus", retry=RetryPolicy(attempts=3), tags={"team": "search"})

    assert repr(config) == "ClaudeConfig(model='opus', retry=RetryPolicy(attempts=3), tags={'team': 'search'})"
    assert repr(ClaudeConfig()) == "ClaudeConfig()"
