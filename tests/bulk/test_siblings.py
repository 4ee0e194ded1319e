"""Jobs of several processes at once, by one key."""

from __future__ import annotations

from pathlib import Path

from clarion.emulator import Limits
from siblings import Siblings


def test_jobs_of_several_processes_share_what_the_service_can_serve(tmp_path: Path) -> None:
    options = {"first_token_delay": 0.3, "capacity": 20}
    siblings = Siblings(processes=2, rows=80, limits=Limits(requests=100_000), options=options)

    said = siblings.run(tmp_path, know_of_one_another=True)

    assert said["answered"] == 160
    assert said["overloads"] <= 5  # each its own: more than 10
