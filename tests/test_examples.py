"""Every example runs, offline, and says what it adjusted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from forks import forked, script

EXAMPLES = Path(__file__).parent.parent / "examples"
OF_2024 = sorted(path for path in (EXAMPLES / "from_2024").glob("*.py") if path.name != "adjusted.py")


@pytest.mark.parametrize("example", OF_2024, ids=lambda path: path.stem)
def test_the_code_of_2024_runs_and_shows_its_adjustments(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLARION_EMULATE", "1")

    exit_code = forked(script, example, EXAMPLES.parent, said=tmp_path / "said")

    said = (tmp_path / "said").read_text("utf-8")
    assert exit_code == 0, said
    assert "[emulated]" in said
    assert re.search("^  changed retired-model ", said, re.MULTILINE)
    assert "Traceback" not in said


def test_a_client_comes_clean_out_of_the_bad_day() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "bad_day.py")], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "verdict: nothing to find" in done.stdout


def test_a_job_of_reviews_is_forecast_run_mended_and_written_to_a_table() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "reviews.py")], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "19 done, 1 failed" in done.stdout
    assert "put back: 1\nfinished: 20\nreview,mood,about,custom_id," in done.stdout


def test_a_folder_of_guides_is_digested_in_two_runs_and_paid_once() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLES / "guides.py")], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    (stopped,) = re.findall(r"stopped with (\d+) of", done.stdout)
    assert f"\n{stopped} calls were not paid again" in done.stdout
    assert "\n[1] docs/" in done.stdout


def test_all_eight_samples_are_there() -> None:
    assert len(OF_2024) == 8
