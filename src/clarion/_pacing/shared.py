"""One pacer for several processes: what they know of the limits passes from one to the next, many times a second.

    A: ask, ask, settle ──▶ turn: read the board, decide, write ──▶ ask ...
    B:        ask ...................... turn: read the board, decide, write ──▶ ...

Only in its turn does a process decide who may go, from what all of them have learnt and taken; so together they send
what one would. Whoever is alone decides at any time, and only looks now and then whether it still is.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from clarion._errors import ClarionError
from clarion._pacing.elsewhere import ALONE, Elsewhere, Work
from clarion._pacing.pacer import Pacer
from clarion._pacing.state import adopt, common, heed

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._pacing.limits import Limits
    from clarion._pacing.pacer import Reservation
    from clarion._pacing.signal import Signal
    from clarion._usage import Usage

log = logging.getLogger(__name__)

# seconds
TURN = 0.01  # between two turns of a process, at least
LOOK = 0.1  # after which whoever waits asks again, as others may have given something back
BEAT = 0.25  # after which whoever is alone looks whether it still is
LOST = 2.0  # without a turn that can be had, after which one goes on alone


@dataclass(slots=True)
class Page:
    """What is on the board: what is known of each group, and what each of the `others` does, by group; all may change.

    `ours` is what we do.
    """

    known: dict[str, list[Any]]
    others: list[dict[str, Work]]
    ours: dict[str, Work] = field(default_factory=dict)


class BoardTrouble(ClarionError):
    """There is no turn to be had at a board. Never leaves a pacer."""


class Board(Protocol):
    """Where processes meet that share their limits, one at a time."""

    def meet(self, now: float, act: Callable[[Page], None]) -> None:
        """Let `act` read the page and change it, and keep it. Raises BoardTrouble."""

    def leave(self) -> None:
        """Be gone for the others."""


class SharedPacer(Pacer):
    """A pacer that shares what it knows with those of other processes, by a board.

    The time must come from a clock that all of them read, as `time.monotonic` is on one machine.
    """

    def __init__(self, board: Board, limits: Limits | None = None) -> None:
        super().__init__(limits)
        self._board = board
        self._asked: float | None = None  # for a turn
        self._lost: float | None = None  # since when no turn can be had
        self._is_new = True  # has not had one yet
        self._turn.is_ours = False  # until it is known who is there
        self._untold: list[Callable[[], None]] = []

    def reserve(self, now: float, *, input_tokens: float, group: str = "") -> Reservation:
        """Take a place, as with any pacer."""
        if not self._is_held:
            self._take_turn_if_due(now)
        booked = super().reserve(now, input_tokens=input_tokens, group=group)
        return replace(booked, delay=self.delay(now, booked)) if self._is_held else booked

    def delay(self, now: float, booked: Reservation) -> float:
        """Return in how many seconds to ask again; 0 is to go at once."""
        self._take_turn_if_due(now)
        delay = super().delay(now, booked)
        return min(LOOK, max(delay, self._next_turn(now))) if delay and self._is_held else delay

    def observe(self, now: float, booked: Reservation, signal: Signal) -> None:
        """Learn from an answer; of one that refuses the others hear at once."""
        self._tell(now, partial(super().observe, now, booked, signal), is_urgent=signal.refusal is not None)

    def settle(self, now: float, booked: Reservation, usage: Usage | None = None) -> None:
        """End a reservation with what it used."""
        self._tell(now, partial(super().settle, now, booked, usage))

    def cancel(self, now: float, booked: Reservation) -> None:
        """Give back a reservation that was not sent."""
        self._tell(now, partial(super().cancel, now, booked))

    def close(self, now: float) -> None:
        """Tell the others what there is to tell, and be gone for them."""
        self._take_turn(now)
        self._board.leave()

    @property
    def _is_held(self) -> bool:
        """Whether others are there, or may be, so that it decides in its turn only."""
        return not self._turn.is_ours

    def _next_turn(self, now: float) -> float:
        """Return in how many seconds there may be another turn."""
        return 0.0 if self._asked is None else self._asked + (TURN if self._is_held else BEAT) - now

    def _tell(self, now: float, told: Callable[[], None], *, is_urgent: bool = False) -> None:
        """Take note of something: at once if nobody else is there, else in the next turn."""
        if self._is_held:
            self._untold.append(told)
        else:
            told()
        if self._is_held and (is_urgent or self._may_be_last()):
            self._take_turn(now)
        else:
            self._take_turn_if_due(now)

    def _may_be_last(self) -> bool:
        """Whether there may be nothing more to tell for long: then the others should not be left in the dark."""
        groups = self._groups.values()
        open_ends = sum(len(group.queue.waiting) + len(group.flights.drawing) for group in groups)
        return open_ends <= len(self._untold)

    def _take_turn_if_due(self, now: float) -> None:
        if self._next_turn(now) <= 0:
            self._take_turn(now)

    def _take_turn(self, now: float) -> None:
        self._asked = now
        try:
            self._board.meet(now, partial(self._act, now))
        except BoardTrouble as trouble:
            if self._lost is None:
                self._lost = now
            if self._is_held and now - self._lost >= LOST:
                log.warning("%s: other processes are not regarded in the pace until it can be used", trouble)
                self._decide(now, {}, [])
        else:
            self._lost, self._is_new = None, False

    def _act(self, now: float, page: Page) -> None:
        """Read what is known, decide, and write what is known now."""
        if self._is_new and not page.others:
            page.known.clear()  # what was known to those before us is old
        self._decide(now, page.known, page.others)
        for name, group in self._groups.items():
            page.known[name] = common(group)
            page.ours[name] = group.work()

    def _decide(self, now: float, known: dict[str, list[Any]], others: list[dict[str, Work]]) -> None:
        """Take over what is known, unless we have known it alone, and what has come; let go whose time has come."""
        take_over = adopt if self._is_held else heed
        self._turn.is_ours = True
        for name, group in self._groups.items():
            if name in known:
                take_over(group, known[name])
            group.elsewhere = Elsewhere([work[name] for work in others if name in work]) if others else ALONE
        for told in self._untold:
            told()
        self._untold.clear()
        for group in self._groups.values():
            group.advance(now)
            group.grant()
        self._turn.is_ours = not others
