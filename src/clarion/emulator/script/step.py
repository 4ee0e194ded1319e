"""A step says what becomes of one call; a script is the steps that calls have not taken yet.

    take: the first step that fits the call -> said: the message -> sent: the answer as it goes over the wire

A step has up to five parts, one of a kind: a reply in place of an answer, what is said in the answer, its pace,
how its body ends, and a wait before it. `&` puts parts together. Nothing here waits or sends.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clarion.emulator.call import Call
    from clarion.emulator.message import Message
    from clarion.emulator.pace import Pace
    from clarion.emulator.script.answers import Answer
    from clarion.emulator.script.endings import Ending
    from clarion.emulator.script.replies import Reply
    from clarion.emulator.wire import Response, Stamp

__all__ = ["Condition", "RouteName", "Script", "Step"]

Body = dict[str, Any]
RouteName = Literal[
    "messages",
    "count_tokens",
    "models",
    "batches.create",
    "batches.retrieve",
    "batches.list",
    "batches.cancel",
    "batches.delete",
    "batches.results",
    "batches.item",
    "files.upload",
    "files.list",
    "files.retrieve",
    "files.download",
    "files.delete",
]
ANSWERED: frozenset[RouteName] = frozenset({"messages", "batches.item"})  # with a message
PARTS = ("reply", "answer", "pace", "ending", "wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which calls a step is for. What is None is not asked."""

    model: str | None = None
    stream: bool | None = None
    body: Callable[[Body], bool] | None = None
    route: RouteName | None = None

    def holds(self, body: Body) -> bool:
        """Tell whether a request's body fits; the route is the step's to look at."""
        if self.model is not None and not fnmatchcase(str(body.get("model")), self.model):
            return False
        if self.stream is not None and bool(body.get("stream")) is not self.stream:
            return False
        return self.body is None or self.body(body)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Step:
    """What one call gets. Made by the functions of `clarion.emulator.script`, put together with `&`."""

    name: str
    reply: Reply | None = None
    answer: Answer | None = None
    pace: Pace | None = None
    ending: Ending | None = None
    wait: float | None = None
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that make no sense together."""
        if self.reply and (self.answer or self.pace or self.ending):
            raise ValueError(f"{self.name}: one part replaces the answer that another changes; only hang() fits both")
        if (self.answer or self.pace) and not self.routes <= ANSWERED:
            raise ValueError(f"{self.name}: only a call of 'messages' or a 'batches.item' is answered with a message")

    def __repr__(self) -> str:
        return self.name

    def __and__(self, other: Step) -> Step:
        """Return the step that has the parts of both and is for calls that fit both.

        Raises:
            ValueError: Both have the same part, or the parts make no sense together.

        """
        if twice := [part for part in PARTS if getattr(self, part) is not None and getattr(other, part) is not None]:
            raise ValueError(f"{self} and {other} cannot be one step: each says the {twice[0]}")
        parts = {part: getattr(self, part) or getattr(other, part) for part in PARTS}
        return Step(name=f"{self} & {other}", conditions=(*self.conditions, *other.conditions), **parts)

    def when(
        self,
        *,
        model: str | None = None,
        stream: bool | None = None,
        body: Callable[[Body], bool] | None = None,
        route: RouteName | None = None,
    ) -> Step:
        """Return the step for certain calls only; the others pass it by, and it waits for one that fits.

        Args:
            model: The model of the request, with `*` for anything: `claude-opus-*`.
            stream: Streamed calls only, or only those that are not.
            body: Looks at the request's JSON body and says whether it fits.
            route: `messages` (the default), `count_tokens`, `models`, `batches.create`, ... `batches.item` (a request
                in a batch), `files.upload`, ...

        """
        condition = Condition(model=model, stream=stream, body=body, route=route)
        return replace(self, conditions=(*self.conditions, condition))

    @property
    def routes(self) -> set[RouteName]:
        """The routes asked for; a call cannot fit two."""
        return {each.route for each in self.conditions if each.route} or {"messages"}

    def fits(self, route: RouteName, body: Body) -> bool:
        """Tell whether the step is for such a call."""
        return self.routes == {route} and all(condition.holds(body) for condition in self.conditions)

    def said(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the message to answer with, given the one that would be."""
        return self.answer.message(call, plain, stamp) if self.answer else plain

    def sent(self, plain: Response) -> Response:
        """Return the answer as it is sent, given the one that would be.

        Raises:
            Refusal: The step is an error of the API.
            ConnectionLost: The step breaks the connection before an answer.

        """
        if self.wait:
            plain = replace(plain, delay=plain.delay + self.wait)
        if self.reply:
            return self.reply.instead(plain)
        return self.ending.spoil(plain) if self.ending else plain


PLAIN = Step(name="ok()")


class Script:
    """The steps that are left. Threads may share it; a step is given to one call only."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._lock = threading.Lock()
        self._steps = list(steps)

    @property
    def unused(self) -> tuple[Step, ...]:
        """The steps no call has taken, in order."""
        with self._lock:
            return tuple(self._steps)

    def add(self, *steps: Step) -> None:
        """Put steps at the end."""
        with self._lock:
            self._steps.extend(steps)

    def take(self, route: RouteName, body: Body) -> Step:
        """Give a call the first step that fits it, and a plain one when none does."""
        if not self._steps:
            return PLAIN
        with self._lock:
            found = next((i for i, step in enumerate(self._steps) if step.fits(route, body)), None)
            return PLAIN if found is None else self._steps.pop(found)
