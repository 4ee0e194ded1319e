"""Changes to what stands between commas, that leave the rest of the text as it is: dropping one, adding one.

Where a comment stands in between, or anything else is not as usual, there is no edit.
"""

from __future__ import annotations

import re

from clarion.check.finding import Edit

AFTER = re.compile(r"[ \t]*(?:,[ \t]*)?")
REST = re.compile(r"[ \t]*(?:(?:#|//)[^\r\n]*)?(?:\r\n|\r|\n)")
OPEN = "([{"


def dropped(text: str, start: int, end: int) -> tuple[Edit, ...]:
    """Return the edit that drops what stands there, with its comma and, where it has lines for itself, those lines."""
    comma = AFTER.match(text, end)
    has_comma = comma is not None and "," in comma[0]
    after = comma.end() if comma and has_comma else end
    line = text.rfind("\n", 0, start) + 1
    before = len(text[:start].rstrip())
    if not has_comma and _closes(text, end) and text[before - 1] == ",":
        return (Edit(before - 1, end, ""),)
    if not text[line:start].strip() and (rest := REST.match(text, after)):
        return (Edit(line, rest.end(), ""),)
    if has_comma:
        return (Edit(start, after, ""),)
    return (Edit(start, end, ""),) if _closes(text, end) and text[before - 1] in OPEN else ()


def _closes(text: str, end: int) -> bool:
    return text[end:].lstrip()[:1] in (")", "}")


def added(text: str, start: int, end: int, given: str) -> tuple[Edit, ...]:
    """Return the edit that writes something right after what stands there, on a line of its own if that has one."""
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start]
    gap = ", " if indent.strip() else f",{_newline(text)}{indent}"
    return (Edit(end, end, gap + given),)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
