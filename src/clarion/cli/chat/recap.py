"""What was said before, when a conversation is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._plural import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._conversation import ConversationTurn
    from clarion.cli.chat.view import View


def recap(view: View, turns: Sequence[ConversationTurn]) -> None:
    """Show the last turn, and say how many there are before it."""
    if not turns:
        view.note("nothing has been said in it yet")
        return
    *before, last = turns
    if before:
        view.note(f"… {number_of(len(before), 'turn')} before")
    view.said(last.prompt or "[attached]")
    view.answered("\n\n".join(_words(m["content"]) for m in last.messages if m["role"] == "assistant"))
    if last.kind == "partial":
        view.note("the answer was interrupted here")


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n\n".join(block["text"] for block in content if block["type"] == "text")
