"""Keys do not show where objects are shown."""

from __future__ import annotations

from typing import Any

import pytest

from clarion import AsyncClaudeService, ClaudeConfig, ClaudeService, MCPTools

KEY = "sk-ant-SECRETKEY"


@pytest.mark.parametrize("service", [ClaudeService, AsyncClaudeService])
def test_a_service_and_its_configuration_do_not_show_keys(service: Any) -> None:
    made = service(api_key=KEY, config=ClaudeConfig(headers={"x-api-key": KEY}))

    assert KEY not in repr(made)
    assert KEY not in repr(ClaudeConfig(headers={"authorization": f"Bearer {KEY}"}).but(model="opus"))


def test_an_mcp_server_does_not_show_its_headers_and_its_environment() -> None:
    assert KEY not in repr(MCPTools(url="http://127.0.0.1:9", headers={"authorization": KEY}))
    assert KEY not in repr(MCPTools(command=["server"], env={"API_KEY": KEY}))


def test_a_configuration_shows_the_names_of_other_fields_and_not_what_is_in_them() -> None:
    servers = [{"type": "url", "url": "https://example.com", "name": "a", "authorization_token": KEY}]

    shown = repr(ClaudeConfig(model="opus").but(mcp_servers=servers))

    assert shown == "ClaudeConfig(model='opus', extra={'mcp_servers': ...})"


@pytest.mark.parametrize("service", [ClaudeService, AsyncClaudeService])
def test_a_service_shows_where_it_calls_without_a_password(service: Any) -> None:
    made = service(api_key=KEY, base_url="https://somebody:hunter2@example.com/claude")

    assert repr(made) == f"<{service.__name__}: claude-opus-5-5 at https://example.com/claude>"
