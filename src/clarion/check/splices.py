"""Changes to what stands between commas, that leave the rest of the text as it is: dropping one, adding one.

Where a comment stands in between, or anything else is not as usual, there is no edit.
"""

from __future__ import annotations

import re

from clarion.check.finding import Edit

AFTER = re.compile(r"[ \t]*,[ \t]*")
REST = re.compile(r"[ \t]*(?:(?:#|//)[^\r\n]*)?(?:\r\n|\r|\n)")
OPEN = "([{"
CLOSING = ")}"


def dropped(text: str, start: int, end: int, closing: str = CLOSING) -> tuple[Edit, ...]:
    """Return the edit that drops what stands there, with its comma and, where it has lines for itself, those lines.

    `closing` are the brackets of which one may end what it stands in.
    """
    if not is_followed(text, end, closing):
        return ()
    comma = AFTER.match(text, end)
    after = comma.end() if comma else end
    line = text.rfind("\n", 0, start) + 1
    before = len(text[:start].rstrip())
    if comma is None and text[before - 1] == ",":
        return (Edit(before - 1, end, ""),)
    if not text[line:start].strip() and (rest := REST.match(text, after)):
        return (Edit(line, rest.end(), ""),)
    return (Edit(start, after, ""),) if comma or text[before - 1] in OPEN else ()


def is_followed(text: str, end: int, closing: str = CLOSING) -> bool:
    """Whether a comma comes next, or the end of what it stands in."""
    return AFTER.match(text, end) is not None or text[end:].lstrip()[:1] in (*closing,)


def added(text: str, start: int, end: int, given: str) -> tuple[Edit, ...]:
    """Return the edit that writes something right after what stands there, on a line of its own if that has one."""
    line = text.rfind("\n", 0, start) + 1
    indent = text[line:start]
    gap = ", " if indent.strip() else f",{_newline(text)}{indent}"
    return (Edit(end, end, gap + given),)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
