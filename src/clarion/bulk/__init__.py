"""Jobs: a file of prompts, run through Claude so that nothing is lost.

    sources ─▶ creation ─▶ journal ◀─▶ clerk ◀─▶ engine ─▶ gate, the pace of the limits
                             │                      └────▶ outcome, verdict ─▶ settlement
                             ├─▶ export
                             └─▶ sampling ─▶ forecast

`Job` has it all in hand; `map` is its short form. docs/bulk.md is the guide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarion.bulk.export import Exported
    from clarion.bulk.forecast import Forecast, Variant
    from clarion.bulk.job import AsyncJob, Job, RowResult, Status
    from clarion.bulk.mapping import map  # noqa: A004 -- is called as bulk.map

__all__ = ["AsyncJob", "Exported", "Forecast", "Job", "RowResult", "Status", "Variant", "map"]

_HOMES = {
    "AsyncJob": "job",
    "Exported": "export",
    "Forecast": "forecast",
    "Job": "job",
    "RowResult": "job",
    "Status": "job",
    "Variant": "forecast",
    "map": "mapping",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
