"""A step says what becomes of one call.

    said: the message -> sent: the answer as it goes over the wire

A step has several parts, one of a kind: a reply in place of an answer, what is said in the answer, its usage, its
pace, how its body ends, a wait before it, and for which calls it is there. Oddities may be many. `&` puts
parts together. Nothing here waits or sends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clarion.emulator.script.answers import with_usage
from clarion.emulator.script.condition import Condition, Numbers
from clarion.emulator.script.span import ONCE, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.emulator.call import Call
    from clarion.emulator.message import Message
    from clarion.emulator.pace import Pace
    from clarion.emulator.script.answers import Answer
    from clarion.emulator.script.condition import Body, RouteName, Sight
    from clarion.emulator.script.endings import Ending
    from clarion.emulator.script.oddities import Oddity
    from clarion.emulator.script.replies import Reply
    from clarion.emulator.wire import Response, Stamp

__all__ = ["PLAIN", "Step"]

ANSWERED: frozenset[RouteName] = frozenset({"messages", "batches.item"})  # with a message
PARTS = ("reply", "answer", "usage", "pace", "ending", "wait", "span")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Step:
    """What one call gets. Made by the functions of `clarion.emulator.script`, put together with `&`."""

    name: str
    reply: Reply | None = None
    answer: Answer | None = None
    usage: Mapping[str, Any] | None = None
    pace: Pace | None = None
    ending: Ending | None = None
    wait: float | None = None
    span: Span = ONCE
    evicts: bool = False
    oddities: tuple[Oddity, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that make no sense together."""
        if self.reply and (self.answer or self.usage or self.pace or self.ending or self.oddities):
            raise ValueError(f"{self.name}: one part replaces the answer that another changes; only hang() fits both")
        if (self.answer or self.usage or self.pace or self.oddities or self.evicts) and not self.routes <= ANSWERED:
            raise ValueError(f"{self.name}: only a call of 'messages' or a 'batches.item' is answered with a message")

    def __repr__(self) -> str:
        return self.name

    def __and__(self, other: Step) -> Step:
        """Return the step that has the parts of both and is for calls that fit both.

        Raises:
            ValueError: Both have the same part, or the parts make no sense together.

        """
        ours, theirs = self._parts(), other._parts()
        if twice := [part for part in ours if part in theirs]:
            raise ValueError(f"{self} and {other} cannot be one step: each says the {twice[0]}")
        return Step(
            name=f"{self} & {other}",
            evicts=self.evicts or other.evicts,
            oddities=(*self.oddities, *other.oddities),
            conditions=(*self.conditions, *other.conditions),
            **ours,
            **theirs,
        )

    def _parts(self) -> dict[str, Any]:
        """Return the parts that the step has something to say about."""
        return {part: value for part in PARTS if (value := getattr(self, part)) not in (None, ONCE)}

    def when(
        self,
        *,
        route: RouteName | None = None,
        model: str | None = None,
        stream: bool | None = None,
        text: str | None = None,
        pattern: str | None = None,
        system: str | None = None,
        tool: str | None = None,
        result: str | bool | None = None,
        image: bool | None = None,
        header: Mapping[str, str] | None = None,
        key: str | None = None,
        version: str | None = None,
        call: int | str | None = None,
        turn: int | str | None = None,
        body: Callable[[Body], bool] | None = None,
    ) -> Step:
        """Return the step for certain calls only; the others pass it by, and it waits for one that fits.

        Names and values are matched with `*` for anything, such as `claude-opus-*`; texts in any case. `text`,
        `pattern`, `result` and `image` look at the newest message of the user.

        Args:
            route: `messages` (the default), `count_tokens`, `models`, `batches.create`, ... `batches.item` (a request
                in a batch), `files.upload`, ...
            model: The model of the request.
            stream: Streamed calls only, or only those that are not.
            text: A part of the user's text.
            pattern: A regular expression found in it.
            system: A part of the system prompt.
            tool: A tool that is offered.
            result: The tool whose result is brought; or whether there is any result.
            image: Whether there is an image.
            header: Headers and their values.
            key: The API key.
            version: The `anthropic-version`.
            call: The number of the call on its route within its lane, or a range such as `2-5` or `4-`.
            turn: The user's turn in the conversation, from 1, or a range. Tool results open no turn.
            body: Looks at the request's JSON body and says whether it fits.

        """
        condition = Condition(
            route=route,
            model=model,
            stream=stream,
            text=text,
            pattern=None if pattern is None else re.compile(pattern),
            system=system,
            tool=tool,
            result=result,
            image=image,
            header=header,
            key=key,
            version=version,
            call=None if call is None else Numbers.of(call),
            turn=None if turn is None else Numbers.of(turn),
            body=body,
        )
        return replace(self, conditions=(*self.conditions, condition))

    def times(self, number: int) -> Step:
        """Return the step for so many calls instead of one."""
        return self._spanning(times=number)

    def lasting(self, seconds: float) -> Step:
        """Return the step for all calls within so many seconds of the first one, by the emulator's clock."""
        return self._spanning(lasting=seconds)

    def sometimes(self, chance: float) -> Step:
        """Return the step for a share of the calls, from 0 to 1; which ones, the scenario's seed decides."""
        return self._spanning(chance=chance)

    def after_tokens(self, tokens: int) -> Step:
        """Return the step for when its lane has used so many input and output tokens; calls pass it by before."""
        return self._spanning(after_tokens=tokens)

    def between(self, start: float, end: float) -> Step:
        """Return the step for the calls between two times, in seconds after the first call of all."""
        return self._spanning(window=(start, end))

    def forever(self) -> Step:
        """Return the step for every call that fits it, without an end."""
        return self._spanning(is_endless=True)

    def requires(self, /, **states: str) -> Step:
        """Return the step for lanes in these states; one that no step has set is `start`."""
        return self._spanning(require=states)

    def sets(self, /, **states: str) -> Step:
        """Return the step that brings its lane into these states."""
        return self._spanning(set=states)

    def _spanning(self, **changes: Any) -> Step:
        return replace(self, span=replace(self.span, **changes))

    @property
    def routes(self) -> set[RouteName]:
        """The routes asked for; a call cannot fit two."""
        return {each.route for each in self.conditions if each.route} or {"messages"}

    def fits(self, sight: Sight) -> bool:
        """Tell whether the step is for such a call."""
        return self.routes == {sight.route} and all(condition.holds(sight) for condition in self.conditions)

    def said(self, call: Call, plain: Message, stamp: Stamp) -> Message:
        """Return the message to answer with, given the one that would be."""
        message = self.answer.message(call, plain, stamp) if self.answer else plain
        return with_usage(message, self.usage) if self.usage else message

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
        for oddity in self.oddities:
            plain = oddity.alter(plain)
        return self.ending.spoil(plain) if self.ending else plain


PLAIN = Step(name="ok()")
