"""A tape: a directory of recordings, a file each, named after what was asked.

    messages-claude-haiku-5-5-1f0c9a3b52d7-1.json      what, which model, the normal form's key, which answer to it

A file is whole or absent: it is written beside its place and then moved there. One program records on a tape at a time.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from clarion.emulator.recording.normal import Normal
from clarion.emulator.recording.recording import Recording, TapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Tape"]

UNSAFE = re.compile(r"[^a-zA-Z0-9.]+")
PARTIAL = ".partial"


class Tape:
    """Recordings in a directory. Threads may share it.

    Args:
        directory: Where the files are.
        ignore: Patterns of texts that do not count when requests are compared, such as today's date.

    Raises:
        TapeError: A file is no recording, or a pattern is none.

    """

    def __init__(self, directory: str | Path, ignore: Sequence[str] = ()) -> None:
        self.directory = Path(directory)
        self.ignore = tuple(_pattern(text) for text in ignore)
        self._lock = threading.Lock()
        self._found: dict[str, list[tuple[str, Recording]]] = {}
        self._normals: dict[str, Normal] = {}
        self._read()

    def __len__(self) -> int:
        return sum(len(found) for found in self._found.values())

    @property
    def names(self) -> list[str]:
        """The names of all files, in order."""
        return sorted(name for found in self._found.values() for name, _ in found)

    def find(self, normal: Normal) -> list[tuple[str, Recording]]:
        """Return the recordings of a request with their files' names, in the order they were made."""
        return self._found.get(normal.key, [])

    def normals(self) -> dict[str, Normal]:
        """Return the normal form of what each first recording was asked, by the file's name."""
        return {found[0][0]: self._normals[key] for key, found in self._found.items()}

    def normal(self, recording: Recording) -> Normal:
        """Return the normal form of what a recording was asked."""
        return Normal.of(recording.method, recording.target, recording.asked_body, self.ignore)

    def add(self, recording: Recording) -> str:
        """Put a recording on the tape and return its file's name.

        If it is stopped on the way, a file that ends in `.partial` may be left, which nobody reads.
        """
        normal = self.normal(recording)
        with self._lock:
            found = self._found.setdefault(normal.key, [])
            name = f"{_title(recording)}-{normal.key}-{_number(found[-1][0]) + 1 if found else 1}.json"
            self._write(name, recording.text())
            found.append((name, recording))
            self._normals[normal.key] = normal
        return name

    def prepare(self) -> None:
        """Make sure that recordings can be written, before anybody pays for an answer that cannot be kept.

        Raises:
            TapeError: They cannot.

        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.directory).close()
        except OSError as error:
            raise TapeError(f"cannot write recordings to {self.directory}: {error.strerror or error}") from error

    def clear(self) -> None:
        """Remove all recordings."""
        with self._lock:
            for found in self._found.values():
                for name, _ in found:
                    (self.directory / name).unlink(missing_ok=True)
            self._found.clear()
            self._normals.clear()

    def _write(self, name: str, text: str) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(suffix=PARTIAL, dir=self.directory)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).chmod(0o644)
        Path(partial).replace(self.directory / name)

    def _read(self) -> None:
        for path in sorted(self.directory.glob("*.json"), key=lambda path: (_number(path.name), path.name)):
            recording = Recording.parse(path.read_bytes(), str(path))
            normal = self.normal(recording)
            self._found.setdefault(normal.key, []).append((path.name, recording))
            self._normals[normal.key] = normal


def _title(recording: Recording) -> str:
    """Return what a file is named after: the path's words and the model."""
    path = recording.target.partition("?")[0].removeprefix("/v1/").strip("/")
    model = recording.asked_body.get("model") if isinstance(recording.asked_body, dict) else None
    words = [path, model if isinstance(model, str) else ""]
    return "-".join(UNSAFE.sub("-", word).strip("-.")[:60] for word in words if word) or "request"


def _number(name: str) -> int:
    """Return the how-manieth answer to its request a file holds; one that is named otherwise comes first."""
    digits = name.removesuffix(".json").rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise TapeError(f"{text!r} is no regular expression: {error}") from error
