"""Clarion as it is given away: the wheel and the source archive, and environments that have nothing else in them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import PYTHON, digest, environment, installing

__all__ = ["EXTRAS", "PROJECT", "ROOT", "Installed", "built", "with_extra", "with_versions"]

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = ROOT / "requirements.lock"
TESTING = ("hypothesis", "jsonschema", "numpy", "pytest")  # what the tests need that run where the floors are


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment in which Clarion is installed."""

    place: Path
    surroundings: Mapping[str, str]

    def python(self, *arguments: str, cwd: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run its Python with these arguments."""
        command = [str(self.place / "bin" / "python"), *arguments]
        return subprocess.run(
            command, cwd=cwd, env=self.surroundings, capture_output=True, text=True, timeout=timeout, check=False
        )

    def clarion(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run its `clarion`."""
        return self.python(str(self.place / "bin" / "clarion"), *arguments, cwd=cwd)


def built(source: Path, into: Path, target: str) -> Path:
    """Build a `wheel` or an `sdist` from a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, text=True)
    [made] = into.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made


def with_extra(wheel: Path, extra: str | None, surroundings: Mapping[str, str]) -> Installed:
    """Install a wheel with one extra, or with none, at the locked versions. Raises Unavailable."""
    requirement = f"{wheel}[{extra}]" if extra else str(wheel)
    contents = digest(_sha(wheel), extra or "", LOCK.read_text("utf-8"), *PYTHON)

    def commands(place: Path) -> Sequence[Sequence[str]]:
        return installing(place, "--constraint", str(_constraints(place)), requirement)

    return Installed(environment(f"package-{extra or 'alone'}", contents, commands, surroundings), surroundings)


def with_versions(wheel: Path, which: str, surroundings: Mapping[str, str]) -> Installed:
    """Install a wheel with the `lowest` versions that it declares or the `highest` there are, and what tests need.

    Raises Unavailable.
    """
    declared = [*PROJECT["dependencies"], *(package for packages in EXTRAS.values() for package in packages)]
    pinned = [line for line in _locked() if line.partition("==")[0] in TESTING]
    resolution = {"lowest": "lowest-direct", "highest": "highest"}[which]
    contents = digest(_sha(wheel), *declared, *pinned, *PYTHON)

    def commands(place: Path) -> Sequence[Sequence[str]]:
        return installing(place, "--resolution", resolution, str(wheel), *declared, *pinned)

    return Installed(environment(f"package-{which}", contents, commands, surroundings), surroundings)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _locked() -> list[str]:
    """Return the lines of the lock, without hashes."""
    return [line.rstrip(" \\") for line in LOCK.read_text("utf-8").splitlines() if line[:1].isalnum()]


def _constraints(place: Path) -> Path:
    """Write the locked versions beside an environment that is being made, without their hashes."""
    path = place.parent / "constraints.txt"
    path.write_text("\n".join(_locked()), "utf-8")
    return path
