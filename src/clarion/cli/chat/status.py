"""What stands below the line: the model, how full the conversation is, what it has cost, and its name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from clarion.cli.bulk._words import dollars, many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._conversation import ConversationTurn
    from clarion.cli.chat.session import Session

BETWEEN = " · "
LEAST = 8  # cells of a part that say something


def status(session: Session) -> list[str]:
    """Return the parts, the most important first."""
    chat = session.conversation
    thinks = chat.config.thinking
    cost = chat.cost
    model = session.claude.catalog.serving(chat.config.model)
    window = model.context_window if model else None
    return [
        session.model + (f" (thinks: {thinks})" if thinks else ""),
        fullness(length(chat.turns), window),
        "price unknown" if cost is None else dollars(cost.total),
        chat.name or ("new" if session.store else "not kept"),
    ]


def fitted(parts: Sequence[str], columns: int) -> str:
    """Return as many of the parts as fit; of the one that does not, the beginning, if there is room for one."""
    text = ""
    for part in parts:
        longer = f"{text}{BETWEEN}{part}" if text else part
        if (over := cell_len(longer) - columns) > 0:
            room = cell_len(part) - over - 1
            return f"{longer[: len(longer) - len(part)]}{set_cell_size(part, room)}…" if room >= LEAST else text
        text = longer
    return text


def length(turns: Sequence[ConversationTurn]) -> int:
    """Return how many tokens the conversation has; of an interrupted turn, as many as are known."""
    if not turns:
        return 0
    last = turns[-1]
    if last.kind == "summary":
        return last.usage.output_tokens
    return last.tokens or last.usage.total_input_tokens + last.usage.output_tokens


def fullness(tokens: int, window: int | None) -> str:
    """Return tokens, and their share of the window of a model."""
    shown = many(tokens) if tokens >= 10_000 else f"{tokens:,}"
    if not window:
        return f"{shown} tokens"
    share = 100 * tokens / window
    return f"{shown} tokens ({'<1' if 0 < share < 1 else f'{share:.0f}'}% of the window)"
