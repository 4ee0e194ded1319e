"""The wheel and the source archive, and the wheel alone in an environment."""

from __future__ import annotations

import email
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import clarion
from clarion.cli import SUMMARIES
from commands import COMMANDS
from distribution.package import EXTRAS, PROJECT, ROOT, Installed, built
from environments import surroundings

SURROUNDINGS = surroundings()
NEEDS_PYTEST = "clarion.testing"  # which whoever has pytest imports


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    source = ROOT / "src"
    package = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    examples = {"clarion/examples/login_service.py", "clarion/examples/coffee.jpg"}
    about = f"clarion-{clarion.__version__}.dist-info"

    names = set(contents(wheel))

    assert names == package | examples | {
        f"{about}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    assert {"clarion/py.typed", "clarion/catalog.toml", "clarion/bulk/schema.sql"} <= names
    assert "clarion/emulator/control/page.html" in names


@pytest.fixture
def source(sdist: Path, tmp_path: Path) -> Path:
    """The folder that the source archive unpacks to."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    return source


def test_the_source_archive_builds_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    again = built(source, tmp_path / "wheel", "wheel")

    assert contents(again) == contents(wheel)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no repository to compare with")
def test_the_source_archive_is_the_whole_repository(source: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]

    assert [name for name in tracked if not (source / name).is_file()] == []
    assert [name for name in tracked if os.access(ROOT / name, os.X_OK) and not os.access(source / name, os.X_OK)] == []


@pytest.mark.parametrize(
    "tests",
    [
        ["--collect-only", "tests"],
        ["tests/test_documentation.py", "-k", "not block"],
        ["tests/test_public.py", "tests/security/test_document.py", "tests/contract/test_coverage.py"],
    ],
    ids=["all are found", "documentation", "tables"],
)
def test_tests_run_from_the_source_archive(source: Path, tests: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=source,
        env=SURROUNDINGS | {"PYTHONPATH": str(source / "src")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_the_metadata_say_what_it_is_and_lead_nowhere(wheel: Path) -> None:
    [metadata] = (data for name, data in contents(wheel).items() if name.endswith("METADATA"))
    message = email.message_from_bytes(metadata)

    assert message["Version"] == clarion.__version__ == PROJECT["version"]
    assert message["License-Expression"] == "Apache-2.0"
    assert message["Requires-Python"] == ">=3.11"
    assert message["Description-Content-Type"] == "text/markdown"
    assert sorted(message.get_all("Provides-Extra", [])) == sorted(EXTRAS)
    assert "Typing :: Typed" in message.get_all("Classifier", [])


def test_every_command_helps(alone: Installed, tmp_path: Path) -> None:
    for path in ("", *COMMANDS):
        done = alone.clarion(*path.split(), "--help", cwd=tmp_path)

        assert (done.returncode, done.stderr) == (0, ""), path
        assert done.stdout.startswith(f"Usage: clarion {path}".rstrip())


def test_it_lists_the_commands_of_the_source(alone: Installed, tmp_path: Path) -> None:
    listing = alone.clarion("--help", cwd=tmp_path).stdout.partition("Commands:")[2]

    assert {line.split()[0] for line in listing.splitlines() if line.strip()} == set(SUMMARIES)


def test_the_demo_runs(alone: Installed, tmp_path: Path) -> None:
    done = alone.clarion("demo", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "login_service.py" in done.stdout
    assert "coffee.jpg" in done.stdout
    assert "No request left this machine" in done.stdout


def test_it_tells_its_version_and_that_there_are_no_extras(alone: Installed, tmp_path: Path) -> None:
    lines = alone.clarion("--version", cwd=tmp_path).stdout.splitlines()

    assert lines[0] == f"clarion {clarion.__version__}"
    assert "extras none" in lines


def test_importing_clarion_warns_of_nothing(alone: Installed, tmp_path: Path) -> None:
    done = alone.python(
        "-W", "error", "-c", "import clarion; [getattr(clarion, n) for n in clarion.__all__]", cwd=tmp_path
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_module_is_imported_without_extras(alone: Installed, tmp_path: Path) -> None:
    script = """
import importlib, json, pkgutil, clarion

failed, count = {}, 0
for module in pkgutil.walk_packages(clarion.__path__, "clarion.", onerror=lambda name: None):
    if module.name == "clarion.__main__":
        continue
    count += 1
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        failed[module.name] = error.name
print(json.dumps([count, failed]))
"""

    done = alone.python("-W", "error", "-c", script, cwd=tmp_path)

    count, failed = json.loads(done.stdout)
    assert count > 200
    assert failed
    assert {name: missing for name, missing in failed.items() if missing != "pytest"} == {}
    assert all(name.startswith(NEEDS_PYTEST) for name in failed)
