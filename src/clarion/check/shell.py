"""Shell scripts, Dockerfiles and makefiles: by where the name of a model can stand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from clarion._model_names import named
from clarion.check.data.requests import unfit_requests
from clarion.check.models import judged
from clarion.check.script.syntax import Syntax
from clarion.check.values import Opaque, Table, Text
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
    bare = uncommented(text)
    for line in LINE.finditer(bare):
        starts = set[int]()
        for found in (found for place in PLACES for found in place.finditer(line[0])):
            start, end = (line.start() + at for at in found.span("model"))
            if start not in starts and (holds_model(found["name"]) or found["name"] == SHORT):
                starts.add(start)
                name = named(found["model"], facts.catalog)
                if name and (finding := judged(name, facts, text, start, end)):
                    yield finding
    yield from _payloads(bare.replace("://", ":  "), facts)  # which begins no comment here


def _payloads(text: str, facts: Facts) -> Iterator[Finding]:
    """Yield what is refused of the JSON that a script sends: in quotes, or in a here document."""
    syntax, index = Syntax(text), 0
    while index < len(syntax.tokens):
        value, after = syntax.value(index)
        if isinstance(value, Table):
            yield from unfit_requests(value, text, facts, has_braces=False)
        elif isinstance(value, Text) and value.text.lstrip().startswith("{") and "\\" not in value.text:
            shift = value.start + 1
            for finding in _payloads(text[shift : value.end - 1], facts):
                yield replace(finding, start=finding.start + shift, end=finding.end + shift)
        index = index + 1 if isinstance(value, Opaque) else after


def uncommented(text: str) -> str:
    """Return a script with blanks in the place of its comments."""
    return COMMENT.sub(lambda found: " " * len(found[0]) if found["comment"] else found[0], text)
