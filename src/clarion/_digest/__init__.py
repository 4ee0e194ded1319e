"""Long documents: cut where their structure lets them be cut, read piece by piece, put together, with their places.

    library ─▶ outline ─▶ splitting ─▶ piece ─▶ preparation ─▶ store ◀─▶ course ─▶ crowd of turns
                                                     │                     │
                                     money, forecast ┘              notes, result

`course` is the digest as a dialogue; docs/digest.md is the guide.
"""

from __future__ import annotations

from clarion._digest.course import Course
from clarion._digest.forecast import DigestEstimate
from clarion._digest.library import Skipped
from clarion._digest.notes import Citation
from clarion._digest.progress import DigestProgress
from clarion._digest.result import Digest, DigestPiece, Statement
from clarion._digest.store import EMULATOR
from clarion._digest.task import CONCURRENCY, OVERLAP, Task

__all__ = [
    "CONCURRENCY",
    "EMULATOR",
    "OVERLAP",
    "Citation",
    "Course",
    "Digest",
    "DigestEstimate",
    "DigestPiece",
    "DigestProgress",
    "Skipped",
    "Statement",
    "Task",
]
