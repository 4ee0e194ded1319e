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
