"""Where an image or a document comes from: a path, a URL, a data URI, bytes, an open file, or the Files API.

Nothing is read before it is asked for, and never more than the caller's limit.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from clarion._errors import MediaError
from clarion._media.kinds import HEAD

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

MAX_REQUEST = 32 * 2**20  # bytes of a whole request
SHOWN = 120  # characters of a name in an error

Raw = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

URL = re.compile(r"https?://", re.IGNORECASE)
DATA_URI = re.compile(r"data:[^,]*,", re.IGNORECASE)
FILE_ID = re.compile(r"file_[0-9A-Za-z]+")


class Array(Protocol):
    """A numpy array, or what looks like one."""

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """Where the numbers are, and of what type."""
        ...


class Source:
    """What the user named, and how to speak of it (`name`).

    With `fetch`, a URL is read here; without, the API reads it. What can be read only once, or is fetched, is kept.
    """

    __slots__ = ("_fetch", "_is_at_end", "_kept", "name", "raw")

    def __init__(self, raw: Raw | Pixels | Array, *, fetch: bool = False) -> None:
        self.raw: Any = raw
        self.name = _name(raw)
        self._fetch = fetch
        self._kept = b""
        self._is_at_end = False

    def remote(self) -> dict[str, Any] | None:
        """Return the source of a block for what the API reads by itself; None for what is read here."""
        match self.raw:
            case str() if FILE_ID.fullmatch(self.raw):
                return {"type": "file", "file_id": self.raw}
            case str() if URL.match(self.raw) and not self._fetch:
                return {"type": "url", "url": self.raw}
        return None

    def title(self) -> str | None:
        """Return the name a document goes by: as the user wrote it, but without the folders of this machine."""
        name = None if self._is_nameless() else _file_name(self.raw)
        return os.path.basename(name) if name and os.path.isabs(name) else name

    def read(self, limit: int = MAX_REQUEST) -> bytes:
        """Return all the bytes. Raises MediaError when there are none, or more than the limit."""
        data = self._bytes(limit + 1)
        if not data:
            raise MediaError(f"{self.name} is empty")
        if len(data) > limit:
            raise MediaError(
                f"{self.name} is over {megabytes(limit)}, the most that is read: "
                "make it smaller or split it, or upload it through the Files API (service.sdk.files) and pass its id"
            )
        return data

    def head(self) -> bytes:
        """Return the first bytes, enough to tell what it is. Raises MediaError when it cannot be read."""
        if isinstance(self.raw, str | os.PathLike) and not self._is_nameless():
            return self._bytes(HEAD)
        return self.read()[:HEAD]

    def _is_nameless(self) -> bool:
        raw = self.raw
        return isinstance(raw, str) and (DATA_URI.match(raw) or FILE_ID.fullmatch(raw)) is not None

    def _bytes(self, limit: int) -> bytes:
        """Return the first bytes, up to the limit; or all of them, where they are at hand."""
        match self.raw:
            case bytes() | bytearray() | memoryview():
                return bytes(self.raw[:limit])
            case str() if DATA_URI.match(self.raw):
                return _payload(self.raw, self.name)
            case str() if URL.match(self.raw):
                return self._fetched(self.raw, limit)
            case str() | os.PathLike():
                return self._opened(limit)
        missing = limit - len(self._kept)
        if missing > 0 and not self._is_at_end:
            more = self._drained(self.raw, missing)
            self._kept, self._is_at_end = self._kept + more, len(more) < missing
        return self._kept

    def _opened(self, limit: int) -> bytes:
        try:
            with open(self.raw, "rb") as file:
                return file.read(limit)
        except (OSError, ValueError) as error:
            raise MediaError(f"cannot read {self.name}: {getattr(error, 'strerror', None) or error}") from error

    def _drained(self, file: BinaryIO, limit: int) -> bytes:
        """Read an open file to its end; it may give less than it was asked for."""
        chunks: list[bytes] = []
        try:
            while limit > 0 and (chunk := file.read(limit)):
                if not isinstance(chunk, bytes):
                    raise TypeError("it gave text, not bytes: open it in binary mode")
                chunks.append(chunk)
                limit -= len(chunk)
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise MediaError(f"cannot read {self.name}: {error}") from error
        return b"".join(chunks)

    def _fetched(self, url: str, limit: int) -> bytes:
        from clarion._media.fetch import fetch

        if not self._kept:
            self._kept = fetch(url, limit)
        return self._kept


def megabytes(size: float) -> str:
    """Return a number of bytes as an error says it."""
    return f"{size / 2**20:,.0f} MB"


def _payload(uri: str, name: str) -> bytes:
    import base64
    from urllib.parse import unquote_to_bytes

    header, _, payload = uri.partition(",")
    data = unquote_to_bytes(payload)
    if not header.lower().endswith(";base64"):
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except ValueError as error:
        raise MediaError(f"{name} holds broken base64: {error}") from error


def _name(raw: object) -> str:
    """Return how to speak of a source in an error."""
    match raw:
        case bytes() | bytearray() | memoryview():
            return f"<{len(raw)} bytes>"
        case str() if DATA_URI.match(raw):
            return f"<data URI of {len(raw)} characters>"
    name = _file_name(raw) or f"<{type(raw).__name__}>"
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}..."


def _file_name(raw: object) -> str | None:
    if isinstance(raw, os.PathLike | str):
        return os.fspath(raw)
    name = getattr(raw, "name", None)
    return name if isinstance(name, str) else None
