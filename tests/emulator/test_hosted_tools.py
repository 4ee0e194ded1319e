"""Tools that run on the server: their blocks, their count, and pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from clarion.emulator import script

SEARCH = {"type": "web_search_20250305", "name": "web_search"}
FETCH = {"type": "web_fetch_20250910", "name": "web_fetch"}
PYTHON = {"type": "code_execution_20250522", "name": "code_execution"}
CODE = {"type": "code_execution_20250825", "name": "code_execution"}
MANY = "Make 12 searches on the web for otters"


def say(words: str) -> dict[str, Any]:
    return {"role": "user", "content": words}


def ask(api: Any, words: str, *tools: dict[str, Any], **fields: Any) -> dict[str, Any]:
    status, body = api.ask(
        **{"model": "claude-opus-4-8", "max_tokens": 20_000, "messages": [say(words)], **fields}, tools=[*tools]
    )
    assert status == 200, body
    return dict(body)


def kinds(body: dict[str, Any]) -> list[str]:
    return [block["type"] for block in body["content"]]


def test_a_search_is_a_call_a_result_and_text_that_cites_it(api: Any) -> None:
    body = ask(api, "Search the web for otters", SEARCH)

    assert kinds(body)[:3] == ["server_tool_use", "web_search_tool_result", "text"]
    use, result = body["content"][:2]
    assert use["id"] == result["tool_use_id"]
    assert use["id"].startswith("srvtoolu_01")
    assert result["content"][0].keys() == {"type", "title", "url", "encrypted_content", "page_age"}
    citation = body["content"][-1]["citations"][0]
    assert citation["type"] == "web_search_result_location"
    assert citation["url"] in {page["url"] for page in result["content"]}
    assert body["usage"]["server_tool_use"] == {"web_search_requests": 1, "web_fetch_requests": 0}
    assert body["stop_reason"] == "end_turn"
    assert body["container"] is None


def test_nothing_is_searched_that_was_not_asked_for(api: Any) -> None:
    body = ask(api, "Hello", SEARCH, FETCH, CODE)

    assert kinds(body) == ["text"]
    assert body["usage"]["server_tool_use"] is None
    assert kinds(ask(api, "Search the web", SEARCH, tool_choice={"type": "none"})) == ["text"]


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "web_search"}])
def test_a_search_can_be_forced(api: Any, choice: dict[str, str]) -> None:
    assert kinds(ask(api, "Hello", SEARCH, CODE, tool_choice=choice))[0] == "server_tool_use"


def test_a_search_keeps_to_the_domains_it_may_see(api: Any) -> None:
    allowed = ask(api, "Search the web", {**SEARCH, "allowed_domains": ["otters.test"]})
    blocked = ask(api, "Search the web", {**SEARCH, "blocked_domains": ["example.com"]})

    assert {page["url"].split("/")[2] for page in allowed["content"][1]["content"]} == {"otters.test"}
    assert "example.com" not in {page["url"].split("/")[2] for page in blocked["content"][1]["content"]}


def test_a_tool_is_used_no_more_than_it_may_be(api: Any) -> None:
    body = ask(api, "Make 3 searches on the web", {**SEARCH, "max_uses": 2})

    results = [block["content"] for block in body["content"] if block["type"] == "web_search_tool_result"]
    assert results[2] == {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
    assert body["usage"]["server_tool_use"]["web_search_requests"] == 2


def test_a_page_is_fetched_when_its_address_was_given(api: Any) -> None:
    body = ask(api, "What does https://example.com/a say?", {**FETCH, "citations": {"enabled": True}})

    use, result = body["content"][:2]
    assert use["input"] == {"url": "https://example.com/a"}
    assert result["content"]["url"] == "https://example.com/a"
    page = result["content"]["content"]["source"]["data"]
    [citation] = body["content"][-1]["citations"]
    assert page[citation["start_char_index"] : citation["end_char_index"]] == citation["cited_text"]
    assert body["usage"]["server_tool_use"] == {"web_search_requests": 0, "web_fetch_requests": 1}


@pytest.mark.parametrize(
    "limits", [{"allowed_domains": ["other.test"]}, {"blocked_domains": ["example.com/a*"]}], ids=["allowed", "blocked"]
)
def test_a_page_that_may_not_be_read_is_an_error_in_the_result(api: Any, limits: dict[str, list[str]]) -> None:
    body = ask(api, "What does https://www.example.com/abc say?", {**FETCH, **limits})

    assert body["content"][1]["content"] == {"type": "web_fetch_tool_result_error", "error_code": "url_not_allowed"}


@pytest.mark.parametrize(
    ("tool", "words", "name"),
    [
        (PYTHON, "Run some Python code", "code_execution"),
        (CODE, "Run some Python code", "bash_code_execution"),
        (CODE, "Write a file with the code", "text_editor_code_execution"),
    ],
)
def test_code_runs_in_a_container(api: Any, tool: dict[str, str], words: str, name: str) -> None:
    body = ask(api, words, tool)

    use, result = body["content"][:2]
    assert (use["name"], result["type"]) == (name, f"{name}_tool_result")
    if name != "text_editor_code_execution":
        assert result["content"]["stdout"] == f"{words}\n"
    assert body["container"]["id"].startswith("container_01")
    assert datetime.fromisoformat(body["container"]["expires_at"]).isoformat() == "2026-11-23T12:05:00+00:00"
    again = ask(api, words, tool, container=body["container"]["id"])
    assert again["container"]["id"] == body["container"]["id"]


def test_tools_of_the_server_run_before_those_of_the_client_are_called(api: Any) -> None:
    mail = {"name": "send_mail", "input_schema": {"type": "object"}}

    body = ask(api, "Search the web and mail me", SEARCH, mail)

    assert kinds(body) == ["server_tool_use", "web_search_tool_result", "tool_use"]
    assert body["stop_reason"] == "tool_use"


@pytest.mark.parametrize("model", ["claude-opus-4-8", "claude-sonnet-5-5"])
def test_a_turn_with_too_many_calls_is_paused_and_goes_on_where_it_stopped(api: Any, model: str) -> None:
    first = ask(api, MANY, SEARCH, model=model)

    assert first["stop_reason"] == "pause_turn"
    assert kinds(first).count("web_search_tool_result") == 10
    assert kinds(first)[-1] == "server_tool_use"
    paused = [say(MANY), {"role": "assistant", "content": first["content"]}]
    second = ask(api, MANY, SEARCH, model=model, messages=paused)
    assert second["stop_reason"] == "end_turn"
    assert second["content"][0]["tool_use_id"] == first["content"][-1]["id"]
    assert kinds(second).count("web_search_tool_result") == 2
    done = [*paused, {"role": "assistant", "content": second["content"]}, say("Thank you")]
    assert kinds(ask(api, "", SEARCH, model=model, messages=done))[-1] == "text"


def test_a_paused_turn_that_comes_back_changed_is_refused_on_models_that_bind(api: Any) -> None:
    first = ask(api, MANY, SEARCH, model="claude-sonnet-5-5")
    first["content"][1]["input"] = {"query": "cats"}

    refused = api.refused(
        model="claude-sonnet-5-5",
        tools=[SEARCH],
        messages=[say(MANY), {"role": "assistant", "content": first["content"]}],
    )

    assert "The messages before it differ" in refused


def test_a_scripted_pause_goes_on_too(api: Any) -> None:
    api.emulator.add(script.pause())
    first = ask(api, "Hello", SEARCH)

    paused = [say("Hello"), {"role": "assistant", "content": first["content"]}]
    second = ask(api, "Hello", SEARCH, messages=paused)

    assert kinds(second) == ["web_search_tool_result", *["text"] * 5]
    assert second["content"][0]["tool_use_id"] == first["content"][-1]["id"]
