"""The pages of the documentation and their blocks of code, as a reader meets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGES", "ROOT", "Block", "blocks", "commands"]

ROOT = Path(__file__).parent.parent
BESIDE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = [*(ROOT / name for name in BESIDE), *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(
    r"(?:save\s+this\s+as\s+`(?P<file>[^`]+)`[^\n]*\n\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code. `file` is what the reader is told to save it as ("Save this as `ask.py`"), if so."""

    language: str
    code: str
    file: str | None


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    return [Block(match["language"], match["code"], match["file"]) for match in BLOCK.finditer(page.read_text("utf-8"))]


def commands(block: Block) -> list[str]:
    """The commands of a block for the shell, without comments."""
    lines = block.code.replace("\\\n", " ").splitlines() if block.language == "sh" else []
    return [command for line in lines if (command := re.split(r"(?:^|\s)#", line)[0].strip())]
