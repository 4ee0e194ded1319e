"""The languages there are: by which files each is known, and its scanner.

A scanner is a pure function of the file's path (for its name only), its text and the facts. It raises Unparsable for
what is not the language it should be.
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple, Protocol

from clarion.check.data import scan_json, scan_lines, scan_toml, scan_yaml
from clarion.check.notebook import scan as scan_notebook
from clarion.check.python import scan as scan_python
from clarion.check.script import scan as scan_script
from clarion.check.shell import scan as scan_shell

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

    from clarion.check.facts import Facts
    from clarion.check.finding import Finding

SHEBANG = re.compile(rb"#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:\S*/)?([a-z]+)")


class Scanner(Protocol):
    """What looks for findings in a text."""

    def __call__(self, path: PurePath, text: str, facts: Facts, /) -> Iterable[Finding]:
        """Yield what is found, in any order."""


class Language(NamedTuple):
    """A language: its scanner, the patterns of its files' names, and the interpreters its scripts name."""

    name: str
    scan: Scanner
    patterns: tuple[str, ...]
    interpreters: tuple[str, ...] = ()


LANGUAGES: tuple[Language, ...] = (
    Language("python", scan_python, ("*.py", "*.pyi", "*.pyw"), ("python",)),
    Language(
        "script",
        scan_script,
        ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte"),
        ("node", "deno", "bun", "tsx"),
    ),
    Language("notebook", scan_notebook, ("*.ipynb",)),
    Language("json", scan_json, ("*.json", "*.jsonl", "*.jsonc", "*.json5", "*.ndjson")),
    Language("yaml", scan_yaml, ("*.yaml", "*.yml")),
    Language("toml", scan_toml, ("*.toml",)),
    Language(
        "lines",
        scan_lines,
        (".env", ".env.*", "*.env", ".envrc", "*.ini", "*.cfg", "*.conf", "*.properties", "*.tf", "*.tfvars"),
    ),
    Language(
        "shell",
        scan_shell,
        (
            "*.sh",
            "*.bash",
            "*.zsh",
            "*.bats",
            "Dockerfile",
            "Dockerfile.*",
            "*.dockerfile",
            "Makefile",
            "*.mk",
            "justfile",
        ),
        ("sh", "bash", "zsh", "dash", "ksh"),
    ),
)


def language_of(name: str, head: bytes = b"") -> Language | None:
    """Return the language of a file by its name, or by the first line of a script; None if it has none."""
    for language in LANGUAGES:
        if any(fnmatch(name, pattern) for pattern in language.patterns):
            return language
    if found := SHEBANG.match(head):
        interpreter = found[1].decode()
        return next((language for language in LANGUAGES if interpreter in language.interpreters), None)
    return None
