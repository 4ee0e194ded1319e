"""What an answer would be if nothing limited it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.emulator import compaction, prose
from clarion.emulator.answer import hosted, machine, thoughts
from clarion.emulator.answer.calls import calls, search
from clarion.emulator.answer.citing import passages
from clarion.emulator.answer.prefill import onward
from clarion.emulator.message import Block, Text
from clarion.emulator.sample import Hints, instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarion.emulator.answer.citing import Passage
    from clarion.emulator.answer.question import Question
    from clarion.emulator.message import ToolUse

__all__ = ["Plan", "plan"]

REFUSE = (  # the documented prompt for tests of refusals
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The blocks of an answer, why it ends after them, and what running them took."""

    blocks: tuple[Block, ...]
    stop_reason: str = "end_turn"
    stop_details: dict[str, Any] | None = None
    searches: int = 0
    fetches: int = 0
    container: dict[str, Any] | None = None


def plan(asked: Question) -> Plan:
    """Decide what to answer: tools that fit are used first, text comes when there is nothing left to call."""
    if REFUSE in asked.words:
        refused = {"type": "refusal", "category": None, "explanation": None}
        return Plan(blocks=(), stop_reason="refusal", stop_details=refused)
    if asked.call.body.get("compaction"):
        return Plan(blocks=(compaction.summary(asked.call),), stop_reason="compaction")
    opening = () if asked.waiting else thoughts.opening(asked)
    if not asked.call.tools:
        return Plan(blocks=(*opening, *_text(asked, [])))
    run = hosted.run(asked)
    uses = [] if run.is_paused else calls(asked)
    stop_reason = "pause_turn" if run.is_paused else "tool_use" if uses else "end_turn"
    end: Iterable[Block] = () if run.is_paused else _calling(asked, uses) if uses else _text(asked, run.findings)
    return Plan(
        blocks=(*opening, *run.blocks, *end),
        stop_reason=stop_reason,
        searches=run.searches,
        fetches=run.fetches,
        container=machine.container(asked) if uses and uses[0].caller else run.container,
    )


def _calling(asked: Question, uses: list[ToolUse]) -> Iterator[Block]:
    if asked.is_answered and asked.call.choice == "auto":
        yield thoughts.progress(asked, f"[emulated] The results are in; next I call `{uses[0].name}`.")
    yield from search(asked)
    if uses[0].caller:
        yield machine.tools_called(uses)
    yield from uses


def _text(asked: Question, findings: list[Passage]) -> Iterator[Block]:
    """Yield the text of an answer: an instance of the schema, what goes on from a prefill, or an account."""
    call = asked.call
    if call.schema is not None:
        made = instance(call.schema, Hints.of(asked.material), asked.chance)
        yield Text(json.dumps(made, ensure_ascii=False))
        return
    account = prose.account(call, asked.input_tokens)
    if asked.prefill:
        yield Text(onward(asked.prefill, account))
        return
    cited = [*passages(call, asked.words), *findings]
    yield Text(account)
    for passage in cited:
        yield Text(f"\n\nFrom {passage.title}: ")
        yield Text(passage.text, (passage.citation,))
