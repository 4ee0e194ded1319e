"""`clarion --version`: a line for everything whose version matters, its name and its version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clarion import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

# The libraries that decide what is sent, what is read of files, and what things cost.
LIBRARIES = ("anthropic", "genai-prices", "aiohttp", "httpx2", "pydantic", "pillow", "pypdf")


def versions() -> Iterator[tuple[str, str]]:
    """Yield the names and versions of what matters, Clarion first."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from clarion._catalog import Catalog

    yield "clarion", __version__
    yield "python", platform.python_version()
    for name in LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "missing"
    yield "catalogue", str(Catalog.load().as_of)
    yield "extras", " ".join(extras()) or "none"
    yield "platform", platform.platform()


def extras() -> list[str]:
    """Return the extras of Clarion of which everything is installed that this platform takes."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        requirements = distribution("clarion").requires or []
    except PackageNotFoundError:  # run from a source tree
        return []
    wanted: dict[str, list[str]] = {}
    for requirement in requirements:
        if found := re.match(r"([\w.-]+).*extra == ['\"]([\w-]+)['\"]", requirement):
            wanted.setdefault(found[2], []).append(found[1])
    return [extra for extra, packages in wanted.items() if all(map(_is_installed, packages))]


def _is_installed(package: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
