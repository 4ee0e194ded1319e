"""Histories that the API refuses, mended before they are sent, with a report of what was done.

A history is read into a draft (`reading`), whose steps (`mending`) each look after one thing: order, pairs of calls
and results, media, thinking, marks. `ailments` is the table of what can be wrong. Pure: nothing is asked of the API, so
what only that can tell, such as a signature, is a doubt.
"""

from __future__ import annotations

from clarion._repair.mending import repair
from clarion._repair.report import Ailment, Repaired

__all__ = ["Ailment", "Repaired", "repair"]
