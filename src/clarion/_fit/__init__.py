"""Fitting: a request written for any Claude model, in the form that the model it goes to takes.

One table of rules (`table.RULES`), each a name, a condition, a change and a sentence. Pure: what comes in is never
changed, what comes out says what was.
"""

from __future__ import annotations

from clarion._fit.draft import Adjustment, Draft, Fitted
from clarion._fit.table import fit

__all__ = ["Adjustment", "Draft", "Fitted", "fit"]
