"""What Clarion does for a living works at both ends of the versions that it declares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from distribution.package import PROJECT, ROOT, Installed

With = Callable[[str], Installed]

# Calls and streams through the SDK and all that it parses of answers; the rest through the other libraries.
SAMPLE = (
    "tests/test_service.py",
    "tests/contract/test_answers.py",
    "tests/tools/test_definitions.py",
    "tests/test_cost.py",
    "tests/media/test_pdf.py",
    "tests/test_chat_markdown.py",
    "tests/test_cli_commands.py",
)


def sdk_of(installed: Installed, folder: Path) -> tuple[int, ...]:
    told = dict(line.split(" ", 1) for line in installed.clarion("--version", cwd=folder).stdout.splitlines())
    return tuple(map(int, told["anthropic"].split(".")))


@pytest.mark.parametrize("which", ["lowest", "highest"])
def test_the_sample_passes(with_versions_of: With, tmp_path: Path, which: str) -> None:
    done = with_versions_of(which).python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", *SAMPLE, cwd=ROOT, timeout=400
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout


def test_the_ends_are_those_of_the_sdk(with_versions_of: With, tmp_path: Path) -> None:
    [floor] = (need.partition(">=")[2].partition(",")[0] for need in PROJECT["dependencies"] if need[:9] == "anthropic")
    lowest, highest = (sdk_of(with_versions_of(which), tmp_path) for which in ("lowest", "highest"))

    assert lowest[:2] == tuple(map(int, floor.split(".")))
    assert highest > lowest
    assert highest[0] == lowest[0]
