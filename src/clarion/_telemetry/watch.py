"""What is seen of a turn while it is carried out: its attempts, what comes after each, its tools, and its end.

The one seam for those who look on. A turn is a generator, and `watched` one around it: whoever drives the one drives
the other. The watch goes along with the steps that are to be seen, so that no driver has to know who looks:

    turn ─▶ step ─▶ watched ─▶ step with its watch ─▶ driver ─▶ watch.begin, watch.end, watch.tool
                       └─▶ what comes after the attempt before
"""

from __future__ import annotations

import logging
import random
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._steps import Do, RunTools, Send, Wait
from clarion._telemetry.lines import Next, log, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from clarion._completion import Completion, ToolCall
    from clarion._steps import Step, Turn
    from clarion._telemetry.record import Call, Ended
    from clarion._telemetry.spans import TurnSpan


T = TypeVar("T")


class Watch:
    """What is seen of one turn. `span` is its span, if it has one.

    The log is told in which conversation it is, once that is known, and what it is `about`, in more fields.
    """

    __slots__ = ("_about", "_attempts", "_conversation", "_pending", "_sees_all", "_span")

    def __init__(
        self, span: TurnSpan | None, conversation: Callable[[], str | None], about: Mapping[str, object]
    ) -> None:
        self._span = span
        self._conversation = conversation
        self._about = about
        self._sees_all = span is not None or log.isEnabledFor(logging.INFO)
        self._attempts = 0
        self._pending: Ended | None = None  # an attempt of which it is not known yet what comes after it

    def begin(self, call: Call) -> Call:
        """Take note of an attempt that begins; return the call as it is to be made."""
        return self._told(lambda span: span.begin(call)) or call

    def end(self, ended: Ended) -> None:
        """Take note of an attempt that has ended, or was not let go."""
        self._attempts += 1
        self._told(lambda span: span.end(ended))
        if self._sees_all or ended.failure is not None:
            self._pending = ended

    def then(self, after: Next) -> None:
        """Take note of what comes after the last attempt."""
        if self._pending is None:
            return
        ended, self._pending = self._pending, None
        about = {"conversation": self._conversation(), **self._about}
        write(ended, after, attempt=self._attempts, about=about)
        self._told(lambda span: span.then(ended, after))

    def step(self, step: Step) -> None:
        """Take note of a step that is about to be carried out, as far as it tells what comes after an attempt."""
        if self._pending is None:
            return
        match step:
            case Wait():
                self.then(Next(what="retry", wait=step.most))
            case Send():
                self.then(_again(self._pending, step.body["model"]))
            case RunTools():
                self.then(Next(what="tools"))
            case Do():
                self.then(Next(what="done"))

    def tool(self, call: ToolCall) -> AbstractContextManager[Callable[[dict[str, Any]], None]]:
        """Return the context in which a tool is run; what it gives is told the block of the result."""
        return UNSEEN if self._span is None else self._span.tool(call)

    def close(self, completion: Completion | None, error: BaseException | None) -> None:
        """Take note of the end of the turn: its completion, or its error."""
        if self._pending is not None:
            left = error is not None and not isinstance(error, Exception)
            self.then(Next(what="left" if left else "give_up" if error else "done"))
        self._told(lambda span: span.close(completion, error))

    def _told(self, tell: Callable[[TurnSpan], T]) -> T | None:
        """Tell the span, if there is one; a sampler or a processor that fails is not asked again in this turn."""
        if self._span is None:
            return None
        try:
            return tell(self._span)
        except Exception as error:  # noqa: BLE001 -- of whoever has been registered
            failed(error)
            self._span = None
            return None


def failed(error: Exception) -> None:
    """Say that OpenTelemetry failed, without the text of the error: it may tell what was said."""
    logging.getLogger(__name__).warning("OpenTelemetry failed (%s): this turn is not told to it", type(error).__name__)


SEEN = (Send, RunTools)  # steps whose driver has something to tell


def _unseen(_block: dict[str, Any]) -> None:
    """Take no note of a result."""


UNSEEN = nullcontext(_unseen)


def _again(ended: Ended, model: str) -> Next:
    if model != ended.call.send.body["model"]:
        return Next(what="fallback", model=model)
    return Next(what="continue" if ended.failure is None else "retry")


def watched(steps: Turn, begin: Callable[[], Watch]) -> Turn:
    """Carry out a turn that is watched, from its first step on."""
    watch = begin()
    came: Any = None
    try:
        while True:
            step = steps.send(came)
            if isinstance(step, Wait):  # drawn here, so that it is told before it has passed
                pause = random.uniform(step.least, step.most)  # noqa: S311 -- jitter
                step = Wait(pause, pause)
            watch.step(step)
            came = yield step.seen_by(watch) if isinstance(step, SEEN) else step
    except StopIteration as end:
        watch.close(end.value, None)
        return end.value  # type: ignore[no-any-return]  # a Turn ends with a Completion
    except BaseException as error:
        watch.close(None, error)
        raise
    finally:
        steps.close()
