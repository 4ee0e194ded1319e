from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clarion import ClaudeConfig, InvalidSettingError, RetryPolicy, Settings
from clarion._settings import SETTINGS, TABLES


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
        ("ledger = true", "ledger must be the path of a file; got True"),
        ("catalog = ['a.toml']", r"catalog must be the path of a file; got \['a\.toml'\]"),
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


TOML = st.sampled_from(
    [
        *("1", "-1", "1.5", "nan", "inf", "true", '""', '"x"', '"low"', "[]", "{}", "['a']", "{a = 'b'}", "{a = 1}"),
        *("1979-05-27", "9223372036854775808", "[{limit = 5}]", "[{limit = 'x'}]", "[{limit = 5, tag = 'a'}]", "[[1]]"),
    ]
)
TEXTS = st.sampled_from(
    ["0", "-1", "1e999", "nan", "sNaN", "inf", "1_000", "9" * 5000, "\u0663", " 5 ", "x", "\0", "true"]
)


@given(
    st.dictionaries(st.sampled_from([*SETTINGS, *TABLES]), TOML, max_size=3),
    st.dictionaries(st.sampled_from([f"CLARION_{name.upper()}" for name in SETTINGS]), TEXTS, max_size=2),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({}, {"CLARION_MAX_COST": "sNaN"})
def test_whatever_a_file_and_the_environment_hold_is_read_or_refused_by_name(
    tmp_path: Path, file: dict[str, str], environ: dict[str, str]
) -> None:
    path = tmp_path / "clarion.toml"
    path.write_text("".join(f"{name} = {value}\n" for name, value in file.items()), "utf-8")

    with contextlib.suppress(InvalidSettingError):
        assert isinstance(Settings.load({**environ, "CLARION_CONFIG": str(path)}), Settings)
