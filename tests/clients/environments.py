"""Environments for clients that cannot live beside Clarion: made once, outside the source tree, and used again.

They stand in the user's cache directory under a digest of what is in them. One that is only half made never has that
name: it is made beside it, under a temporary one, and moved there. When killed meanwhile, that is what is left behind.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CLIENTS", "Client", "Unavailable"]

HERE = Path(__file__).parent
HOME = Path.home()  # while tests run, theirs is another
CONSTRAINTS = HERE / "constraints.txt"
PATIENCE = 75  # seconds for one environment


class Unavailable(Exception):
    """A client cannot be run on this machine: what it needs is not there, and could not be installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client, and the packages it is made of. One without packages is a command of the machine."""

    name: str
    title: str
    version: str
    overload: str
    also: Sequence[str] = ()
    python: Sequence[str] = ()
    npm: Sequence[str] = ()

    def environment(self, surroundings: Mapping[str, str]) -> Path:
        """Return the directory where its packages are installed, which may have to be done first.

        Raises:
            Unavailable: It could not be done, or not in `PATIENCE`.

        """
        place = _cache(surroundings) / f"{self.name}-{self._digest()}"
        if place.is_dir():
            return place
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"no place to install it: {error}") from error
        with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as directory:
            made = Path(directory, "made")
            end = time.monotonic() + PATIENCE
            for command in self._commands(made):
                _run(command, surroundings, max(end - time.monotonic(), 0))
            if not place.is_dir():  # somebody else may have been faster
                made.rename(place)
        return place

    def command(self, environment: Path | None) -> list[str]:
        """Return the command line that runs its program.

        Raises:
            Unavailable: A command is missing.

        """
        if self.npm:
            return [_found("node"), str(HERE / "programs" / f"ask_{self.name}.mjs")]
        if not self.python:
            _found(self.name)
        python = environment / "bin" / "python" if environment else sys.executable
        return [str(python), str(HERE / "programs" / f"ask_{self.name}.py")]

    def _commands(self, place: Path) -> list[list[str]]:
        """Return the command lines that install its packages in a directory."""
        if self.npm:
            options = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", "--prefix", str(place)]
            patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]  # else it takes minutes to give up
            return [[_found("npm"), "install", *options, *patience, *self.npm]]
        constrained = ["--quiet", "--constraint", str(CONSTRAINTS), *self.python]
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if uv is None:
            python = str(place / "bin" / "python")
            return [[sys.executable, "-m", "venv", str(place)], [python, "-m", "pip", "install", *constrained]]
        return [
            [uv, "venv", "--quiet", "--python", sys.executable, str(place)],
            [uv, "pip", "install", "--python", str(place), *constrained],
        ]

    def _digest(self) -> str:
        parts = [*self.python, *self.npm]
        if self.python:
            parts += [CONSTRAINTS.read_text("utf-8"), sys.version, sys.base_prefix]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _cache(surroundings: Mapping[str, str]) -> Path:
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(surroundings.get("XDG_CACHE_HOME") or HOME / default, "clarion-test-clients")


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Unavailable(f"there is no {program} on this machine")
    return path


def _run(command: list[str], surroundings: Mapping[str, str], timeout: float) -> None:
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


ROWS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "pins.toml").read_text("utf-8"))
CLIENTS = {name: Client(name=name, **row) for name, row in ROWS.items()}
