"""Other libraries, each in an environment of its own outside the source tree, installed when somebody asks for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path.home() / ".cache" / "clarion-bench"
PACKAGES = {
    "langchain": ("langchain", "langchain-anthropic"),
    "litellm": ("litellm",),
    "llm": ("llm", "llm-anthropic"),
}
PATIENCE = 300  # seconds for one


def python_of(name: str) -> Path | None:
    """Return the Python that has a library; None where it is not installed."""
    python = HOME / name / "bin" / "python"
    return python if python.exists() else None


def installed(name: str) -> Path | None:
    """Return the Python that has a library, after installing it; None where that cannot be done."""
    if found := python_of(name):
        return found
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    place, made = HOME / name, HOME / f".{name}"
    commands = (
        [uv, "venv", "--quiet", "--clear", "--relocatable", "--python", sys.executable, str(made)],
        [uv, "pip", "install", "--quiet", "--python", str(made), *PACKAGES[name]],
    )
    try:
        HOME.mkdir(parents=True, exist_ok=True)
        for command in commands:
            subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)  # noqa: S603 -- our own command
        made.rename(place)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{name} cannot be installed, and is left out: {error}", file=sys.stderr)
        return None
    return python_of(name)


def versions() -> list[str]:
    """Return what is installed there, each with its version."""
    script = (
        "import importlib.metadata as m, sys\n"
        "print(*(f'{d.name} {d.version}' for d in m.distributions() if d.name in sys.argv), sep='\\n')"
    )
    found = []
    for name, packages in PACKAGES.items():
        if python := python_of(name):
            command = [str(python), "-c", script, *packages]
            found += subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")  # noqa: S603
    return sorted(filter(None, found))
