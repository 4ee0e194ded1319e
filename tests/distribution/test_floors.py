"""The lowest versions that Clarion declares are true: what it does for a living works with them."""

from __future__ import annotations

from pathlib import Path

from distribution.package import PROJECT, ROOT, Installed

# Calls and streams through the SDK and all that it parses of answers; schemas, prices and commands through others.
SAMPLE = (
    "tests/test_service.py",
    "tests/contract/test_answers.py",
    "tests/tools/test_definitions.py",
    "tests/test_cost.py",
    "tests/test_cli_commands.py",
)


def test_the_sample_passes(floors: Installed, tmp_path: Path) -> None:
    [floor] = (need.partition(">=")[2].partition(",")[0] for need in PROJECT["dependencies"] if need[:9] == "anthropic")

    told = floors.clarion("--version", cwd=tmp_path).stdout
    done = floors.python("-m", "pytest", "-q", "-p", "no:cacheprovider", *SAMPLE, cwd=ROOT)

    assert f"anthropic {floor}" in told
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
