"""Which files there are to look into: those named, and in the directories named those that are somebody's source."""

from __future__ import annotations

import os
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from clarion.check.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Directories of tools and of other people's code. A virtual environment is known by its pyvenv.cfg.
SKIPPED = frozenset(
    {
        *(".git", ".hg", ".svn", ".jj", "node_modules", "site-packages", "__pycache__", "__pypackages__", ".eggs"),
        *(".tox", ".nox", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"),
        *(".terraform", ".next", ".nuxt", ".yarn", ".pnpm-store", ".gradle", ".cache", ".direnv"),
    }
)


def files(
    paths: Iterable[Path], *, exclude: Iterable[str] = (), root: Path | None = None, gitignore: bool = True
) -> Iterator[Path]:
    """Yield every file of a known language, each once, in the order of its path.

    A file that is named is yielded whatever it is; in a directory, what `exclude` matches (a pattern of a name, or of a
    path from `root` on, or from the directory if it is not below it) is left out, and so is what git ignores, if it is
    a work tree and git is there.
    """
    patterns, seen = tuple(exclude), set[str]()
    for path in paths:
        found = _walk(path, Exclusion(path, patterns, root, gitignore)) if path.is_dir() else (path,)
        for file in found:
            if (real := os.path.realpath(file)) not in seen:
                seen.add(real)
                yield file


class Exclusion:
    """What below a directory is left out. Paths are those from the directory on, with slashes."""

    def __init__(self, top: Path, patterns: tuple[str, ...], root: Path | None, gitignore: bool) -> None:
        self._patterns = tuple(pattern.strip("/") for pattern in patterns)
        self._ignored = _ignored(top) if gitignore else frozenset()
        real = os.path.realpath(top)
        inside = root is not None and Path(real).is_relative_to(os.path.realpath(root))
        above = os.path.relpath(real, os.path.realpath(root)) if inside and root is not None else "."
        self._above = "" if above == "." else f"{above}/".replace(os.sep, "/")

    def has(self, path: str, *, is_directory: bool) -> bool:
        """Whether a file or a directory is left out."""
        if (f"{path}/" if is_directory else path) in self._ignored:
            return True
        name = path.rpartition("/")[2]
        return any(fnmatch(name, pattern) or fnmatch(self._above + path, pattern) for pattern in self._patterns)


def _walk(top: Path, exclusion: Exclusion) -> Iterator[Path]:
    for directory, folders, names in os.walk(top):
        inner = os.path.relpath(directory, top)
        prefix = "" if inner == "." else f"{inner}/".replace(os.sep, "/")
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED
            and not exclusion.has(prefix + name, is_directory=True)
            and not Path(directory, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(directory, name)
            if not exclusion.has(prefix + name, is_directory=False) and _has_language(path):
                yield path


def _has_language(path: Path) -> bool:
    if language_of(path.name) is not None:
        return True
    return not path.suffix and language_of(path.name, head(path)) is not None


def head(path: Path) -> bytes:
    """Return the first bytes of a file that may be a script; none if it is no file that can be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(64)
    except OSError:
        return b""


def _ignored(root: Path) -> frozenset[str]:
    """Return what git ignores below a directory, as paths from there; those of directories end in a slash."""
    command = ["git", "-C", os.fspath(root), "ls-files", "--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        done = subprocess.run([*command, "-z"], capture_output=True, check=False)  # noqa: S603 - git, and a path
    except OSError:
        return frozenset()
    return frozenset(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
