"""Mending: the edits of findings applied to a text until nothing is left that can be mended.

A text that its language could not parse afterwards stays as it was.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clarion.check.finding import applied
from clarion.check.unparsable import Unparsable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clarion.check.finding import Edit, Finding

ROUNDS = 20


class Mended(NamedTuple):
    """A text after mending, how many findings that took, and whether a change was given up since it broke the text."""

    text: str
    findings: int
    is_broken: bool = False


def mended(text: str, look: Callable[[str], Sequence[Finding]]) -> Mended:
    """Return a text with everything mended that can be. `look` returns what is found in one, or raises Unparsable."""
    count = 0
    for _ in range(ROUNDS):
        changed, mending = _apply(text, look(text))
        if not mending:
            break
        try:
            look(changed)
        except Unparsable:
            return Mended(text, count, is_broken=True)
        text, count = changed, count + mending
    return Mended(text, count)


def _apply(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """Return a text with the edits of findings applied, but for those that overlap others, and how many findings."""
    edits: set[Edit] = set()
    count = 0
    for finding in findings:
        new = [edit for edit in finding.edits if edit not in edits]
        if finding.edits and not any(_overlap(edit, other) for edit in new for other in edits):
            edits |= {*new}
            count += 1
    return applied(text, edits), count


def _overlap(one: Edit, other: Edit) -> bool:
    return (one.start < other.end and other.start < one.end) or one.start == other.start or one.end == other.end


def diff(path: Path, before: str, after: str) -> str:
    """Return a unified diff of a file's text."""
    name = path.as_posix().lstrip("/")
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.rsplit("\n", 1)[-1]) else [])


def write(path: Path, data: bytes) -> None:
    """Put bytes into a file in one step: whoever reads it meanwhile, or after a crash, has all of the old or the new.

    Its permissions stay; what a link leads to is written, not the link. Raises OSError.
    """
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
