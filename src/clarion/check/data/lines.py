"""Files of `NAME=value` lines: .env, ini, properties, Terraform."""

from __future__ import annotations

import re

from clarion.check.values import Entry, Table, Text

LINE = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?(?P<key>[\w.-]+)[ \t]*[=:][ \t]*
    (?: "(?P<double>[^"\n]*)" | '(?P<single>[^'\n]*)' | (?P<bare>[^\n#;"']*?)(?=[ \t]*(?:[ \t][#;]|$)) )
    """,
    re.VERBOSE | re.MULTILINE,
)


def read(text: str) -> Table:
    """Return the lines of a text, as one table."""
    entries = list[Entry]()
    for line in LINE.finditer(text):
        group = next(name for name in ("double", "single", "bare") if line[name] is not None)
        entries.append(Entry(line["key"], line.start("key"), Text(line[group], *line.span(group))))
    return Table(tuple(entries), False, 0, len(text))
