"""Gather the pages of the documentation for `zensical build`: texts of the project, and what its code says of itself.

    README.md, docs/ ... ─▶ texts ─┐
    docstrings, --help, tables ────┴─▶ build/pages ─▶ zensical ─▶ build/site

Run it as `python scripts/website`; `make site` does both.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import adjustments
import commands
import errors
import navigation
import reference
import texts

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "build/pages"
STYLE = Path(__file__).parent / "site.css"


def main() -> str | None:
    """Make the folder of pages anew. Return what is wrong, if something is."""
    made = {"adjustments.md": adjustments.page(), "commands.md": commands.page(), "errors.md": errors.page()}
    pages = {**texts.pages(ROOT), **reference.pages(), **made}
    problems = [*navigation.problems(ROOT / "mkdocs.yml", pages), *reference.problems(), *errors.problems()]
    if problems:
        return "\n".join(problems)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, text in pages.items():
        page = FOLDER / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    for source, name in {**texts.files(ROOT), STYLE: STYLE.name}.items():
        copy = FOLDER / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    return None


if __name__ == "__main__":
    sys.exit(main())
