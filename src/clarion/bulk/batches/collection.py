"""Fetches what came of a batch, line by line, and records it in groups."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion._errors import NotAMessageError
from clarion._failure import Failure
from clarion.bulk.batches.api import created_at, requests_in
from clarion.bulk.batches.names import Origin, read_result
from clarion.bulk.outcome import Tally, failed
from clarion.bulk.settlement import Postponed

if TYPE_CHECKING:
    from clarion._catalog import Catalog
    from clarion.bulk.batches.api import BatchApi, Info
    from clarion.bulk.batches.asking import Asking
    from clarion.bulk.batches.desk import Desk
    from clarion.bulk.batches.names import Result
    from clarion.bulk.lease import Row
    from clarion.bulk.settlement import Settlement


class LostResultsError(Exception):
    """The name under which rows fail whose results cannot be had any more."""


class Collection:
    """The results of one batch on their way into the journal."""

    def __init__(self, number: int, info: Info, *, desk: Desk, api: BatchApi, asking: Asking, key: str) -> None:
        self._number = number
        self._info = info
        self._desk = desk
        self._api = api
        self._asking = asking
        self._key = key
        self._read = 0

    async def collect(self) -> Failure | None:
        """Record all results; return why that cannot be done now, if it cannot. What was recorded stays so.

        Raises JobStopped if a row needs another call, and no call is answered.
        """
        failure = await self._api.results(self._info["id"], self._take)
        if failure is not None:
            return failure
        if self._read < (expected := requests_in(self._info)):
            return Failure(kind="stream", message=f"{self._read} of {expected} results came")
        unnamed = await self._desk.left(self._number)  # all results came, and none is theirs
        due = self._desk.now()
        await self._desk.settle(
            [Postponed(seq=row.seq, attempt=row.attempt, due=due, is_own_fault=True) for row in unnamed]
        )
        await self._desk.collected(self._number)
        return None

    async def _take(self, lines: list[bytes], *, emulated: bool) -> None:
        origin = Origin(batch_id=self._info["id"], at=created_at(self._info), emulated=emulated)
        results = [found for line in lines if (found := self._result(line)) is not None]
        rows = await self._desk.left(self._number, [(result.seq, result.attempt) for result in results])
        asked = {(row.seq, row.attempt): row for row in rows}
        settled: list[Settlement] = []
        try:
            async with asyncio.TaskGroup() as group:
                for result in results:
                    if row := asked.get((result.seq, result.attempt)):
                        group.create_task(self._settle(row, result, origin, settled))
        finally:
            await self._desk.settle(settled)
        self._read += len(lines)

    async def _settle(self, row: Row, result: Result, origin: Origin, settled: list[Settlement]) -> None:
        settled.append(await self._asking.settlement(row, result, origin))

    def _result(self, line: bytes) -> Result | None:
        try:
            return read_result(line, self._key)
        except ValueError as error:
            raise NotAMessageError(f"a line of it is no result ({error})", body=line, request_id=None) from None


async def give_up(number: int, why: str, *, desk: Desk, catalog: Catalog) -> None:
    """Record that the results of a batch are gone: its rows have failed, so that it is the user who pays them again."""
    error = LostResultsError(f"{why}; what was answered is paid: put the rows back to pay for them again")
    await desk.settle([failed(row, error, Tally(catalog)) for row in await desk.left(number)])
    await desk.collected(number)
