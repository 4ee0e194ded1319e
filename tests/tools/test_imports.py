"""What naming a tool costs."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["clarion._tools", "clarion._output"])
def test_nothing_heavy_is_imported_before_a_tool_is_made(module: str) -> None:
    heavy = "anthropic asyncio docstring_parser PIL pydantic pydantic_core"
    code = f"import sys, {module}; print(*[name for name in {heavy.split()!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
