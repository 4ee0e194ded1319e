"""Who says what, and in which order: blocks in messages of the right role, nothing empty, the user first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._fit.draft import longer_system, parts_of, with_parts
from clarion._fit.turns import as_user
from clarion._repair.blocks import KINDS, THINKING
from clarion._repair.draft import NOTE, Slot, Turn

if TYPE_CHECKING:
    from clarion._repair.blocks import Block
    from clarion._repair.draft import Draft

OPENING = "[The beginning of this conversation is not here.]"


def roles_of(slot: Slot) -> tuple[str, ...]:
    """Return the roles in whose messages a block may stand; those of the user for an image still to be read."""
    return KINDS[slot.type].roles if slot.type in KINDS else ("user",)


def drop_effort(draft: Draft) -> None:
    """Leave out a change of effort that the model does not offer."""
    for turn in draft.turns:
        output = turn.more.get("output_config")
        if output is None:
            continue
        offered = draft.model.efforts if draft.model else None
        effort = output.get("effort")
        if output.keys() <= {"effort"} and (effort is None or offered is None or effort in offered):
            continue
        draft.findings.mend("bad-field", turn.where, "output_config")
        turn.more = {key: value for key, value in turn.more.items() if key != "output_config"}
        turn.source = None


def drop_empty(draft: Draft) -> None:
    """Leave out text that says nothing, within results and documents too, and messages without content."""
    draft.rewrite(lambda block, where, _exact: _without_blank(draft, block, where))
    slots = [slot for turn in draft.turns for slot in turn.slots if slot.type == "text"]
    blank = [slot for slot in slots if not slot.block["text"].strip()]
    for slot in blank:
        draft.findings.mend("empty-text", slot.where)
    draft.without(blank)
    drop_empty_messages(draft)


def drop_empty_messages(draft: Draft) -> None:
    """Leave out messages without content."""
    kept = []
    for turn in draft.turns:
        if turn.slots or turn.more.get("output_config"):
            kept.append(turn)
        else:
            draft.findings.mend("empty-message", turn.where)
    draft.turns = kept


def _without_blank(draft: Draft, block: Block, where: str) -> Block:
    """Return a block without the text within it that says nothing; results of tools may say white space."""
    parts = parts_of(block)
    says = str if block["type"] == "tool_result" else str.strip
    kept = [part for part in parts if part["type"] != "text" or says(part["text"])]
    if len(kept) == len(parts):
        return block
    draft.findings.mend("empty-text", f"{where}.content")
    return with_parts(block, kept)


def put_in_roles(draft: Draft) -> None:
    """Give every block a message of a role that may say it."""
    turns: list[Turn] = []
    for turn in draft.turns:
        wrong = [slot for slot in turn.slots if turn.role not in roles_of(slot)]
        if wrong and (role := _right_role(turn)) is not None:
            draft.findings.mend("wrong-role", turn.where, f"{turn.role}, with {wrong[0].type}")
            turn.role = role
            _drop_more(draft, turn)
        elif wrong:
            if all(slot in wrong for slot in turn.slots):
                _drop_more(draft, turn)
            turns += _parted(draft, turn)
            continue
        turns.append(turn)
    draft.turns = turns


def _drop_more(draft: Draft, turn: Turn) -> None:
    """Leave out the fields that only a system message has."""
    if turn.more:
        draft.findings.mend("extra-field", turn.where, ", ".join(turn.more))
    turn.more = {}


def _right_role(turn: Turn) -> str | None:
    """Return the role that may say all of a message, if what it says settles that: calls and results do."""
    telling = [roles_of(slot) for slot in turn.slots if len(roles_of(slot)) == 1 and slot.type != "document"]
    roles = set(telling)
    if len(roles) != 1:
        return None
    ((role,),) = roles
    return role if all(role in roles_of(slot) for slot in turn.slots) else None


def _parted(draft: Draft, turn: Turn) -> list[Turn]:
    parts: list[Turn] = []
    for slot in turn.slots:
        roles = roles_of(slot)
        role = turn.role if turn.role in roles else roles[0]
        if role != turn.role:
            draft.findings.mend("misplaced-block", slot.where, slot.type)
        if not parts or parts[-1].role != role:
            more = turn.more if role == turn.role and not any(part.more for part in parts) else {}
            parts.append(Turn(turn.where, role, [], model=turn.model, more=more))
        parts[-1].slots.append(slot)
    return parts


def move_system(draft: Draft) -> None:
    """Move text of the system before all others to the system prompt, as fitting does for each request."""
    while draft.turns and draft.turns[0].role == "system":
        turn = draft.turns[0]
        if any(slot.type != "text" for slot in turn.slots):
            return
        if turn.slots:
            text = "\n\n".join(slot.block["text"] for slot in turn.slots)
            draft.system = longer_system(draft.system, text)
        draft.findings.mend("system-first", turn.where)
        draft.turns = draft.turns[1:]


def system_to_user(draft: Draft) -> None:
    """Make system messages those of the user, for a model that takes none, as fitting does for each request."""
    if draft.model is None or draft.model.system_messages is not False:
        return
    for turn in draft.turns:
        if turn.role == "system":
            draft.findings.mend("system-turn", turn.where)
            text = [slot for slot in turn.slots if slot.type == "text"]
            note, *_ = as_user({"role": "system", "content": []})["content"]
            turn.role = "user"
            _drop_more(draft, turn)
            turn.slots = [Slot(NOTE, note), *text] if text else []
    draft.turns = [turn for turn in draft.turns if turn.slots]


def open_with_user(draft: Draft) -> None:
    """Let the user speak first, unless a summary opens: thinking alone goes, anything else gets a note before it."""
    while draft.turns and draft.turns[0].role == "assistant":
        turn = draft.turns[0]
        if not all(slot.type in THINKING for slot in turn.slots):
            break
        draft.findings.mend("unbound-thinking", turn.where)
        draft.turns = draft.turns[1:]
    if draft.turns and draft.turns[0].role != "user" and not any(map(_is_summary, draft.turns[0].slots[:1])):
        draft.findings.mend("no-opening", draft.turns[0].where)
        draft.add(Turn(NOTE, "user", [Slot(NOTE, {"type": "text", "text": OPENING})]))


def _is_summary(slot: Slot) -> bool:
    return slot.type == "compaction" and slot.block.get("content") is not None


def begin_with_summary(draft: Draft) -> None:
    """Leave out what comes before the last signed summary, and let the user open with it."""
    places = [
        (turn, slot) for turn in draft.turns for slot in turn.slots if _is_summary(slot) and slot.block.get("signature")
    ]
    if not places:
        return
    turn, summary = places[-1]
    draft.findings.doubt("signature", summary.where)
    if len(places) == 1 and turn is draft.turns[0] and turn.slots[0] is summary and turn.role == "user":
        return
    draft.findings.mend("misplaced-summary", summary.where)
    index = next(i for i, one in enumerate(draft.turns) if one is turn)
    place = next(i for i, slot in enumerate(turn.slots) if slot is summary)
    rest = Turn(turn.where, turn.role, turn.slots[place + 1 :], model=turn.model, more=turn.more)
    draft.turns = [Turn(turn.where, "user", [summary]), *([rest] if rest.slots else []), *draft.turns[index + 1 :]]


def trim_ending(draft: Draft) -> None:
    """Trim the beginning of an answer that a model would go on from."""
    last = draft.turns[-1] if draft.turns else None
    if last is None or last.role != "assistant" or (draft.model and draft.model.prefill is False):
        return
    slot = last.slots[-1]
    if slot.type == "text" and slot.block["text"] != (text := slot.block["text"].rstrip()):
        draft.findings.mend("trailing-space", slot.where)
        slot.block = {**slot.block, "text": text}
