"""The two services: the same methods in two colours, each a thin driver of the same turn.

    blocking, awaiting ──▶ setup

What to do is decided in `_turn`; here it is done, blocking in ClaudeService and awaiting in AsyncClaudeService.
"""

from clarion._service.awaiting import AsyncClaudeService
from clarion._service.blocking import ClaudeService

__all__ = ["AsyncClaudeService", "ClaudeService"]
