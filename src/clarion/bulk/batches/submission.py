"""Creates batches: rows are leased, packed, written down as about to be posted, posted, and written down as created.

lease ─▶ pack ─▶ plan ─▶ POST ─▶ created
                           ├──▶ refused: planned, and posted again later
                           └──▶ nobody knows: in doubt, to be looked for
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion._failure import Failure
from clarion.bulk.batches.packing import Packer
from clarion.bulk.errors import JobStopped
from clarion.bulk.settlement import Failed, Released

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.bulk.batches.api import BatchApi
    from clarion.bulk.batches.asking import Asking
    from clarion.bulk.batches.desk import Desk
    from clarion.bulk.batches.packing import Pack, Size
    from clarion.bulk.batches.schedule import Schedule

log = logging.getLogger(__name__)

LEASE = 500  # rows leased at a time


@dataclass(slots=True)
class _Waiting:
    """A pack that is to be posted; `number` is the journal's name of it, once it has been planned.

    It is `posted` from the moment it is sent, unless the API says no.
    """

    pack: Pack
    number: int | None = None
    posted: bool = False


def is_surely_refused(failure: Failure) -> bool:
    """Whether a batch was not created: the API itself has said no to it, and did not just fail or give up waiting."""
    return failure.status is not None and 400 <= failure.status < 500 and failure.status not in (408, 499)


class Submission:
    """Creates the batches of one run. `is_wanted` tells, before each, whether to go on."""

    def __init__(
        self,
        desk: Desk,
        api: BatchApi,
        asking: Asking,
        *,
        size: Size,
        schedule: Schedule,
        is_wanted: Callable[[], bool],
    ) -> None:
        self._desk = desk
        self._api = api
        self._asking = asking
        self._schedule = schedule
        self._is_wanted = is_wanted
        self._packer = Packer(size)
        self._waiting: deque[_Waiting] = deque()
        self._refusals = 0  # in a row
        self.due = 0.0  # not before this time is anything posted again
        self._fresh: list[int] = []  # created, or perhaps created, since somebody asked

    def taken(self) -> list[int]:
        """Return the journal's names of the batches that were created, or perhaps were, since this was asked last."""
        fresh, self._fresh = self._fresh, []
        return fresh

    async def submit(self) -> None:
        """Create batches until there are no more rows to lease, or the API takes no more for now.

        Raises JobStopped if it will take none.
        """
        if not await self._post_waiting():
            return
        while self._is_wanted() and (rows := await self._desk.lease(LEASE)):
            for row in rows:
                made = await self._asking.item(row)
                if isinstance(made, Failed):
                    await self._desk.settle([made])
                elif pack := self._packer.add(made):
                    self._waiting.append(_Waiting(pack))
            if not await self._post_waiting():
                return
        if self._is_wanted():
            self._waiting.extend(_Waiting(pack) for pack in self._packer.rest())
            await self._post_waiting()

    async def give_up(self) -> None:
        """Make ready again what was planned and not created. What was posted, and not answered, is in doubt."""
        for waiting in self._waiting:
            if waiting.number is not None:
                await (self._desk.doubt if waiting.posted else self._desk.void)(waiting.number)
        self._waiting.clear()

    async def _post_waiting(self) -> bool:
        """Post what is packed; return False if the API takes no more for now."""
        while self._waiting and self._is_wanted():
            if self._desk.now() < self.due or not await self._post(self._waiting[0]):
                return False
            self._waiting.popleft()
        return True

    async def _post(self, waiting: _Waiting) -> bool:
        newest = await self._api.newest()
        if isinstance(newest, Failure):
            return self._later(newest)
        if not await self._announce(waiting, newest):
            return True
        number = waiting.number
        assert number is not None  # it was announced  # noqa: S101
        waiting.posted = True
        came = await self._api.create(waiting.pack)
        if isinstance(came, Failure):
            waiting.posted = not is_surely_refused(came)
            return await self._not_created(number, came)
        self._refusals = 0
        if await self._desk.created(number, came["id"]):
            log.info("batch %s created with %d requests", came["id"], len(waiting.pack.rows))
            self._fresh.append(number)
        else:  # this process stood still for so long that another has taken its rows
            log.warning("batch %s came too late: its rows are in other hands, it is canceled", came["id"])
            await self._api.cancel(came["id"])
        return True

    async def _announce(self, waiting: _Waiting, newest: str | None) -> bool:
        """Write down that a pack is about to be posted; False if its rows are not this worker's any more."""
        if waiting.number is not None:
            return await self._desk.post_again(waiting.number, newest)
        waiting.number = await self._desk.plan(waiting.pack.rows, newest)
        if waiting.number is None:
            await self._desk.settle([Released(seq=seq, attempt=attempt) for seq, attempt in waiting.pack.rows])
        return waiting.number is not None

    async def _not_created(self, number: int, failure: Failure) -> bool:
        """Do what a failed POST asks for; return whether the pack is dealt with."""
        if is_surely_refused(failure):
            await self._desk.refused(number)
            return self._later(failure)
        log.warning("nobody knows whether a batch was created: %s", failure.message)
        await self._desk.doubt(number)
        self._fresh.append(number)
        self._put_off(failure)
        return True

    def _later(self, failure: Failure) -> bool:
        if failure.concerns_all or (is_surely_refused(failure) and failure.status != 429):
            raise JobStopped(f"no batch can be created: {failure.message}", status=failure.status)
        self._put_off(failure)
        return False

    def _put_off(self, failure: Failure) -> None:
        pause = failure.retry_after or self._schedule.pause(0.0, failures=self._refusals)
        self._refusals += 1
        self.due = self._desk.now() + pause
