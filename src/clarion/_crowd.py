"""Many turns at once, at the pace of the rate limits: a generator over generators, which sends nothing itself.

    take ─▶ turn ─▶ Send ─▶ queue ─▶ pacer: now ─▶ Begin ─▶ ...
                                                            Next ─▶ reply or failure ─▶ turn ─▶ settle

Turns are taken one by one, when there is room for another, so that a thousand of them take no more memory than those
under way. Whoever drives it does each `Begin` beside the others and answers `Next` with what is ready first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from clarion._failure import Failure
from clarion._pacing import Reservation, group_of, take_note
from clarion._steps import Now, Send, Step, Tell

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from clarion._completion import Completion
    from clarion._pacing import Pacer
    from clarion._steps import Turn

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Begin:
    """Do a step beside others; what comes of it is for a `Next`, under this number. No answer is needed."""

    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class Next:
    """Answer with the (number, value) of a step that is done, or with None when so many seconds are over.

    A timeout of None is as long as it takes.
    """

    timeout: float | None


class Later:
    """There is more to take, but not before something under way has settled."""


LATER = Later()


@dataclass(slots=True)
class _Flight(Generic[Item]):
    """A turn under way: what it is for, what it waits for, and how its last call failed."""

    item: Item
    turn: Turn
    tokens: float
    step: Step | None = None
    booked: Reservation | None = None
    failure: Failure | None = None
    calls: int = 0


class Crowd(Generic[Item]):
    """Turns under way at once, at most `concurrency`.

    `take` answers with the next item, its turn and about how many input tokens that has; with None when there is none;
    with LATER when it wants to be asked again once something has settled.
    `settle` is told what came of an item: a completion, or the error it failed with, and the last failure of a call.
    """

    def __init__(
        self,
        take: Callable[[], Generator[Any, Any, tuple[Item, Turn, float] | Later | None]],
        settle: Callable[[Item, Completion | Exception, Failure | None], Generator[Any, Any, None]],
        *,
        pacer: Pacer,
        concurrency: int,
    ) -> None:
        self._take = take
        self._settle = settle
        self._pacer = pacer
        self._concurrency = concurrency
        self._flights: dict[int, _Flight[Item]] = {}
        self._queue: deque[int] = deque()  # those that want to send, in order
        self._is_stopping = False

    def stop(self) -> None:
        """Take no more turns, and drop those of which nothing was sent; the others are seen through."""
        self._is_stopping = True

    @property
    def under_way(self) -> int:
        """How many turns are under way."""
        return len(self._flights)

    def run(self) -> Generator[Any, Any, None]:
        """Run turns until there are no more. Those that are under way when it is closed are closed, too."""
        try:
            yield from self._run()
        finally:
            for flight in self._flights.values():
                flight.turn.close()

    def _run(self) -> Generator[Any, Any, None]:
        number, has_more = 0, True
        while True:
            while has_more and not self._is_stopping and len(self._flights) < self._concurrency:
                taken = yield from self._take()
                if taken is None or isinstance(taken, Later):
                    has_more = taken is not None
                    break
                number += 1
                self._flights[number] = _Flight(*taken)
                yield from self._advance(number, None)
            if self._is_stopping:
                yield from self._drop_unsent()
            if not self._flights:
                if not has_more or self._is_stopping:
                    return
                continue
            pause = yield from self._let_go()
            came = yield Next(pause)
            if came is not None:
                yield from self._came(*came)

    def _let_go(self) -> Generator[Any, Any, float | None]:
        """Begin the calls whose time has come; return in how many seconds to look again, None if none waits."""
        now = yield Now()
        while self._queue:
            number = self._queue[0]
            flight = self._flights[number]
            if delay := self._pacer.delay(now, flight.booked):  # type: ignore[arg-type]  # who waits has a place
                return delay
            self._queue.popleft()
            flight.calls += 1
            yield Begin(number, flight.step)  # type: ignore[arg-type]  # and a call
        return None

    def _came(self, number: int, value: object) -> Generator[Any, Any, None]:
        flight = self._flights[number]
        if flight.booked is not None:
            now = yield Now()
            take_note(self._pacer, now, flight.booked, value)  # type: ignore[arg-type]  # what a Send is answered with
            flight.booked = None
            flight.failure = value if isinstance(value, Failure) else None
        yield from self._advance(number, value)

    def _advance(self, number: int, value: object) -> Generator[Any, Any, None]:
        """Let a turn go on with what came, to where it waits for something, or to its end."""
        flight = self._flights[number]
        while True:
            try:
                step = flight.turn.send(value)
            except StopIteration as end:
                del self._flights[number]
                yield from self._settle(flight.item, end.value, None)
                return
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with one turn is what came of it
                del self._flights[number]
                yield from self._settle(flight.item, error, flight.failure)
                return
            flight.step = step
            match step:
                case Now() | Tell():
                    value = yield step
                case Send():
                    now = yield Now()
                    flight.booked = self._pacer.reserve(now, input_tokens=flight.tokens, group=group_of(step.body))
                    self._queue.append(number)
                    return
                case _:
                    yield Begin(number, step)
                    return

    def _drop_unsent(self) -> Generator[Any, Any, None]:
        """Give back the places of turns that have not sent anything."""
        now = yield Now()
        for number in [number for number in self._queue if not self._flights[number].calls]:
            self._queue.remove(number)
            booked = self._flights.pop(number).booked
            if booked is not None:
                self._pacer.cancel(now, booked)
