"""The calls of the Message Batches API. What goes wrong comes back as a value, a Failure."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import orjson

from clarion._errors import NotAMessageError
from clarion._failure import Failure
from clarion._sdk import failure_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarion._sdk import AsyncDoor
    from clarion.bulk.batches.packing import Pack

BATCHES = "/v1/messages/batches"
PAGE = 100  # batches listed at a time
GROUP = 200  # results handed on at a time

Info = dict[str, Any]
T = TypeVar("T")


class Take(Protocol):
    """Takes some lines of results; `emulated` says that the emulator made them."""

    async def __call__(self, lines: list[bytes], *, emulated: bool) -> None:
        """Take some lines."""


class BatchApi:
    """The Message Batches API through the door of a service."""

    def __init__(self, door: AsyncDoor) -> None:
        self._door = door

    async def create(self, pack: Pack) -> Info | Failure:
        """Create a batch."""
        return await _valued(lambda: self._post(BATCHES, pack.body, dict(pack.headers)))

    async def retrieve(self, batch_id: str) -> Info | Failure:
        """Return how a batch stands."""
        return await _valued(lambda: self._get(f"{BATCHES}/{batch_id}"))

    async def cancel(self, batch_id: str) -> Info | Failure:
        """Ask for a batch to be ended early."""
        return await _valued(lambda: self._post(f"{BATCHES}/{batch_id}/cancel", b"{}", {}))

    async def newest(self) -> str | Failure | None:
        """Return the name of the newest batch; None if there is none."""
        page = await _valued(lambda: self._page(limit=1))
        if isinstance(page, Failure):
            return page
        return str(page["data"][0]["id"]) if page["data"] else None

    async def since(self, newest: str | None, *, oldest: float) -> list[Info] | Failure:
        """Return the batches that are newer than one, and in any case created after `oldest`, newest first."""
        return await _valued(lambda: self._since(newest, oldest))

    async def results(self, batch_id: str, take: Take) -> Failure | None:
        """Hand on the results of a batch, some lines at a time, in no order; return why they broke off, if they did.

        What `take` raises passes through, but for errors of an answer.
        """
        return await _valued(lambda: self._results(batch_id, take))

    async def first_result(self, batch_id: str) -> bytes | Failure:
        """Return one line of the results of a batch."""
        return await _valued(lambda: self._first_result(batch_id))

    async def _get(self, path: str) -> Info:
        return _info(await self._door.fetch(path))

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> Info:
        return _info(await self._door.post(path, body, headers))

    async def _page(self, **query: object) -> Any:
        body = await self._door.fetch(BATCHES, query=query)
        page = _json(body)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise NotAMessageError("it is no list of batches", body=body, request_id=None)
        return page

    async def _since(self, newest: str | None, oldest: float) -> list[Info]:
        found: list[Info] = []
        query: dict[str, object] = {"limit": PAGE}
        while True:
            page = await self._page(**query)
            for info in page["data"]:
                if info["id"] == newest or created_at(info) < oldest:
                    return found
                found.append(info)
            if not page.get("has_more") or not page["data"]:
                return found
            query["after_id"] = page["data"][-1]["id"]

    async def _results(self, batch_id: str, take: Take) -> None:
        group: list[bytes] = []
        async with self._door.open_lines(f"{BATCHES}/{batch_id}/results") as lines:
            async for line in lines:
                if line.strip():
                    group.append(line)
                if len(group) == GROUP:
                    await take(group, emulated=lines.emulated)
                    group = []
            if group:
                await take(group, emulated=lines.emulated)

    async def _first_result(self, batch_id: str) -> bytes:
        async with self._door.open_lines(f"{BATCHES}/{batch_id}/results") as lines:
            async for line in lines:
                if line.strip():
                    return line
        raise NotAMessageError("there are no results in it", body=b"", request_id=None)


def created_at(info: Info) -> float:
    """Return when a batch was created, in seconds since the epoch, by the API's clock."""
    return datetime.fromisoformat(info["created_at"]).timestamp()


def requests_in(info: Info) -> int:
    """Return how many requests a batch has."""
    return sum(info["request_counts"].values())


async def _valued(call: Callable[[], Awaitable[T]]) -> T | Failure:
    started = time.monotonic()
    try:
        return await call()
    except Exception as error:
        if (failure := failure_of(error, started)) is None:
            raise
        return failure


def _info(body: bytes) -> Info:
    info = _json(body)
    if not isinstance(info, dict) or not info.get("id") or not isinstance(info.get("request_counts"), dict):
        raise NotAMessageError("it is no batch", body=body, request_id=None)
    return info


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotAMessageError(f"its body is not JSON ({error})", body=body, request_id=None) from None
