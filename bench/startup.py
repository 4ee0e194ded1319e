"""How long commands and imports take to start, beside Python with `click` and `rich`, and beside other libraries.

`python bench/startup.py [--rounds 15] [--peers]`: seconds of CPU of a process, the least of many, all in turns, with
everything compiled. What others do is measured where they are installed; `--peers` installs them.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
from figures import Figure, tell

ROOT = Path(__file__).parents[1]
REFERENCE = "import click, rich"
SDK = "import anthropic"
FIRST_CALL = "from clarion import ClaudeService; ClaudeService(emulate=True).complete('Hi')"
BAR = 1.5
OTHER_ROUNDS = 2  # of what takes seconds
BIN = Path(sys.executable).parent

COMMANDS: dict[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    REFERENCE: [sys.executable, "-c", REFERENCE],
    "clarion --help": [str(BIN / "clarion"), "--help"],
    "clarion count --offline README.md": [str(BIN / "clarion"), "count", "--offline", "README.md"],
    "clarion --version": [str(BIN / "clarion"), "--version"],
    "import clarion": [sys.executable, "-c", "import clarion"],
    SDK: [sys.executable, "-c", SDK],
    "a first call, emulated": [sys.executable, "-c", FIRST_CALL],
}
# What others do, and which of the above is beside it.
OTHERS = {
    ("llm", "import llm"): "import clarion",
    ("llm", "llm --help"): "clarion --help",
    ("litellm", "import litellm"): "import clarion",
    ("litellm", "litellm --help"): "clarion --help",
    ("langchain", "import langchain_anthropic"): "import clarion",
}


def command_of(python: Path, what: str) -> list[str]:
    """Return the command line of something that another library does."""
    if what.startswith("import "):
        return [str(python), "-c", what]
    name, *arguments = what.split()
    return [str(python), str(python.with_name(name)), *arguments]


def cpu_ms(command: list[str], environment: dict[str, str]) -> float:
    """Run a command and return the milliseconds of CPU it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603 -- our own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main(rounds: int, *, install: bool) -> None:
    """Print a line for each."""
    commands = dict(COMMANDS)
    for name, what in OTHERS:
        if python := peers.installed(name) if install else peers.python_of(name):
            commands[what] = command_of(python, what)
        else:
            print(f"{what}: not installed")
    with tempfile.TemporaryDirectory() as compiled:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CLARION"))}
        environment["PYTHONPYCACHEPREFIX"] = compiled  # the first run of each compiles
        least = {what: cpu_ms(command, environment) for what, command in commands.items()}
        for number in range(rounds):
            for what, command in commands.items():
                if what in COMMANDS or number < OTHER_ROUNDS:
                    least[what] = min(least[what], cpu_ms(command, environment))
    for what in ("clarion --help", "clarion count --offline README.md"):
        tell(Figure(what=what, value=least[what], unit="ms", reference=REFERENCE, beside=least[REFERENCE], bar=BAR))
    for what in ("clarion --version", "import clarion"):
        tell(Figure(what=what, value=least[what], unit="ms", reference=REFERENCE, beside=least[REFERENCE]))
    first = "a first call, emulated"
    tell(Figure(what=first, value=least[first], unit="ms", reference=SDK, beside=least[SDK]))
    for (_, what), ours in OTHERS.items():
        if what in least:
            tell(Figure(what=ours, value=least[ours], unit="ms", reference=what, beside=least[what]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    main(asked.rounds, install=asked.peers)
