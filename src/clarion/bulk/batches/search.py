"""Looks for a batch of which nobody knows whether it was created: its process died, or its connection broke.

The API lists batches without their custom ids. So a batch is suspected that is newer than the newest of before, has the
same number of requests, and is not known to the job; the custom ids in its results tell, once it has ended. Until every
suspect has told, no row of the batch in doubt is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._failure import Failure
from clarion.bulk.batches.api import requests_in
from clarion.bulk.batches.names import read_result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from clarion.bulk.batches.api import BatchApi, Info
    from clarion.bulk.batches.desk import Desk
    from clarion.bulk.batches.register import Filed

DAY = 86_400.0  # seconds that the clocks of this machine and of the API are surely not apart
GRACE = 60.0  # seconds after which a batch is on the list, or never will be


def suspects(listed: Iterable[Info], *, rows: int, known: Collection[str]) -> list[Info]:
    """Return the batches that may be the one of so many rows. Pure."""
    return [info for info in listed if info["id"] not in known and requests_in(info) == rows]


class Search:
    """The search for one batch."""

    def __init__(self, filed: Filed, *, desk: Desk, api: BatchApi, key: str) -> None:
        self._filed = filed
        self._desk = desk
        self._api = api
        self._key = key
        self._cleared: set[str] = set()  # suspects that have turned out to be others

    async def look(self) -> str | bool | Failure:
        """Return the API's name of the batch, once it is found; False if it surely does not exist, else True."""
        now, filed = self._desk.now(), self._filed
        listed = await self._api.since(filed.newest, oldest=filed.posted - DAY)
        if isinstance(listed, Failure):
            return listed
        known = await self._desk.known() | self._cleared
        open_ = False
        for info in suspects(listed, rows=filed.rows, known=known):
            match await self._is_it(info):
                case True:
                    return str(info["id"])
                case False:
                    self._cleared.add(info["id"])
                case None:
                    open_ = True
        return open_ or now < (filed.doubtful or now) + GRACE

    async def _is_it(self, info: Info) -> bool | None:
        """Tell whether it is a batch of these rows; None if that cannot be told yet."""
        if not info.get("results_url"):
            return False if info.get("archived_at") else None
        line = await self._api.first_result(info["id"])
        if isinstance(line, Failure):
            return None
        try:
            result = read_result(line, self._key)
        except ValueError:
            return None
        return result is not None and bool(await self._desk.left(self._filed.id, [(result.seq, result.attempt)]))
