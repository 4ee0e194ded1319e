"""Thinking that comes back: of this model, signed, and after the messages it was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import is_foreign
from clarion._prompt import Answered
from clarion._repair.blocks import THINKING
from clarion._repair.trail import Trail

if TYPE_CHECKING:
    from clarion._catalog import Catalog
    from clarion._repair.draft import Draft, Slot, Turn


def drop_foreign(draft: Draft, catalog: Catalog) -> None:
    """Leave out thinking that is known to be of another model, as fitting does for each request."""
    for turn in draft.turns:
        if turn.model and is_foreign(Answered({"content": turn.blocks}, turn.model), draft.name, catalog):
            _drop(draft, "foreign-thinking", _thoughts(turn))


def drop_all(draft: Draft) -> None:
    """Leave out all thinking."""
    _drop(draft, "dropped-thinking", [slot for turn in draft.turns for slot in _thoughts(turn)])


def drop_unbound(draft: Draft, trail: Trail) -> None:
    """Leave out thinking before which something had to change, for a model that binds it to that."""
    if draft.model is not None and draft.model.bound_thinking is False:
        return
    now = Trail.of(draft.turns)
    slots = [slot for turn in draft.turns for slot in _thoughts(turn)]
    _drop(draft, "unbound-thinking", [slot for slot in slots if now.before[id(slot)] != trail.before.get(id(slot))])


def doubt_signatures(draft: Draft) -> None:
    """Say which thinking only the API can judge."""
    for turn in draft.turns:
        for slot in _thoughts(turn):
            draft.findings.doubt("signature", slot.where)


def _thoughts(turn: Turn) -> list[Slot]:
    return [slot for slot in turn.slots if slot.type in THINKING]


def _drop(draft: Draft, ailment: str, slots: list[Slot]) -> None:
    for slot in slots:
        draft.findings.mend(ailment, slot.where)
    draft.without(slots)
