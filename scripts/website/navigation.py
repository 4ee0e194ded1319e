"""The navigation of the site, in mkdocs.yml: every page stands in it once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


def problems(configuration: Path, pages: Collection[str]) -> Iterator[str]:
    """What is wrong with the navigation of a site that has these pages."""
    named = Counter(_names(yaml.safe_load(configuration.read_text("utf-8"))["nav"]))
    for page in sorted(set(pages) - set(named)):
        yield f"{page} is not in the navigation: give it a line under `nav` in {configuration.name}"
    for page in sorted(set(named) - set(pages)):
        yield f"there is no page {page}, which is in the navigation of {configuration.name}"
    for page in sorted(page for page, times in named.items() if times > 1):
        yield f"{page} stands more than once in the navigation of {configuration.name}"


def _names(entry: object) -> Iterator[str]:
    """The pages below an entry: a name, a list, or a title with one of these."""
    match entry:
        case str():
            yield entry
        case list():
            for each in entry:
                yield from _names(each)
        case dict():
            yield from _names([*entry.values()])
