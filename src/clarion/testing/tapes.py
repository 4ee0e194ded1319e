"""The recordings of a test: played back, or made anew.

They are made beside the old ones, and take their place when the test has passed; if it fails, the old ones stay.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from clarion.emulator.recording import Player, Recorder, Tape, TapeError, Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarion.emulator.asked import Answerer

__all__ = ["PASSED", "PLAYER", "Taped", "taped"]

PLAYER = pytest.StashKey[Player]()
PASSED = pytest.StashKey[bool]()
UNSAFE = re.compile(r"[^\w.=\[\]-]+")


@dataclass(frozen=True, slots=True)
class Taped:
    """Who answers in the emulator's place, if anybody does, and whom he asks."""

    answerer: Answerer | None = None
    upstream: Upstream | None = None


@contextlib.contextmanager
def taped(item: pytest.Item) -> Iterator[Taped]:
    """Yield who answers in the emulator's place, as the test's mark says."""
    mark = item.get_closest_marker("claude_recording")
    if mark is None:
        yield Taped()
        return
    directory, ignore, on_miss = _asked(item, *mark.args, **mark.kwargs)
    if item.config.getoption("claude_record"):
        with _recorder(item, directory, ignore) as recorder:
            yield recorder
    else:
        item.stash[PLAYER] = player = _player(directory, ignore, on_miss)
        yield Taped(player)


def _asked(
    item: pytest.Item, directory: str | None = None, *, ignore: Any = (), on_miss: Any = "error"
) -> tuple[Path, Any, Any]:
    name = UNSAFE.sub("-", item.nodeid.partition("::")[2].replace("::", "."))
    return item.path.parent / (directory or f"recordings/{item.path.stem}") / name, ignore, on_miss


def _player(directory: Path, ignore: Any, on_miss: Any) -> Player:
    if not directory.is_dir():
        pytest.fail(f"there are no recordings in {directory}: make them with --claude-record", pytrace=False)
    try:
        return Player(Tape(directory, ignore), on_miss)
    except (TapeError, ValueError) as error:
        pytest.fail(str(error), pytrace=False)


@contextlib.contextmanager
def _recorder(item: pytest.Item, directory: Path, ignore: Any) -> Iterator[Taped]:
    fresh = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with _upstream(item) as upstream:
        try:
            yield Taped(Recorder(Tape(fresh, ignore), upstream), upstream)
            if item.stash.get(PASSED, False) and fresh.is_dir():
                _exchange(fresh, directory)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _exchange(fresh: Path, directory: Path) -> None:
    """Put new recordings in the place of the old ones."""
    old = directory.with_name(f"{directory.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if directory.exists():
        directory.replace(old)
    fresh.replace(directory)
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def _upstream(item: pytest.Item) -> Iterator[Upstream | None]:
    url, key = item.config.getoption("claude_upstream"), os.environ.get("ANTHROPIC_API_KEY")
    if url == "emulator":
        yield None
        return
    if not url and not key:
        pytest.fail("to record what the real API answers, set ANTHROPIC_API_KEY", pytrace=False)
    with Upstream(url, key) if url else Upstream(key=key) as upstream:
        yield upstream
