"""Many files, looked into side by side by processes, in the order in which they come."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from clarion.check.inspection import Report, findings, inspect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from clarion.check.config import Config
    from clarion.check.facts import Facts
    from clarion.check.finding import Finding
    from clarion.check.languages import Language

FEW = 500  # files that one process has looked into before others would be ready
AT_ONCE = 16


class Inspector:
    """Looks into files by a configuration and facts."""

    def __init__(self, config: Config, facts: Facts) -> None:
        self._config = config
        self._facts = facts
        self._codes = config.codes

    def __call__(self, path: Path) -> Report:
        """Look into a file."""
        return inspect(path, self._facts, self._codes_for(path))

    def findings(self, path: Path, text: str, language: Language) -> list[Finding]:
        """Return what is found in a text that may come to be in a file. Raises Unparsable."""
        return findings(path, text, language, self._facts, self._codes_for(path))

    def _codes_for(self, path: Path) -> frozenset[str]:
        return self._config.codes_for(path, self._codes) if self._config.per_file_ignores else self._codes


def sweep(paths: Sequence[Path], inspector: Inspector, processes: int | None = None) -> Iterator[Report]:
    """Yield the report of each file. Several processes look into many files, by default as many as there are cores."""
    processes = processes or cores()
    if processes == 1 or len(paths) < FEW:
        yield from map(inspector, paths)
        return
    spawning = multiprocessing.get_context("spawn")
    others = {*multiprocessing.active_children()}
    with ProcessPoolExecutor(processes, spawning, initializer=_start, initargs=(inspector,)) as pool:
        try:
            yield from pool.map(_inspect, paths, chunksize=AT_ONCE)
        except BaseException:  # nobody waits for what is under way
            for process in {*multiprocessing.active_children()} - others:
                process.terminate()
            raise


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_inspector: Inspector


def _start(inspector: Inspector) -> None:
    """Make a process ready: it leaves interrupts to its parent."""
    global _inspector
    _inspector = inspector
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _inspect(path: Path) -> Report:
    return _inspector(path)
