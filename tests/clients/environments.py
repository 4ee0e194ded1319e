"""The clients that cannot live beside Clarion, each with an environment of its own."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments import PYTHON, Unavailable, digest, environment, found, installing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CLIENTS", "Client", "Unavailable"]

HERE = Path(__file__).parent
CONSTRAINTS = HERE / "constraints.txt"


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
            Unavailable: It could not be done, or not in time.

        """
        parts = [*self.python, *self.npm]
        if self.python:
            parts += [CONSTRAINTS.read_text("utf-8"), *PYTHON]
        return environment(self.name, digest(*parts), self._commands, surroundings)

    def command(self, environment: Path | None) -> list[str]:
        """Return the command line that runs its program.

        Raises:
            Unavailable: A command is missing.

        """
        if self.npm:
            return [found("node"), str(HERE / "programs" / f"ask_{self.name}.mjs")]
        if not self.python:
            found(self.name)
        python = environment / "bin" / "python" if environment else sys.executable
        return [str(python), str(HERE / "programs" / f"ask_{self.name}.py")]

    def _commands(self, place: Path) -> list[list[str]]:
        """Return the command lines that install its packages in a directory."""
        if not self.npm:
            return installing(place, "--constraint", str(CONSTRAINTS), *self.python)
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error", "--prefix", str(place)]
        patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]  # else it takes minutes to give up
        return [[found("npm"), "install", *options, *patience, *self.npm]]


ROWS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "pins.toml").read_text("utf-8"))
CLIENTS = {name: Client(name=name, **row) for name, row in ROWS.items()}
