"""What is wrong with how a client goes on from an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.verdict.finding import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.emulator.verdict.visit import Turn, Visit

__all__ = ["find_in_session"]

PAUSES = 5  # a client that has resumed so often in a row may give up
THOUGHTS = ("thinking", "redacted_thinking")


def find_in_session(session: Sequence[Visit]) -> Iterator[Finding]:
    """Yield what is wrong with the turns of one conversation."""
    pauses = 0
    for number, visit in enumerate(session):
        later = session[number + 1 :]
        if visit.answer.stop_reason == "pause_turn":
            pauses += 1
            if pauses <= PAUSES or any(each.follows(visit) for each in later):
                yield from _find_after_pause(visit, later)
            continue
        pauses = 0
        if calls := visit.answer.ids("tool_use"):
            yield from _find_after_calls(visit, calls, later)


def _find_after_pause(visit: Visit, later: Sequence[Visit]) -> Iterator[Finding]:
    after = next((each for each in later if each.follows(visit)), None)
    if after is None:
        yield finding("pause-taken-for-end", "a paused turn was never resumed", visit)
        return
    said = after.rest(visit) or ()
    blocks = said[0].blocks if said and said[0].role == "assistant" else ()
    paused = visit.answer.blocks
    if blocks[: len(paused)] != paused:
        yield finding("pause-edited", "a paused turn came back without what it had said so far", visit, after)
    elif len(said) > 1:
        yield finding("pause-taken-for-end", "a paused turn was followed by a message of the user", visit, after)
    elif after.tools != visit.tools:
        yield finding("pause-edited", "a paused turn was resumed with other tools", visit, after)


def _find_after_calls(visit: Visit, calls: tuple[str, ...], later: Sequence[Visit]) -> Iterator[Finding]:
    after = next((each for each in later if each.results & set(calls)), None)
    if after is None:
        return
    if visit.answer.stop_reason == "max_tokens" and calls[-1] in after.results:
        yield finding("cut-call-executed", "a tool call that max_tokens had cut off was executed", visit, after)
        return
    if missing := [id for id in calls if id not in after.results]:
        sentence = f"{len(missing)} of {len(calls)} tool calls of one answer got no result"
        yield finding("results-incomplete", sentence, visit, after)
    if visit.model == after.model and after.follows(visit):  # thinking belongs to its model and its conversation
        yield from _find_thoughts(visit, after, after.turn_with(calls[0]))


def _find_thoughts(visit: Visit, after: Visit, turn: Turn | None) -> Iterator[Finding]:
    thoughts = [block for block in visit.answer.blocks if block.kind in THOUGHTS]
    returned = [block for block in (turn.blocks if turn else ()) if block.kind in THOUGHTS]
    if not thoughts or all(thought in returned for thought in thoughts):
        return
    if len(returned) < len(thoughts):
        yield finding("thinking-dropped", "tool results came back without the thinking before the call", visit, after)
    else:
        yield finding("thinking-edited", "the thinking before a tool call came back changed", visit, after)
