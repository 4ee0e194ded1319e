"""Shell scripts, Dockerfiles and makefiles: by where the name of a model can stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarion.check.models import judged, named
from clarion.check.wording import holds_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding

MODEL = r"""(?P<model>[\w./:@-]*claude-[\w.-]*\w(?:[@:][\w.-]*\w)*)(?![\w@/-])"""

# What a name of a model is given to: NAME=model, ${NAME:-model}, --option model, "key": "model".
PLACES = tuple(
    re.compile(pattern + MODEL)
    for pattern in (
        r"""(?<![\w$-])(?P<name>[A-Za-z_]\w*)(?:=|\s*[:?+]=\s*)["']?""",
        r"""^\s*(?:ENV|ARG)\s+(?P<name>[A-Za-z_]\w*)\s+["']?""",
        r"""\$\{(?P<name>\w+):?[-=]""",
        r"""(?<!\S)--?(?P<name>[A-Za-z][\w-]*)(?:=|\s+)["']?""",
        r"""\\?["'](?P<name>\w+)\\?["']\s*:\s*\\?["']""",
    )
)
SHORT = "m"  # -m, as commands have it
LINE = re.compile(r"[^\n]*claude-[^\n]*")
COMMENT = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#[^\n]*) | '[^']*' | "(?:[^"\\]|\\.)*" | \\.""", re.VERBOSE | re.MULTILINE | re.DOTALL
)


def scan(path: PurePath, text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is found in a script of a shell."""
    del path
    for line in LINE.finditer(uncommented(text)):
        starts = set[int]()
        for found in (found for place in PLACES for found in place.finditer(line[0])):
            start, end = (line.start() + at for at in found.span("model"))
            if start not in starts and (holds_model(found["name"]) or found["name"] == SHORT):
                starts.add(start)
                name = named(found["model"], facts.catalog)
                if name and (finding := judged(name, facts, text, start, end)):
                    yield finding


def uncommented(text: str) -> str:
    """Return a script with blanks in the place of its comments."""
    return COMMENT.sub(lambda found: " " * len(found[0]) if found["comment"] else found[0], text)
