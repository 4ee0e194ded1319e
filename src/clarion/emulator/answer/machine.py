"""The container in which code runs: what the emulator has it do, what that prints, and calls of tools out of code.

Code that calls the client's tools waits for their results: they come back in a user turn, and the code's own result
opens the answer to it. Source: Claude documentation, "Code execution" and "Programmatic tool calling" (November 2026).
"""

from __future__ import annotations

import ast
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from clarion.emulator.answer.fitting import stems
from clarion.emulator.call import blocks_of
from clarion.emulator.message import ServerToolUse

if TYPE_CHECKING:
    from clarion.emulator.answer.question import Question
    from clarion.emulator.message import ToolUse

__all__ = ["FIRST", "commanded", "container", "executed", "tools_called"]

FIRST = "code_execution_20250522"  # ran Python alone; later ones run commands and edit files
IDLE = timedelta(minutes=5)  # a container lives on without being used
FILES = "file write create edit"


def commanded(kind: str, words: str, number: int) -> tuple[str, dict[str, Any]]:
    """Return the name and the input of a call of code execution, the `number`th of its turn."""
    if kind == FIRST:
        return "code_execution", {"code": f"print({words!r})"}
    if stems(FILES) & stems(words):
        name = f"note_{number + 1}.txt"
        return "text_editor_code_execution", {"command": "create", "path": name, "file_text": words}
    return "bash_code_execution", {"command": f"echo {shlex.quote(words)}"}


def tools_called(uses: list[ToolUse]) -> ServerToolUse:
    """Return the code that makes these calls and prints what they give."""
    calls = ", ".join(f"{use.name}(**{use.input!r})" for use in uses)
    code = f"print(*await asyncio.gather({calls}), sep='\\n')"
    return ServerToolUse.of((uses[0].caller or {})["tool_id"], "code_execution", {"code": code})


def executed(asked: Question, use: ServerToolUse) -> dict[str, Any]:
    """Return the content of a call's result."""
    if use.name == "text_editor_code_execution":
        return {"type": "text_editor_code_execution_create_result", "is_file_update": False}
    printed = _given(asked, use) or _printed(use)
    stdout = f"{printed}\n" if printed else ""
    return {"type": f"{use.name}_result", "stdout": stdout, "stderr": "", "return_code": 0, "content": []}


def container(asked: Question) -> dict[str, Any]:
    """Return the container as the answer names it: the one that was asked for, else a new one."""
    given = asked.call.body.get("container")
    name = given.get("id") if isinstance(given, dict) else given
    expires = (asked.now + IDLE).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"id": name or asked.stamp.id("container"), "expires_at": expires}


def _given(asked: Question, use: ServerToolUse) -> str:
    """Return what the client's tools gave to the code that called them."""
    called = {block["id"] for block in asked.called if (block.get("caller") or {}).get("tool_id") == use.id}
    results = [
        part["text"]
        for block in blocks_of(asked.call.messages[-1]["content"])
        if block["type"] == "tool_result" and block["tool_use_id"] in called
        for part in blocks_of(block.get("content") or [])
        if part["type"] == "text"
    ]
    return "\n".join(results)


def _printed(use: ServerToolUse) -> str:
    """Return what the emulator's own commands print; nothing of commands it did not write."""
    try:
        if use.name == "bash_code_execution":
            command, *words = shlex.split(str(use.input.get("command")))
            return " ".join(words) if command == "echo" else ""
        return str(ast.literal_eval(str(use.input.get("code")).removeprefix("print(").removesuffix(")")))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ""
