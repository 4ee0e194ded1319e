"""What can go wrong with an MCP server itself, and not with one of its tools."""

from __future__ import annotations

from clarion._tools import InterruptTurn


class MCPServerError(InterruptTurn):
    """An MCP server cannot be reached, or has gone; the message names it and says why.

    In the middle of a turn it interrupts, as nothing good comes of a turn without its tools: connect anew, and go on
    from its `messages`. A server that was lost is not looked for by itself.

    Way out: connect anew, and go on from `messages`.
    """
