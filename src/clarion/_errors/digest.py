"""What can go wrong with a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._errors.root import ClarionError

if TYPE_CHECKING:
    from decimal import Decimal


class DigestError(ClarionError):
    """A digest that cannot be made; the message says why.

    Way out: what the message says; nothing was paid.
    """


class DigestStopped(DigestError):
    """A digest that stopped before its end: by you, by its budget, or because going on would not have helped.

    `done` of `pieces` were read; `cost`, in US dollars, is what it has cost so far (None: not known).

    Way out: mend what the message names, and make the same call again; with a store, it goes on from there.
    """

    def __init__(self, message: str, *, done: int, pieces: int, cost: Decimal | None) -> None:
        super().__init__(message)
        self.done = done
        self.pieces = pieces
        self.cost = cost


class DigestStoreError(DigestError):
    """A store of digests that cannot be opened, read or written, or that another process works on.

    Way out: wait for the other process, mend what the message names, or choose another path.
    """
