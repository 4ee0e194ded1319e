"""What can go wrong with a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._errors.root import ClarionError

if TYPE_CHECKING:
    from clarion._completion import Completion
    from clarion._conversation import ConversationTurn


class ConversationError(ClarionError):
    """A conversation that cannot go on as it was asked to; the message names it and the way out.

    Way out: correct what the message names: a name that is taken, or not there.
    """


class ConversationFullError(ConversationError):
    """The next turn would have `tokens` input tokens, over the `full_at` at which the conversation counts as full.

    Nothing of the turn was sent.

    Way out: open it with `on_full="summarize"`, or begin a new one.
    """

    def __init__(self, why: str, *, tokens: int, full_at: int) -> None:
        super().__init__(why)
        self.tokens = tokens
        self.full_at = full_at


class ConversationMovedError(ConversationError):
    """Somebody else added a turn to the conversation while this one was answered, so this one is not part of it.

    Nothing is lost: `turn` is what was not added, given on the first `after` turns, from which `fork(moved=error)` goes
    on apart; `completion` has the answer, None if there was no whole one. Sent again, the prompt goes on from what the
    conversation has become.

    Way out: send the prompt again, or go on apart with `fork(moved=error)`.
    """

    def __init__(self, name: str, *, turn: ConversationTurn, after: int) -> None:
        super().__init__(
            f"the conversation {name!r} went on elsewhere while this turn was answered, so it was not added: "
            "send it again, or go on apart with fork(moved=error)"
        )
        self.name = name
        self.turn = turn
        self.after = after
        self.completion: Completion | None = None


class ConversationStoreError(ConversationError):
    """The file in which conversations are kept cannot be read or written. What it holds is still there.

    Way out: check the path, its rights and the space on the disk.
    """
