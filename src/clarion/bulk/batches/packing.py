"""Puts requests together to batches, by number and by the bytes that are sent. Pure.

Limits: Claude documentation, "Batch processing" (November 2026): 100,000 requests or 256 MB a batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from clarion._errors import InvalidSettingError
from clarion._numbers import is_whole

MOST_REQUESTS = 100_000
MOST_BYTES = 256_000_000
HEAD, COMMA, TAIL = b'{"requests":[', b",", b"]}"
FRAME = len(HEAD) + len(TAIL)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a batch may be. Smaller ones than the API allows end sooner, and take less memory.

    Raises InvalidSettingError for what the API does not allow.
    """

    requests: int = 10_000
    bytes: int = 64_000_000

    def __post_init__(self) -> None:
        for name, most in {"requests": MOST_REQUESTS, "bytes": MOST_BYTES}.items():
            value: object = getattr(self, name)
            if not is_whole(value, 1) or value > most:
                raise InvalidSettingError(f"{name} of a batch must be a whole number from 1 to {most:,}; got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One request of a batch: a row's attempt, the headers it needs, and its bytes."""

    seq: int
    attempt: int
    headers: Headers
    data: bytes

    @property
    def is_too_large(self) -> bool:
        """Whether it would not fit into a batch of its own."""
        return FRAME + len(self.data) > MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What becomes one batch. `rows` has the row and the attempt of each request."""

    headers: Headers
    rows: tuple[tuple[int, int], ...]
    body: bytes = field(repr=False)


def item(custom_id: str, params: object, *, seq: int, attempt: int, headers: Headers = ()) -> Item:
    """Return a request as it stands in the body of a batch."""
    data = orjson.dumps({"custom_id": custom_id, "params": params})
    return Item(seq=seq, attempt=attempt, headers=headers, data=data)


class Packer:
    """Fills batches. Requests that need other headers go into another batch: headers hold for all of one."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._open: dict[Headers, list[Item]] = {}
        self._bytes: dict[Headers, int] = {}

    def add(self, item: Item) -> Pack | None:
        """Take a request; return the batch that is full without it, if one is."""
        items = self._open.setdefault(item.headers, [])
        size = self._bytes.get(item.headers, FRAME) + len(item.data) + bool(items)
        if items and (len(items) >= self._size.requests or size > self._size.bytes):
            full = self._packed(item.headers)
            self.add(item)
            return full
        items.append(item)
        self._bytes[item.headers] = size
        return None

    def rest(self) -> list[Pack]:
        """Return what has been taken and is in no batch yet, and begin anew."""
        return [self._packed(headers) for headers in list(self._open)]

    def _packed(self, headers: Headers) -> Pack:
        items = self._open.pop(headers)
        del self._bytes[headers]
        body = b"".join((HEAD, COMMA.join(item.data for item in items), TAIL))
        return Pack(headers=headers, rows=tuple((item.seq, item.attempt) for item in items), body=body)
