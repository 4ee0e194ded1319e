"""Processes that add to a conversation in a file, and write down, in another, what was acknowledged."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from clarion import ClaudeConfig, ClaudeService, ConversationMovedError
from clarion.emulator import Emulator
from forks import FORKS, child


def started(path: Path, name: str, who: str, seconds: float) -> ForkServerProcess:
    """Start a process that sends numbered prompts until its time is over, or it is killed; wait until it begins."""
    here, there = FORKS.Pipe(duplex=False)
    process = child(_add, path, name, who, seconds, there)
    process.start()
    there.close()
    here.recv()
    here.close()
    return process


def acknowledged(path: Path) -> list[str]:
    """Return the prompts that were answered before their processes ended."""
    notes = _notes(path)
    return notes.read_text("utf-8").splitlines() if notes.exists() else []


def _add(path: Path, name: str, who: str, seconds: float, begun: Connection) -> None:
    notes = os.open(_notes(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    claude = ClaudeService(emulate=Emulator(), config=ClaudeConfig(model="claude-haiku-4-5", max_tokens=100))
    claude.conversation().send("Load what is loaded on first use.")
    begun.send(who)
    chat = claude.conversation(store=path, name=name)
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            chat.send(f"{who}.{number}")
        except ConversationMovedError:
            continue
        os.write(notes, f"{who}.{number}\n".encode())  # in one piece, whoever is killed
        number += 1


def _notes(path: Path) -> Path:
    return path.with_suffix(".acknowledged")
