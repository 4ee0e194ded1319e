"""Comments that take findings back: `# clarion: ignore[CLA101]`, or `// clarion: ignore` for all of a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion.check.finding import Finding
    from clarion.check.lines import Lines

COMMENT = re.compile(r"(?:#|//)\s*clarion:\s*ignore(?:\[(?P<codes>[\w\s,-]*)\])?")


def is_ignored(finding: Finding, lines: Lines) -> bool:
    """Whether the first or the last line that a finding is about takes it back."""
    first, last = lines.place(finding.start)[0], lines.place(max(finding.end - 1, finding.start))[0]
    return any(_takes_back(comment, finding.code) for n in {first, last} for comment in COMMENT.finditer(lines.line(n)))


def _takes_back(comment: re.Match[str], code: str) -> bool:
    codes = comment["codes"]
    return codes is None or code in {part.strip().upper() for part in codes.split(",")}
