"""Tools that the API runs itself: their calls and results, and what comes before a hand-over to another model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._repair.blocks import MCP_RESULT, RESULTS, SERVER_RESULTS, THINKING

if TYPE_CHECKING:
    from clarion._repair.draft import Draft, Slot, Turn


def pair_server_tools(draft: Draft, *, keep_open: bool) -> None:
    """Leave out calls without a result and results without a call.

    A call may be open where its turn goes on: before results of the client's tools alone; at the end of the answer, if
    that is what will be sent.
    """
    gone: list[Slot] = []
    open_calls: dict[str, Slot] = {}
    for group in draft.groups():
        slots = [slot for turn in group for slot in turn.slots]
        if group[0].role != "assistant":
            if not all(slot.type == "tool_result" for slot in slots):
                gone += _closed(draft, open_calls)
            continue
        for slot in slots:
            if slot.type in ("server_tool_use", "mcp_tool_use"):
                if (before := open_calls.get(slot.block["id"])) is not None:
                    gone += _closed(draft, {slot.block["id"]: before})
                open_calls[slot.block["id"]] = slot
            elif slot.type in RESULTS:
                gone += _without_call(draft, slot, open_calls)
    ends_open = keep_open or (bool(draft.turns) and draft.turns[-1].role == "user")
    for id, slot in list(open_calls.items()):
        if not ends_open or not _is_offered(draft, slot):
            gone += _closed(draft, {id: slot})
    draft.without(gone)


def _closed(draft: Draft, calls: dict[str, Slot]) -> list[Slot]:
    gone = list(calls.values())
    for slot in gone:
        draft.findings.mend("open-server-call", slot.where, str(slot.block["name"]))
    calls.clear()
    return gone


def _without_call(draft: Draft, slot: Slot, calls: dict[str, Slot]) -> list[Slot]:
    call = calls.get(slot.block["tool_use_id"])
    if call is not None and _result_of(call) == slot.type:
        del calls[slot.block["tool_use_id"]]
        return []
    draft.findings.mend("unasked-server-result", slot.where)
    return [slot]


def _result_of(call: Slot) -> str:
    return MCP_RESULT if call.type == "mcp_tool_use" else SERVER_RESULTS[call.block["name"]]


def _is_offered(draft: Draft, slot: Slot) -> bool:
    if slot.type == "mcp_tool_use":
        return True
    if draft.tools is None:
        draft.findings.doubt("offered", slot.where)
        return True
    name = "code_execution" if slot.block["name"].endswith("_code_execution") else slot.block["name"]
    return name in draft.tools


def drop_before_fallback(draft: Draft) -> None:
    """Leave out the thinking, and the calls without a result, of a model that handed over to another."""
    answered = {slot.block["tool_use_id"] for turn in draft.turns for slot in turn.slots if slot.type == "tool_result"}
    gone = [slot for turn in draft.turns for slot in _before_fallback(turn) if _is_left(slot, answered)]
    for slot in gone:
        draft.findings.mend("before-fallback", slot.where, slot.type)
    draft.without(gone)


def _before_fallback(turn: Turn) -> list[Slot]:
    places = [index for index, slot in enumerate(turn.slots) if slot.type == "fallback"]
    return turn.slots[: places[-1]] if places else []


def _is_left(slot: Slot, answered: set[str]) -> bool:
    return slot.type in THINKING or (slot.type == "tool_use" and slot.block["id"] not in answered)


def check_changes(draft: Draft) -> None:
    """Leave out changes of tools that there are not; doubt them where the tools were not told."""
    gone = []
    for turn in draft.turns:
        for slot in turn.slots:
            if slot.type not in ("tool_addition", "tool_removal"):
                continue
            named = slot.block["tool"].get("name")
            if draft.tools is None or named is None:
                draft.findings.doubt("offered", slot.where)
            elif named not in draft.tools:
                draft.findings.mend("bad-block", slot.where, f"{slot.type} of {named}")
                gone.append(slot)
    draft.without(gone)
