"""Environments beside the one that tests run in: made once, outside the source tree, and used again.

They stand in the user's cache directory under a digest of what is in them. One that is only half made never has that
name: it is made beside it, under a temporary one, and moved there. When killed meanwhile, that is what is left behind.
What nobody has used for a week is deleted when another of its name is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["PYTHON", "Unavailable", "digest", "environment", "found", "installing", "surroundings"]

HOME = Path.home()  # while tests run, theirs is another
PATIENCE = 75  # seconds for one environment
KEPT = 7 * 86_400  # seconds
PYTHON = (sys.version, sys.base_prefix)  # a part of what is in a Python environment


class Unavailable(Exception):
    """An environment cannot be made on this machine: what it needs is not there, and could not be installed."""


def environment(
    name: str, contents: str, commands: Callable[[Path], Sequence[Sequence[str]]], surroundings: Mapping[str, str]
) -> Path:
    """Return the directory of an environment, which may have to be made first, by these commands.

    Raises:
        Unavailable: It could not be done, or not in `PATIENCE`.

    """
    place = _cache(surroundings) / f"{name}-{contents}"
    if place.is_dir():
        os.utime(place)
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"no place to install it: {error}") from error
    with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as directory:
        made = Path(directory, "made")
        end = time.monotonic() + PATIENCE
        for command in commands(made):
            _run(command, surroundings, max(end - time.monotonic(), 0))
        with contextlib.suppress(OSError):  # somebody else may have been faster
            made.rename(place)
    _forget(place)
    return place


def installing(place: Path, *arguments: str) -> list[list[str]]:
    """Return the commands that make a Python environment in a directory and install packages, by uv or by pip."""
    python = str(place / "bin" / "python")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        return [[sys.executable, "-m", "venv", str(place)], [python, "-m", "pip", "install", "--quiet", *arguments]]
    return [
        [uv, "venv", "--quiet", "--python", sys.executable, str(place)],
        [uv, "pip", "install", "--quiet", "--python", str(place), *arguments],
    ]


def digest(*parts: str) -> str:
    """Return a short name for what is in an environment."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def found(program: str) -> str:
    """Return the path of a program of this machine. Raises Unavailable."""
    path = shutil.which(program)
    if path is None:
        raise Unavailable(f"there is no {program} on this machine")
    return path


def surroundings() -> dict[str, str]:
    """Return the variables of this process without those that would change what Python or Clarion do."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ANTHROPIC", "CLARION"))
    }


def _cache(surroundings: Mapping[str, str]) -> Path:
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(surroundings.get("XDG_CACHE_HOME") or HOME / default, "clarion-test-clients")


def _forget(place: Path) -> None:
    name = place.name.rpartition("-")[0]
    for other in place.parent.glob(f"{name}-{'?' * 12}"):
        if other.stat().st_mtime < time.time() - KEPT:
            shutil.rmtree(other, ignore_errors=True)


def _run(command: Sequence[str], surroundings: Mapping[str, str], timeout: float) -> None:
    try:
        subprocess.run(
            command,
            env=surroundings,
            check=True,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"could not install: {' '.join(error.output.split())[-300:]}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"could not install within {PATIENCE} seconds") from error
