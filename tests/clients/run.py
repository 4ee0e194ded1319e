"""One run of a client's program: every task of it, each on an emulator of its own."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarion.emulator import Emulator, Server
from clarion.emulator.script import error, error_event, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clients.environments import Client

__all__ = ["Outcome", "run"]

TASKS = ("text", "stream", "tools", "structured", "image", "rate_limit", "overload")
SCRIPTS = {
    "rate_limit": [error(429, retry_after=1)],
    "overload": [say("one two three four five six") & error_event(after=2, type="overloaded_error")],
}
PATIENCE = 60  # seconds for all tasks of a client


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client says came of a task, and the emulator it was done on."""

    said: Any
    emulator: Emulator


def run(client: Client, surroundings: Mapping[str, str], picture: Path) -> dict[str, Outcome]:
    """Let a client do all its tasks.

    Args:
        client: Who.
        surroundings: The environment variables of whoever runs the tests; the program itself gets few of its own.
        picture: A PNG file to ask about. Its directory is the program's home.

    Raises:
        Unavailable: The client cannot be run on this machine.

    """
    environment = client.environment(surroundings) if client.python or client.npm else None
    emulators = {task: Emulator(script=SCRIPTS.get(task, ())) for task in (*TASKS, *client.also)}
    with ExitStack() as stack:
        urls = [f"{task}={stack.enter_context(Server(emulator)).url}" for task, emulator in emulators.items()]
        done = subprocess.run(
            [*client.command(environment), str(picture), *urls],
            cwd=environment,
            env={"PATH": surroundings["PATH"], "HOME": str(picture.parent), "ANTHROPIC_API_KEY": "test"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    said = json.loads(done.stdout)
    return {task: Outcome(said[task], emulator) for task, emulator in emulators.items()}
