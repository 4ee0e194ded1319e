"""What a turn asks the services to do, and is answered with."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion._completion import Completion
    from clarion._fit import Adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send this request, as a stream or in one piece; answer with the Reply, or the Failure. `timeout` in seconds."""

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None
    stream: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Ask the API how many input tokens this request has; answer with the number."""

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the user of these adjustments; no answer is needed."""

    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait between `least` and `most` seconds, drawn evenly; answer with how long it was."""

    least: float
    most: float


Step = Send | Count | Tell | Wait
Turn = Generator[Step, Any, "Completion"]
