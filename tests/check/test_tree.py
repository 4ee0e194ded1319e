from __future__ import annotations

import subprocess
from pathlib import Path

from clarion.check.tree import files


def grow(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def found(root: Path, **options: object) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files([root], **options)]  # type: ignore[arg-type]


def test_sources_are_found_and_what_is_nobodys_source_is_not(tmp_path: Path) -> None:
    grow(tmp_path, "b.py", "a/c.py", "node_modules/x.py", ".git/x.py", "env/pyvenv.cfg", "env/lib/x.py", "notes.bin")

    assert found(tmp_path) == ["b.py", "a/c.py"]


def test_a_script_without_a_suffix_is_known_by_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/usr/bin/env python3\n")
    (tmp_path / "other").write_text("#!/usr/bin/perl\n")

    assert found(tmp_path) == ["run"]


def test_patterns_exclude_names_and_paths(tmp_path: Path) -> None:
    grow(tmp_path, "a.py", "test_a.py", "old/b.py", "new/old/c.py")

    assert found(tmp_path, exclude=["test_*", "new/old"]) == ["a.py", "old/b.py"]


def test_what_git_ignores_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    grow(tmp_path, "a.py", "made.py", "out/b.py")
    (tmp_path / ".gitignore").write_text("made.py\nout/\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)

    assert found(tmp_path) == ["a.py"]
    assert found(tmp_path, gitignore=False) == ["a.py", "made.py", "out/b.py"]


def test_a_file_that_is_named_is_taken_whatever_it_is_and_once(tmp_path: Path) -> None:
    grow(tmp_path, "node_modules/x.py")
    named = tmp_path / "node_modules/x.py"

    assert [*files([named, named, tmp_path])] == [named]
