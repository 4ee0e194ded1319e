"""What findings are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from clarion._catalog import Catalog

HORIZON = 90  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The catalogue of models, the day it is, and within how many days a retirement is near."""

    catalog: Catalog
    today: date
    horizon: int = HORIZON
