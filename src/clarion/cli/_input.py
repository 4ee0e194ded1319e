"""What the user hands to a command: a prompt from an argument or standard input, and files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clarion._prompt import Part


def prompt_text(argument: str | None, *, stdin_is_taken: bool) -> str:
    """Return the prompt: the argument, or standard input for `-` or for no argument. Raises UsageError for none."""
    if argument not in (None, "-"):
        return str(argument)
    if stdin_is_taken:
        raise click.UsageError("standard input is already read as a file (-f -): give the prompt as an argument")
    if argument is None and sys.stdin.isatty():
        raise click.UsageError("nothing to ask: give a prompt, or pipe it in, or use '-' to type it")
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not text.strip():
        raise click.UsageError("nothing to ask: standard input is empty")
    return text


def parts(files: Sequence[str], images: Sequence[str] = ()) -> list[Part]:
    """Return files and images as parts of a prompt; `-` is standard input, and an image may be a URL."""
    from clarion._media import attachment

    attached: list[Part] = [attachment(sys.stdin.buffer if name == "-" else name) for name in files]
    if not images:
        return attached
    from clarion._media import Image

    return [*attached, *map(Image, images)]
