"""The package, built once for a worker, and the environments it is tried in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from distribution.package import ROOT, Installed, built, with_extra, with_versions
from environments import Unavailable, surroundings

SURROUNDINGS = surroundings()  # while tests run, theirs are others
Of = Callable[[str | None], Installed]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture
def installed(wheel: Path) -> Of:
    """Returns Clarion in an environment with an extra, or with none; skips the test where that cannot be made."""

    def installed(extra: str | None) -> Installed:
        return _or_skip(lambda: with_extra(wheel, extra, SURROUNDINGS))

    return installed


@pytest.fixture
def alone(installed: Of) -> Installed:
    """Clarion in an environment with what it needs and nothing else."""
    return installed(None)


@pytest.fixture
def with_versions_of(wheel: Path) -> Callable[[str], Installed]:
    """Returns Clarion with the `lowest` versions that it declares of everything, or the `highest` that there are."""
    return lambda which: _or_skip(lambda: with_versions(wheel, which, SURROUNDINGS))


def _or_skip(make: Callable[[], Installed]) -> Installed:
    if os.environ.get("CLARION_TEST_CLIENTS") == "0":
        pytest.skip("CLARION_TEST_CLIENTS=0")
    try:
        return make()
    except Unavailable as error:
        pytest.skip(str(error))
