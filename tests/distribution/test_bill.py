"""The bill of materials: everything that is installed with the wheel and its extras, as locked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import clarion
from distribution.package import LOCK, PROJECT, ROOT
from environments import surroundings

SURROUNDINGS = surroundings()


def test_the_bill_names_what_is_installed_with_versions_and_licences(tmp_path: Path) -> None:
    if os.environ.get("CLARION_TEST_CLIENTS") == "0":
        pytest.skip("CLARION_TEST_CLIENTS=0")
    path = tmp_path / "bill.json"

    done = subprocess.run(
        [ROOT / "scripts/sbom", path], env=SURROUNDINGS, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode and ("resolve" in done.stderr or "fetch" in done.stderr):
        pytest.skip(f"no index: {done.stderr.strip()[-300:]}")

    assert done.returncode == 0, done.stderr
    bill = json.loads(path.read_text("utf-8"))
    versions = {component["name"].lower().replace("_", "-"): component["version"] for component in bill["components"]}
    lock = LOCK.read_text("utf-8")
    assert bill["bomFormat"] == "CycloneDX"
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["version"]) == (
        "clarion",
        clarion.__version__,
    )
    assert {need.partition(">")[0].lower() for need in PROJECT["dependencies"]} <= versions.keys()
    assert [name for name, version in versions.items() if f"\n{name}=={version} " not in lock.lower()] == []
    silent = [component["name"] for component in bill["components"] if not component.get("licenses")]
    assert len(silent) < len(versions) / 20, silent  # a few packages do not say what their licence is
    assert str(Path.home()) not in path.read_text("utf-8")
    assert "file:" not in path.read_text("utf-8")
