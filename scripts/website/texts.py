"""The texts of the project as pages: the same words, their links made to fit.

In the repository a link leads from file to file; on the site all texts lie side by side, and what they show or offer
for reading beside them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"README.md": "index.md"} | {
    f"{name}.md": f"{name.lower()}.md" for name in ("CHANGELOG", "CONTRIBUTING", "SECURITY")
}
LINK = re.compile(r"(\]\(|\bsrc=\")(?!https?://|#|mailto:)([^)#\"]+)")


def sources(root: Path) -> list[Path]:
    """The files that become pages."""
    return [*(root / name for name in NAMES), *sorted(root.glob("docs/*.md"))]


def pages(root: Path) -> dict[str, str]:
    """Each page's name and text."""
    return {_name(source, root): _moved(source, root) for source in sources(root)}


def files(root: Path) -> dict[Path, str]:
    """What the texts link to that is no page, and what it is called on the site."""
    targets = {target for source in sources(root) for target in _targets(source)} - set(sources(root))
    return {target: _name(target, root) for target in sorted(targets) if target.is_file()}


def _name(file: Path, root: Path) -> str:
    path = file.relative_to(root).as_posix()
    return NAMES.get(path, path.removeprefix("docs/"))


def _targets(source: Path) -> list[Path]:
    return [_target(source, link) for _, link in LINK.findall(source.read_text("utf-8"))]


def _target(source: Path, link: str) -> Path:
    return source.parent.joinpath(link).resolve()


def _moved(source: Path, root: Path) -> str:
    """The text of a page, whose links lead to where their targets are on the site. Pages lie side by side there."""
    text = source.read_text("utf-8")
    return LINK.sub(lambda link: link[1] + _name(_target(source, link[2]), root), text)
