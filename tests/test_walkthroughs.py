"""What a reader does who follows a page from top to bottom: saves what is to be saved, types what is to be typed.

The real API is played by the emulator, on a port. Commands that would set up or test this very project are left out.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion import ClaudeService
from clarion.emulator import Emulator, Server
from pages import PAGES, ROOT, blocks, commands

NOT_RUN = re.compile(r"make |pip |python3 -m venv|\. |export |git clone|cd |pytest(?!.*--claude-upstream)")
FAILS = re.compile(
    r"fails\s+today\s+with\s+`(\w+)`(?:(?!^```).)*^```py\n(.*?)^```$", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
FAILING = [match.groups() for page in PAGES for match in FAILS.finditer(page.read_text("utf-8"))]
WITH_COMMANDS = [page for page in PAGES if any(map(commands, blocks(page)))]
SERVER = "clarion emulate"
FINDING = ("clarion bulk ", "clarion check ")  # whose exit code 1 says what they have found: a failed row, old code
REFUSED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
REVIEWS = f"id,review\n1,Good soup\n2,{REFUSED}\n3,No soup\n"  # the API documents that it refuses the second
TEST = 'def test_hello(claude_emulator):\n    assert claude_emulator.client().models.retrieve("claude-opus-5-5")\n'


@pytest.fixture(scope="module")
def api() -> Iterator[Server]:
    with Server(Emulator()) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, api: Server) -> Path:
    """A folder with what pages take for granted: a repository in which something has changed, files, a ledger."""
    for name in ("README.md", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "reviews.csv").write_text(REVIEWS, "utf-8")
    (tmp_path / "test_hello.py").write_text(TEST, "utf-8")
    (tmp_path / "notes.txt").write_text("one\n", "utf-8")
    subprocess.run("git init -q && git add notes.txt", shell=True, cwd=tmp_path, check=True)
    (tmp_path / "notes.txt").write_text("two\n", "utf-8")
    ClaudeService(base_url=api.url, api_key="any", ledger=tmp_path / "usage.db").complete("Hi", tags={"team": "search"})
    return tmp_path


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(map(commands, blocks(page)))], ids=lambda page: page.name
)
def test_a_page_can_be_followed(page: Path, folder: Path, api: Server) -> None:
    environment = reader(folder, api)
    port = str(free_port())
    with contextlib.ExitStack() as servers:
        for block in blocks(page):
            if block.file:
                (folder / block.file).write_text(block.code, "utf-8")
            for line in commands(block):
                command = line.replace("4010", port)
                if command.startswith(SERVER):
                    servers.close()  # one at a time has the port
                    servers.enter_context(serving(command, port, folder, environment))
                elif not NOT_RUN.match(command):
                    run(command, folder, environment)


def reader(folder: Path, api: Server) -> dict[str, str]:
    """The environment of somebody who has a key and has installed Clarion."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLARION_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    ours = {"PATH": path, "HOME": str(folder), "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "any"}
    return {**kept, **ours, "CLARION_LEDGER": "usage.db", "PYTHONWARNINGS": "error"}


def run(command: str, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode in {0, int(command.startswith(FINDING))}, f"{command}: {done.stdout}{done.stderr}"


@contextlib.contextmanager
def serving(command: str, port: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a server until the reader is done with it, and stop it by Ctrl-C."""
    line = command if port in command else f"{command} --port {port}"
    shell = ["sh", "-c", f"exec {line}"]
    with subprocess.Popen(shell, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        told = next((said for said in server.stderr if port in said), None)
        try:
            assert told, f"{command}: has ended"
            yield
        finally:
            server.send_signal(signal.SIGINT)
            _, said = server.communicate(timeout=60)
    assert server.returncode == 0, f"{command}: {said}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(("error", "code"), FAILING)
def test_old_code_fails_as_the_page_says(error: str, code: str, folder: Path, api: Server) -> None:
    done = subprocess.run([sys.executable, "-c", code], env=reader(folder, api), capture_output=True, text=True)

    assert re.search(rf"^(anthropic\.)?{error}: ", done.stderr, re.MULTILINE), done.stderr


def test_every_block_of_old_code_says_how_it_fails() -> None:
    assert len(FAILING) == sum(block.language == "py" for page in PAGES for block in blocks(page))
