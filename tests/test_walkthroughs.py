"""What a reader does who follows a page from top to bottom: saves what is to be saved, types what is to be typed.

The real API is played by the emulator, on a port. Commands that would set up or test this very project are left out.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion import ClaudeService, Job
from clarion.emulator import Emulator, Server
from contract.rows.media import written
from forks import command, forked
from pages import PAGES, ROOT, blocks, commands

NOT_RUN = re.compile(r"make |pip |python3 -m venv|\. |export |git clone|cd |mkdir |pytest(?!.*--claude-upstream)")
FAILS = re.compile(r"(?ims)fails\s+today\s+with\s+`(\w+)`(?:(?!^```).)*^```py\n(.*?)^```$")
FAILING = [match.groups() for page in PAGES for match in FAILS.finditer(page.read_text("utf-8"))]
WITH_COMMANDS = [page for page in PAGES if any(map(commands, blocks(page)))]
SERVER = "clarion emulate"
SHELL = re.compile(r"[|<>&;$]")
FINDING = ("clarion bulk ", "clarion check ", "clarion doctor", "clarion repair ")  # exit code 1: something was found

# The API documents that it refuses this prompt.
REFUSED = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
TEXTS = {
    "reviews.csv": f"id,review\n1,Good soup\n2,{REFUSED}\n3,No soup\n",
    "test_hello.py": "def test(claude_emulator):\n    assert claude_emulator.client().models.list()\n",
    "notes.txt": "one\n",
    "docs/settings.md": "# Settings\n\nThere is one.\n",
}
CONVERSATIONS = ".local/share/clarion/conversations.db"


@pytest.fixture(scope="module")
def api() -> Iterator[Server]:
    with Server(Emulator()) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, api: Server) -> Path:
    """A folder with what pages take for granted: a repository in which something changed, and files of all kinds."""
    for name in ("README.md", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "examples/from_2024", tmp_path / "src")
    for name, text in TEXTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    subprocess.run("git init -q && git add notes.txt", shell=True, cwd=tmp_path, check=True)
    (tmp_path / "notes.txt").write_text("two\n", "utf-8")
    (tmp_path / "book.pdf").write_bytes(base64.b64decode(written("A book of one page.")["data"]))
    (tmp_path / CONVERSATIONS).parent.mkdir(parents=True)
    with ClaudeService(base_url=api.url, api_key="any", ledger=tmp_path / "usage.db") as claude:
        claude.complete("Hi", tags={"team": "search"})
        claude.conversation(store=tmp_path / CONVERSATIONS, name="thesis").send("Hi")
    Job.create(tmp_path / "reviews.job", ["One?"]).close()
    return tmp_path


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_a_page_can_be_followed(page: Path, folder: Path, api: Server) -> None:
    environment = reader(folder, api)
    port = str(free_port())
    with contextlib.ExitStack() as servers:
        for block in blocks(page):
            if block.file:
                (folder / block.file).write_text(block.code, "utf-8")
            for line in commands(block):
                typed = line.replace("4010", port)
                if typed.startswith(SERVER):
                    servers.close()  # one at a time has the port
                    servers.enter_context(serving(typed, port, folder, environment))
                elif not NOT_RUN.match(typed):
                    run(typed, folder, environment)


def reader(folder: Path, api: Server) -> dict[str, str]:
    """The environment of somebody who has a key and has installed Clarion."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLARION_"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    ours = {
        "PATH": path,
        "HOME": str(folder),
        "XDG_DATA_HOME": "",
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": "any",
    }
    return {**kept, **ours, "CLARION_LEDGER": "usage.db", "PYTHONWARNINGS": "error"}


def run(line: str, folder: Path, environment: dict[str, str]) -> None:
    said = folder / "said.txt"
    words = shlex.split(line)
    if words[0] == "clarion" and not SHELL.search(line):
        exit_code = forked(command, words[1:], folder, environment, said=said)
    else:
        with said.open("wb") as file:
            shell = ["sh", "-c", line]
            done = subprocess.run(shell, cwd=folder, env=environment, stdout=file, stderr=file, timeout=60, check=False)
        exit_code = done.returncode

    finds = line.startswith(FINDING)
    assert exit_code in {0, int(finds)}, f"{line}: {exit_code}: {said.read_text('utf-8')}"


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
