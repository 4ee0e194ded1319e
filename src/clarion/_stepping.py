"""A turn that is watched step by step: it stops before the tools that were called are run, and at its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clarion._steps import RunTools
from clarion._tools import given_block, result_block, unrun_block

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from clarion._completion import Completion, ToolCall
    from clarion._steps import Step, Turn


@dataclass(frozen=True, slots=True)
class TurnStep:
    """Where a turn stands: after each answer that calls tools, before they are run, and at its end.

    `completion` is what the turn has come to; in the last step, which has no `calls`, it is the finished one. When the
    loop goes on, the calls are run that were not answered.
    """

    completion: Completion
    wanted: RunTools | None = field(default=None, repr=False)
    given: dict[str, object] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls of tools that are about to be run; none in the last step."""
        return self.wanted.calls if self.wanted else ()

    @property
    def is_last(self) -> bool:
        """Whether the turn has ended."""
        return self.wanted is None

    def answer(self, call: ToolCall, value: object) -> None:
        """Answer a call yourself, so that it is not run.

        `value` is what a tool may return, a ToolError, or Deny(reason). Raises ValueError for a call that is not one of
        this step's.
        """
        if call not in self.calls:
            known = ", ".join(each.id for each in self.calls) or "none"
            raise ValueError(f"no call {call.id!r} of {call.name} waits in this step; calls: {known}")
        self.given[call.id] = value

    @property
    def messages(self) -> list[Any]:
        """The transcript to go on from if the loop ends here; calls without an answer are answered as not run."""
        if not self.wanted:
            return list(self.completion.messages)
        results = [self._result(call, self.wanted) for call in self.calls]
        return [*self.completion.messages, {"role": "user", "content": results}]

    def _result(self, call: ToolCall, wanted: RunTools) -> dict[str, Any]:
        if call.id not in self.given:
            return unrun_block(call, "the turn was left")
        return given_block(
            call, self.given[call.id], lambda call, value: result_block(call, value, render=wanted.render)
        )


def walk(turn: Turn, obey: Callable[[Step], object]) -> Iterator[TurnStep]:
    """Carry out a turn; yield before tools are run, and at its end."""
    came: object = None
    try:
        while True:
            step = turn.send(came)
            if isinstance(step, RunTools):
                shown = TurnStep(step.completion, step)
                yield shown
                step = replace(step, given=shown.given)
            came = obey(step)
    except StopIteration as end:
        completion = end.value
    except BaseException as error:
        turn.throw(error)  # whoever watches is told
        raise
    yield TurnStep(completion)


async def walk_async(
    begin: Callable[[], Awaitable[Turn]], obey: Callable[[Step], Awaitable[object]]
) -> AsyncIterator[TurnStep]:
    """Carry out a turn; yield before tools are run, and at its end."""
    turn = await begin()
    came: object = None
    try:
        while True:
            step = turn.send(came)
            if isinstance(step, RunTools):
                shown = TurnStep(step.completion, step)
                yield shown
                step = replace(step, given=shown.given)
            came = await obey(step)
    except StopIteration as end:
        completion = end.value
    except BaseException as error:
        turn.throw(error)  # whoever watches is told
        raise
    yield TurnStep(completion)
