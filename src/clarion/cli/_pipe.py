"""A reader that leaves before the end, as `head` does: then a command ends at once, quietly, as by SIGPIPE."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from clarion.cli._lazy import LazyGroup


class ReaderLeftError(Exception):
    """Nobody reads what is written any more."""


class PipedGroup(LazyGroup):
    """The group of all commands. Of a reader that left it says so; click alone makes that exit code 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line, which may write a help text."""
        with _told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _told():
            return super().invoke(ctx)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderLeftError from error
    except SystemExit as end:  # with which rich ends a program
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        raise ReaderLeftError from end


def forget_output() -> None:
    """Point at nothing what nobody reads, so that what is still to be written does not fail at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
