"""What an `approve` hook answers when it is shown a call that is about to be run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarion._completion import ToolCall


@dataclass(frozen=True, slots=True)
class Allow:
    """Run the call as it is."""


@dataclass(frozen=True, slots=True)
class Deny:
    """Do not run the call; the model is told the reason."""

    reason: str = "the user did not allow it"


@dataclass(frozen=True, slots=True)
class Edit:
    """Run the call with this input instead."""

    input: dict[str, Any]


Decision = Allow | Deny | Edit

if TYPE_CHECKING:
    Approve = Callable[[ToolCall], Decision]
    AsyncApprove = Callable[[ToolCall], Awaitable[Decision]]
