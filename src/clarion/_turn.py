"""One logical turn, as a generator: it yields what it wants sent, is sent what came, and returns the completion.

It decides; the services obey. Nothing here sends, waits or reads a clock, so one turn serves both colours:

    Request ──▶ yield Send ──▶ Reply ──▶ return Completion
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._completion import Completion

if TYPE_CHECKING:
    from clarion._reply import Reply
    from clarion._request import Request


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request, and answer with the Reply; `stream` says whether as a stream."""

    request: Request
    stream: bool


Turn = Generator[Send, "Reply", Completion]


def turn(request: Request, *, stream: bool) -> Turn:
    """Carry out one turn: send the request and complete it with what came."""
    reply = yield Send(request, stream or request.must_stream)
    return Completion(request=request, replies=(reply,))
