"""Processes of their own, forked from one that has imported what takes long: they start within milliseconds."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

__all__ = ["FORKS", "child", "command", "forked", "program", "script"]

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "anthropic",
        "aiohttp",
        "httpcore2",
        "genai_prices",
        "clarion._service",
        "clarion.bulk.job",
        "clarion.emulator.server",
    ]
)


def child(target: Callable[..., object], *args: object) -> ForkServerProcess:
    """Return a process that calls a function, with the environment of now: that of the server is of the first test."""
    return FORKS.Process(target=_surrounded, args=(dict(os.environ), target, *args))


def forked(target: Callable[..., object], *args: object, said: Path) -> int | None:
    """Call a function in a process of its own, and return its exit code. What it says goes to a file."""
    process = child(_saying, said, target, *args)
    process.start()
    process.join()
    return process.exitcode


def program(code: Path, folder: Path) -> None:
    """Run a program in a folder, with warnings as errors."""
    os.chdir(folder)
    warnings.simplefilter("error")
    runpy.run_path(str(code), run_name="__main__")


def script(path: Path, folder: Path) -> None:
    """Run a script in a folder, as `python PATH` does."""
    os.chdir(folder)
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name="__main__")


def command(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run `clarion` in a folder, with nothing on standard input."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    from clarion.cli import run

    sys.exit(run(words))


def _surrounded(environment: Mapping[str, str], target: Callable[..., object], *args: object) -> None:
    os.environ.clear()
    os.environ.update(environment)
    target(*args)


def _saying(said: Path, target: Callable[..., object], *args: object) -> None:
    descriptor = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    target(*args)
