"""Tools: functions the model may call, from their definition to the blocks that answer its calls.

Its modules are imported on first use, the libraries that read signatures, docstrings and values when a tool is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._names import finder

if TYPE_CHECKING:
    from clarion._tools.approval import Allow, Decision, Deny, Edit
    from clarion._tools.errors import (
        InterruptTurn,
        ToolDefinitionError,
        ToolError,
        ToolInputError,
        UnsupportedSchemaError,
    )
    from clarion._tools.inputs import Arguments
    from clarion._tools.results import error_block, result_block, unrun_block
    from clarion._tools.running import given_block, prepare, run, run_all, run_all_async, run_async, unobserved
    from clarion._tools.tool import Tool, validate
    from clarion._tools.toolbox import Toolbox

__getattr__ = finder(
    __name__,
    {
        "approval": ("Allow", "Decision", "Deny", "Edit"),
        "errors": (
            "InterruptTurn",
            "ToolDefinitionError",
            "ToolError",
            "ToolInputError",
            "UnsupportedSchemaError",
        ),
        "inputs": ("Arguments",),
        "results": ("error_block", "result_block", "unrun_block"),
        "running": ("given_block", "prepare", "run", "run_all", "run_all_async", "run_async", "unobserved"),
        "tool": ("Tool", "validate"),
        "toolbox": ("Toolbox",),
    },
)

__all__ = [
    "Allow",
    "Arguments",
    "Decision",
    "Deny",
    "Edit",
    "InterruptTurn",
    "Tool",
    "ToolDefinitionError",
    "ToolError",
    "ToolInputError",
    "Toolbox",
    "UnsupportedSchemaError",
    "error_block",
    "given_block",
    "prepare",
    "result_block",
    "run",
    "run_all",
    "run_all_async",
    "run_async",
    "unobserved",
    "unrun_block",
    "validate",
]
