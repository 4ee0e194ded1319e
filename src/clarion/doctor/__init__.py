"""What keeps a program from calling Claude on this machine, found before it does: `clarion doctor`.

`examination` has the table of checks and runs them; `surroundings` is what they look at; the others are the checks by
what they look into: the installation, the settings, the API, and files. A check returns a `Line` and raises nothing.
"""

from __future__ import annotations

from clarion.doctor.examination import CHECKS, Check, examine
from clarion.doctor.line import Line
from clarion.doctor.surroundings import Surroundings

__all__ = ["CHECKS", "Check", "Line", "Surroundings", "examine"]
