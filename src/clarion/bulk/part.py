"""A file under way: it is written beside its place, under a name of its process, and moved there when it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def part_of(path: Path, process: int | str) -> Path:
    """Return where a process writes a file, until it is whole."""
    return path.with_name(f".{path.name}.{process}.part")


def remove(path: Path) -> None:
    """Remove a file, if it is there. A disk that is read-only would refuse to, even if it is not."""
    if path.exists():
        path.unlink(missing_ok=True)
