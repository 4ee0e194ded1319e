"""Small files, each bad one with the fault that its name begins with, each good one looking like a bad one.

What is said of them is held against the emulator: bad programs fail there, and run once they are mended; good ones run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from clarion._catalog import Catalog
from clarion.check.codes import BY_CODE
from clarion.check.facts import Facts
from clarion.check.fixes import mended
from clarion.check.inspection import Opened, findings, inspect, opened
from clarion.emulator import Emulator, Server

CORPUS = Path(__file__).parent / "corpus"
BAD = sorted(path for path in (CORPUS / "bad").iterdir() if path.is_file())
GOOD = sorted(path for path in (CORPUS / "good").iterdir() if path.is_file())
FACTS = Facts(catalog=Catalog.load(), today=date(2026, 11, 25))
ALL = frozenset(BY_CODE)

NEEDED = ("httpx", "respx", "pytest_httpx", "tenacity")
PROGRAMS = [path for path in BAD if path.suffix == ".py"]
WELL = [path for path in GOOD if path.suffix == ".py"]


def can_run(path: Path) -> bool:
    lines = path.read_text("utf-8").splitlines()
    words = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
    return all(word not in NEEDED or importlib.util.find_spec(word) is not None for word in words)


FAILS_LATER = "cla202_temperature_in_a_batch.py"  # each row fails, in its own result


def fails(path: Path) -> bool:
    """Whether a fault makes its program fail at once; that of a warning need not."""
    return path.name != FAILS_LATER and BY_CODE[path.name[:6].upper()].severity == "error"


def mend(path: Path) -> str:
    file = opened(path)
    assert isinstance(file, Opened)
    return mended(file.source.text, lambda text: findings(path, text, file.language, FACTS, ALL)).text


MENDED = [path for path in PROGRAMS if mend(path) != path.read_text("utf-8")]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """What every program, and every mended one (by its name alone), ends with when the emulator answers."""
    mended_ones = tmp_path_factory.mktemp("mended")
    for path in MENDED:
        (mended_ones / path.name).write_text(mend(path), "utf-8")
    programs = [*filter(can_run, [*PROGRAMS, *WELL, *mended_ones.iterdir()])]
    with Server(Emulator()) as server:
        environ = {**os.environ, "ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-ant-emulated"}
        command = [sys.executable, str(Path(__file__).with_name("run_programs.py")), *map(str, programs)]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=True)
    return {path.removeprefix(f"{mended_ones}/"): error for path, error in json.loads(done.stdout).items()}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_fault_of_a_bad_file_is_found_and_no_other(path: Path) -> None:
    report = inspect(path, FACTS, ALL)

    assert report.unread is None
    assert {placed.finding.code for placed in report.findings} == {path.name[:6].upper()}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_nothing_is_said_of_a_good_file(path: Path) -> None:
    report = inspect(path, FACTS, ALL)

    assert (report.findings, report.unread) == ((), None)


def test_every_code_has_a_bad_file_and_every_bad_file_a_code() -> None:
    assert {path.name[:6].upper() for path in BAD} == ALL


def test_what_says_that_it_can_be_mended_is_mended() -> None:
    assert {path.name[:6].upper() for path in MENDED} == {code.code for code in BY_CODE.values() if code.fix}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_can_be_mended_of_a_file_is_mended_at_once(path: Path, tmp_path: Path) -> None:
    again = tmp_path / path.name
    again.write_text(mend(path), "utf-8")

    report = inspect(again, FACTS, ALL)
    assert report.unread is None
    assert not any(placed.finding.edits for placed in report.findings)


@pytest.mark.parametrize("path", [path for path in PROGRAMS if fails(path)], ids=lambda path: path.name)
def test_a_bad_program_fails_on_the_emulator(path: Path, outcomes: dict[str, str | None]) -> None:
    if str(path) not in outcomes:
        pytest.skip("needs a library that is not installed")

    assert outcomes[str(path)] is not None


@pytest.mark.parametrize("path", MENDED, ids=lambda path: path.name)
def test_a_mended_program_runs_on_the_emulator(path: Path, outcomes: dict[str, str | None]) -> None:
    if path.name not in outcomes:
        pytest.skip("needs a library that is not installed")

    assert outcomes[path.name] is None


@pytest.mark.parametrize("path", WELL, ids=lambda path: path.name)
def test_a_good_program_runs_on_the_emulator(path: Path, outcomes: dict[str, str | None]) -> None:
    if str(path) not in outcomes:
        pytest.skip("needs a library that is not installed")

    assert outcomes[str(path)] is None
