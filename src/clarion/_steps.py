"""What a turn asks the services to do, and is answered with."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion._completion import Completion, ToolCall
    from clarion._fit import Adjustment
    from clarion._tools import Toolbox
    from clarion._tools.approval import Approve, AsyncApprove


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send this request, as a stream or in one piece; answer with the Reply, or the Failure.

    `timeout` bounds one read, `stall_timeout` the silence of a stream once it is open, both in seconds.
    """

    body: dict[str, Any]
    headers: dict[str, str]
    timeout: float | None
    stall_timeout: float | None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTools:
    """Run these calls of tools together; answer with their result blocks in order, or with an InterruptTurn."""

    calls: tuple[ToolCall, ...]
    toolbox: Toolbox
    max_parallel: int
    approve: Approve | AsyncApprove | None


Step = Send | Count | Tell | Wait | RunTools
Turn = Generator[Step, Any, "Completion"]
