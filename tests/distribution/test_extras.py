"""Each extra alone: what it is for works with it, and without it says how to get it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from distribution.package import EXTRAS, ROOT, Installed

Of = Callable[[str | None], Installed]

TRIALS = Path(__file__).parent / "trials"
NAMES = sorted(path.stem for path in TRIALS.glob("*.py"))

# Extras that only make something better: what their trial prints with and without them.
BETTER = {
    "fast": ("httptools uvloop", ""),
    "otel": ("a collector is told", "nobody is told"),
    "tokens": ("ctok", "table"),
}


def is_not_for(extra: str) -> bool:
    """Whether an extra has nothing in it for this Python."""
    return all("python_version >= '3.12'" in package for package in EXTRAS[extra]) and sys.version_info < (3, 12)


def test_every_extra_has_a_trial_and_a_place_in_the_documentation() -> None:
    documentation = "".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))

    assert sorted(EXTRAS) == NAMES
    assert [name for name in EXTRAS if f"clarion[{name}]" not in documentation] == []


@pytest.mark.parametrize("extra", NAMES)
def test_it_works_with_the_extra_alone(installed: Of, tmp_path: Path, extra: str) -> None:
    if is_not_for(extra):
        pytest.skip(f"{extra} is for Python 3.12 and newer")

    done = installed(extra).python("-P", "-W", "error", str(TRIALS / f"{extra}.py"), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == BETTER.get(extra, ("", ""))[0]


@pytest.mark.parametrize("extra", NAMES)
def test_without_the_extra_it_goes_another_way_or_says_how_to_get_it(
    alone: Installed, tmp_path: Path, extra: str
) -> None:
    done = alone.python("-P", "-W", "error", str(TRIALS / f"{extra}.py"), cwd=tmp_path)

    if extra in BETTER:
        assert (done.returncode, done.stdout.strip()) == (0, BETTER[extra][1])
    else:
        assert done.returncode == 1
        assert f"pip install 'clarion[{extra}]'" in done.stderr.splitlines()[-1]
