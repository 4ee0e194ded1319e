"""Cache marks within a history, and citations where none may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit.marks import fewer, ordered
from clarion._repair.fields import is_same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._repair.blocks import Block
    from clarion._repair.draft import Draft


def mend_marks(draft: Draft) -> None:
    """Keep the first and the last cache marks, and none of an hour after one of five minutes."""
    _rewrite(draft, fewer(_marks(draft)), "cache-marks")
    _rewrite(draft, ordered(_marks(draft)), "cache-order")


def drop_user_citations(draft: Draft) -> None:
    """Leave out citations in text of the user, which API version 2026-10-21 refuses."""
    for turn in draft.turns:
        if turn.role == "user":
            for slot in turn.slots:
                slot.block = _uncited(draft, slot.block, slot.where)


def _uncited(draft: Draft, block: Any, where: str) -> Any:
    match block:
        case {"type": "text", "citations": [_, *_]}:
            draft.findings.mend("cited-by-user", where)
            return {key: value for key, value in block.items() if key != "citations"}
        case {"type": "search_result", "content": list(parts)}:
            made = [_uncited(draft, part, where) for part in parts]
            return block if is_same(made, parts) else {**block, "content": made}
    return block


def _marks(draft: Draft) -> list[Block]:
    return [block["cache_control"] for _, block in draft.walk() if block.get("cache_control")]


def _rewrite(draft: Draft, made: Sequence[Block | None], ailment: str) -> None:
    """Put others in place of all marks, in the order of the prompt."""
    left = iter(made)

    def rewritten(block: Block, where: str, _exact: bool) -> Block:
        if not block.get("cache_control"):
            return block
        mark = next(left)
        if mark is block["cache_control"]:
            return block
        draft.findings.mend(ailment, where)
        rest = {key: value for key, value in block.items() if key != "cache_control"}
        return rest if mark is None else {**rest, "cache_control": mark}

    draft.rewrite(rewritten)
