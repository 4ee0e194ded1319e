"""Jobs: a file of prompts, run through Claude so that nothing is lost.

    sources ─▶ creation ─▶ journal ◀─▶ clerk ◀─▶ engine ─▶ gate, the pace of the limits
                             │                      └────▶ outcome, verdict ─▶ settlement
                             ├─▶ export
                             └─▶ sampling ─▶ forecast

`Job` has it all in hand; `service.map` is its short form. docs/bulk.md is the guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._names import finder

if TYPE_CHECKING:
    from clarion.bulk.export import Exported
    from clarion.bulk.forecast import Forecast, Variant
    from clarion.bulk.job import AsyncJob, Job
    from clarion.bulk.report import RowResult, Status

__all__ = ["AsyncJob", "Exported", "Forecast", "Job", "RowResult", "Status", "Variant"]

__getattr__ = finder(
    __name__,
    {
        "export": ("Exported",),
        "forecast": ("Forecast", "Variant"),
        "job": ("AsyncJob", "Job"),
        "report": ("RowResult", "Status"),
    },
)
