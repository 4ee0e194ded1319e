from __future__ import annotations

from typing import Any

import pytest

from clarion import ClaudeConfig, InvalidSettingError
from clarion._prompt import drafted
from clarion._request import LONGEST_UNSTREAMED, Request, counted


def request(**options: Any) -> Request:
    return Request(messages=tuple(drafted("Hi")), config=ClaudeConfig(**options))


def test_a_bare_request_has_only_what_the_api_demands() -> None:
    assert set(request().body()) == {"model", "max_tokens", "messages"}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (
            {"thinking": "high"},
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"}},
        ),
        ({"thinking": "off"}, {"thinking": {"type": "disabled"}}),
        ({"thinking": 4096}, {"thinking": {"type": "enabled", "budget_tokens": 4096}}),
        ({"thinking": {"type": "between_tools"}}, {"thinking": {"type": "between_tools"}}),
        ({"effort": "low"}, {"output_config": {"effort": "low"}}),
        (
            {"effort": "low", "thinking": 2048},
            {"thinking": {"type": "enabled", "budget_tokens": 2048}, "output_config": {"effort": "low"}},
        ),
        (
            {"effort": "low", "extra": {"output_config": {"format": {"type": "json_schema"}}}},
            {"output_config": {"format": {"type": "json_schema"}, "effort": "low"}},
        ),
        ({"system": "Be brief."}, {"system": "Be brief."}),
        ({"system": ""}, {}),
        ({"temperature": 0.0}, {"temperature": 0.0}),
        ({"stop_sequences": ["END"]}, {"stop_sequences": ["END"]}),
    ],
)
def test_options_become_fields_of_the_body(options: dict[str, Any], sent: dict[str, Any]) -> None:
    bare = request().body()

    assert {name: value for name, value in request(**options).body().items() if name not in bare} == sent


def test_two_efforts_that_differ_are_refused() -> None:
    with pytest.raises(InvalidSettingError, match="two efforts"):
        request(thinking="high", effort="low").body()


def test_counting_leaves_out_what_the_endpoint_does_not_take() -> None:
    body = request(system="Be brief.", temperature=0.5, stop_sequences=["END"], effort="low").body()

    assert set(counted(body)) == {"model", "messages", "system", "output_config"}


def test_a_request_grows_at_its_end_and_stays_as_it_was() -> None:
    first = request()

    second = first.then({"role": "assistant", "content": "Hello"})

    assert len(first.messages) == 1
    assert second.messages == (*first.messages, {"role": "assistant", "content": "Hello"})


def test_betas_are_one_header() -> None:
    assert request(betas=["a", "b"], headers={"x": "y"}).headers() == {"x": "y", "anthropic-beta": "a,b"}


def test_the_limit_of_calls_that_are_not_streamed_is_the_sdks() -> None:
    from anthropic import Anthropic

    sdk = Anthropic(api_key="k")

    sdk._calculate_nonstreaming_timeout(LONGEST_UNSTREAMED, None)
    with pytest.raises(ValueError, match="Streaming is required"):
        sdk._calculate_nonstreaming_timeout(LONGEST_UNSTREAMED + 1, None)
