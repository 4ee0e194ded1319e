"""Calls of the client's tools and their results: every call answered right after it, every result asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from clarion._repair.blocks import ID, Block
from clarion._repair.draft import Slot, Turn

if TYPE_CHECKING:
    from clarion._repair.draft import Draft

NO_RESULT = "No result of this call was kept: it may or may not have been carried out."
SHOWN = ("text", "image", "document", "search_result")  # what may stand in a message, and not only in a result
NO_CALL = "[Result of a call of a tool that is not in this conversation]"


@dataclass(slots=True, eq=False)
class Call:
    """A call, which group of messages it is in, and its result."""

    slot: Slot
    group: int
    result: Slot | None = None

    @property
    def id(self) -> str:
        """What results name it by."""
        return str(self.slot.block["id"])


def pair(draft: Draft, *, keep_open: bool) -> None:
    """Put every result right after its call, answer calls that have none, make text of results of no call.

    With `keep_open`, calls at the very end may go on waiting.
    """
    groups = list(draft.groups())
    results = [(i, slot) for i, group in enumerate(groups) for slot in _of(group, "tool_result")]
    calls = [Call(slot, i) for i, group in enumerate(groups) for slot in _of(group, "tool_use")]
    if not calls and not results:
        return
    spare = _matched(draft, calls, results)
    _rename(draft, calls)
    _drop(draft, calls, spare)
    for index, asked in _by_group(calls).items():
        group = groups[index]
        is_waiting = keep_open and index == len(groups) - 1 and all(call.result is None for call in asked)
        if not is_waiting:
            _answer(draft, asked, group, groups[index + 1] if index + 1 < len(groups) else [])


def _of(group: list[Turn], kind: str) -> list[Slot]:
    return [slot for turn in group for slot in turn.slots if slot.type == kind]


def _matched(draft: Draft, calls: list[Call], results: list[tuple[int, Slot]]) -> list[Slot]:
    """Give calls their results, and return those left: first what follows directly, then whatever has the id."""
    left: dict[str, list[tuple[int, Slot]]] = defaultdict(list)
    for group, slot in results:
        left[slot.block["tool_use_id"]].append((group, slot))

    for is_near in (_follows, _comes_later, _is_anywhere):
        for call in calls:
            entries = left[call.id] if call.result is None else []
            if (found := next((entry for entry in entries if is_near(call.group, entry[0])), None)) is not None:
                call.result = found[1]
                entries.remove(found)
    _relink(draft, calls, left)
    return [slot for entries in left.values() for _, slot in entries]


def _follows(asked: int, answered: int) -> bool:
    return answered == asked + 1


def _comes_later(asked: int, answered: int) -> bool:
    return answered > asked


def _is_anywhere(_asked: int, _answered: int) -> bool:
    return True


def _relink(draft: Draft, calls: list[Call], left: dict[str, list[tuple[int, Slot]]]) -> None:
    """Give the calls of a turn the results after it that name no call, where there are as many of them."""
    ids = {call.id for call in calls}
    strays: dict[int, list[Slot]] = defaultdict(list)
    for id, entries in left.items():
        for group, slot in entries if id not in ids else ():
            strays[group - 1].append(slot)
    for group, asked in _by_group(calls).items():
        unanswered = [call for call in asked if call.result is None]
        found = strays[group] if len(strays[group]) == len(unanswered) else []
        for call, slot in zip(unanswered, found, strict=False):
            call.result = slot
            named = slot.block["tool_use_id"]
            left[named] = [entry for entry in left[named] if entry[1] is not slot]
            draft.findings.mend("relinked-result", slot.where, named[:80])


def _by_group(calls: list[Call]) -> dict[int, list[Call]]:
    groups: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        groups[call.group].append(call)
    return groups


def _rename(draft: Draft, calls: list[Call]) -> None:
    """Give calls with an id that is malformed, or was used before, another; and let results name what they answer."""
    taken = {call.id for call in calls}
    seen: set[str] = set()
    for call in calls:
        id = call.id
        if not ID.fullmatch(id) or id in seen:
            stem = ID.findall(id)[0] if ID.findall(id) else "toolu"
            id = next(new for number in count(2) if (new := f"{stem}_{number}") not in taken)
            draft.findings.mend("repeated-id" if call.id in seen else "bad-id", call.slot.where, call.id[:80])
            call.slot.block = {**call.slot.block, "id": id}
            taken.add(id)
        seen.add(id)
        if call.result is not None:
            _link(draft, call, call.result)


def _link(draft: Draft, call: Call, result: Slot) -> None:
    wanted: Block = {**result.block, "tool_use_id": call.id}
    toolset = call.slot.block.get("toolset_name")
    if result.block.get("toolset_name") != toolset:
        draft.findings.mend("bad-field", result.where, "toolset_name")
        wanted.pop("toolset_name", None)
        if toolset is not None:
            wanted["toolset_name"] = toolset
    if wanted != result.block:
        result.block = wanted


def _drop(draft: Draft, calls: list[Call], spare: list[Slot]) -> None:
    """Leave out second results of a call; make text of those of none, where they are."""
    ids = {call.id for call in calls}
    repeated = [slot for slot in spare if slot.block["tool_use_id"] in ids]
    for slot in repeated:
        draft.findings.mend("repeated-result", slot.where, slot.block["tool_use_id"][:80])
    draft.without(repeated)
    strays = set(map(id, spare))
    for turn in draft.turns:
        if not any(id(slot) in strays for slot in turn.slots):
            continue
        kept: list[Slot] = []
        for slot in turn.slots:
            kept += _as_text(draft, slot) if id(slot) in strays else [slot]
        turn.slots = kept


def _as_text(draft: Draft, slot: Slot) -> list[Slot]:
    draft.findings.mend("unasked-result", slot.where, slot.block["tool_use_id"][:80])
    content = slot.block.get("content") or []
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    shown = [part for part in parts if part["type"] in SHOWN and (part["type"] != "text" or part["text"].strip())]
    if not shown:
        return []
    return [Slot(slot.where, block) for block in ({"type": "text", "text": NO_CALL}, *shown)]


def _answer(draft: Draft, calls: list[Call], group: list[Turn], following: list[Turn]) -> None:
    """Let the next turn begin with the results of calls."""
    is_users = bool(following) and following[0].role == "user"
    leading = _leading(following) if is_users else []
    missing = []
    for call in calls:
        if call.result is None:
            draft.findings.mend("unanswered-call", call.slot.where, call.id[:80])
            missing.append(Slot(call.slot.where, _no_result(call)))
        elif not any(call.result is slot for slot in leading):
            draft.findings.mend("misplaced-result", call.result.where, call.id[:80])
            missing.append(call.result)
    if not missing:
        return
    draft.without(missing)
    if not is_users:
        draft.add(Turn(group[-1].where, "user", missing), after=group[-1])
        return
    # After the results that lead already, in the message where the last of them is.
    turn = next((one for one in following if leading and any(leading[-1] is slot for slot in one.slots)), following[0])
    place = next((i + 1 for i, slot in enumerate(turn.slots) if leading and slot is leading[-1]), 0)
    turn.slots = [*turn.slots[:place], *missing, *turn.slots[place:]]


def _leading(group: list[Turn]) -> list[Slot]:
    leading = []
    for slot in (slot for turn in group for slot in turn.slots):
        if slot.type != "tool_result":
            break
        leading.append(slot)
    return leading


def _no_result(call: Call) -> Block:
    block: Block = {"type": "tool_result", "tool_use_id": call.id, "content": NO_RESULT, "is_error": True}
    toolset = call.slot.block.get("toolset_name")
    return block if toolset is None else {**block, "toolset_name": toolset}
