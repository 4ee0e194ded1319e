"""Where calls wait for the rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion._failure import Failure
    from clarion._reply import Reply


class Gate:
    """Lets calls through."""

    async def enter(self, body: dict[str, Any]) -> object:
        """Wait until a call may be made."""
        return None

    def leave(self, ticket: object, came: Reply | Failure | None) -> None:
        """Take note of how a call went."""
