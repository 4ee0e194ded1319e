"""The order in which a history is mended, each step on what the steps before it left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._catalog import Catalog
from clarion._repair import marks, media, order, pairs, reading, server, thoughts
from clarion._repair.blocks import KINDS
from clarion._repair.draft import NOTE, Draft
from clarion._repair.fields import is_same
from clarion._repair.report import Findings, Repaired
from clarion._repair.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clarion._tools import Tool

CLEAR_BETA = "mid-conversation-system-clear-at-2026-08-21"
EFFORT_BETA = "mid-conversation-output-config-2026-07-01"


def repair(
    messages: object,
    model: str,
    *,
    system: Any = None,
    tools: Sequence[Tool | Callable[..., Any] | Mapping[str, Any]] | None = None,
    keep_open_calls: bool = False,
    drop_thinking: bool = False,
    catalog: Catalog | None = None,
) -> Repaired:
    """Return a history in the form that the API takes, and what was wrong with it; never raises for what it holds.

    `messages` may be anything that is meant to be a history: messages of Clarion or the SDK, JSON from a file, rubbish.
    What comes out is accepted as it is if the user speaks last, and with the user's next message if the assistant does;
    or `unmendable` says why not. A healthy history comes out as the same list. Nothing that came in is written to.

    Args:
        messages: The history.
        model: The model it goes to, by id, alias, line or preset.
        system: The system prompt of the request: a system message at the beginning of the history is added to it.
        tools: The tools of the request, definitions or functions; None is not told.
        keep_open_calls: Calls of tools at the very end may go on waiting for their results.
        drop_thinking: Leave out all thinking: for a history whose signatures the API refused.
        catalog: What is known of models; by default, what comes with Clarion.

    """
    catalog = catalog or Catalog.load()
    serving = catalog.serving(model)
    name = serving.id if serving else model
    findings, trail = Findings(), Trail()
    items = reading.listed(messages, findings)
    if findings.unmendable:
        return Repaired(messages=items, system=system, unmendable=tuple(findings.unmendable))
    turns = reading.turns_of(items, findings, trail)
    draft = Draft(turns, findings, name, serving, system, _names(tools))
    _mend(draft, trail, catalog, keep_open=keep_open_calls, drop_thinking=drop_thinking)
    made = [turn.message() for turn in draft.turns]
    if not any(slot.where != NOTE for turn in draft.turns for slot in turn.slots):
        made = []
        findings.give_up("nothing-left", "messages")
    return Repaired(
        messages=items if items is messages and is_same(made, items) else made,
        system=draft.system,
        mended=tuple(findings.mended),
        unmendable=tuple(findings.unmendable),
        doubts=tuple(findings.doubts),
        betas=_betas(draft),
    )


def _mend(draft: Draft, trail: Trail, catalog: Catalog, *, keep_open: bool, drop_thinking: bool) -> None:
    order.drop_effort(draft)
    order.drop_empty(draft)
    order.put_in_roles(draft)
    order.move_system(draft)
    order.system_to_user(draft)
    order.begin_with_summary(draft)
    server.check_changes(draft)
    server.drop_before_fallback(draft)
    pairs.pair(draft, keep_open=keep_open)
    order.drop_empty_messages(draft)
    server.pair_server_tools(draft, keep_open=keep_open)
    marks.drop_user_citations(draft)
    media.mend_media(draft)
    if drop_thinking:
        thoughts.drop_all(draft)
    thoughts.drop_foreign(draft, catalog)
    order.drop_empty_messages(draft)
    order.open_with_user(draft)
    thoughts.drop_unbound(draft, trail)
    order.drop_empty_messages(draft)
    marks.mend_marks(draft)
    order.trim_ending(draft)
    thoughts.doubt_signatures(draft)


def _names(tools: Sequence[Any] | None) -> frozenset[str] | None:
    if tools is None:
        return None
    from clarion._tools import Toolbox

    return frozenset(Toolbox(tools).names)


def _betas(draft: Draft) -> tuple[str, ...]:
    """Return the betas that what is in the history needs."""
    needed = [KINDS[slot.type].beta for turn in draft.turns for slot in turn.slots if slot.type in KINDS]
    for turn in draft.turns:
        needed += [CLEAR_BETA] if "clear_at" in turn.more else []
        needed += [EFFORT_BETA] if "output_config" in turn.more else []
    return tuple(dict.fromkeys(beta for beta in needed if beta))
