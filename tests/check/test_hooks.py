from __future__ import annotations

import re
from pathlib import Path

import yaml

from clarion.check.languages import LANGUAGES

HOOKS = yaml.safe_load((Path(__file__).parent.parent.parent / ".pre-commit-hooks.yaml").read_text("utf-8"))


def test_the_hooks_take_every_file_of_a_known_language_and_no_other() -> None:
    (files,) = {hook["files"] for hook in HOOKS}
    names = [pattern.replace("*", "some") for language in LANGUAGES for pattern in language.patterns]

    assert [name for name in names if not re.search(files, f"a/{name}")] == []
    assert not any(
        re.search(files, name) for name in ("a.md", "a.txt", "a.jpg", "a.rs", "my_Makefile", "py", "a.jsonp")
    )
