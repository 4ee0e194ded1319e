"""Files that were uploaded: kept until they expire or are deleted, and put in their places in requests.

Source: Claude documentation, "Files API", November 2026. The emulator keeps them in memory and so has a quota of
its own, far below the API's 1 TB.
"""

from __future__ import annotations

import base64
import copy
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from clarion.emulator.wire import Refusal, invalid, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["File", "Files"]

QUOTA = 1024**3  # bytes, of all files
REMEMBERED = timedelta(days=30)  # after expiry: the metadata
TAKEN = {  # the block that uses a file: what the file may be, and the source it stands for
    "image": dict.fromkeys(("image/jpeg", "image/png", "image/gif", "image/webp"), "base64"),
    "document": {"application/pdf": "base64", "text/plain": "text"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file. Only what a tool has made can be downloaded."""

    id: str
    filename: str
    mime_type: str
    created_at: datetime
    expires_at: datetime | None = None
    downloadable: bool = False
    content: bytes

    def info(self) -> dict[str, Any]:
        """Return the metadata as the API describes it."""
        return {
            "id": self.id,
            "type": "file",
            "filename": self.filename,
            "mime_type": self.mime_type,
            "size_bytes": len(self.content),
            "created_at": moment(self.created_at),
            "expires_at": moment(self.expires_at),
            "downloadable": self.downloadable,
        }

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the content is gone."""
        return self.expires_at is not None and now >= self.expires_at


class Files:
    """All files, the newest last. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[str, File] = OrderedDict()

    def add(self, file: File) -> None:
        """Keep a file. Refuses it when there is no room."""
        with self._lock:
            kept = sum(len(one.content) for one in self._files.values())
            if kept + len(file.content) > QUOTA:
                raise invalid("", "Storage quota exceeded: delete files first.", error_code="storage_quota_exceeded")
            self._files[file.id] = file

    def find(self, id: str, now: datetime) -> File | None:
        """Return a file by its id, for as long as its metadata is kept."""
        with self._lock:
            file = self._files.get(id)
            if file and file.expires_at and now >= file.expires_at + REMEMBERED:
                del self._files[id]
                return None
            return file

    def remove(self, id: str) -> None:
        """Forget a file."""
        with self._lock:
            self._files.pop(id, None)

    def clear(self) -> None:
        """Forget all files."""
        with self._lock:
            self._files.clear()

    def newest_first(self, now: datetime) -> list[File]:
        """Return all files that have not expired, as the API lists them."""
        with self._lock:
            return [file for file in reversed(self._files.values()) if not file.has_expired(now)]

    def content(self, id: str, now: datetime) -> File:
        """Return a file whose content is there; refuse any other."""
        file = self.find(id, now)
        if file is None:
            raise Refusal(404, f"File not found: {id}")
        if file.has_expired(now):
            raise Refusal(404, f"File expired: {id}", {"error_code": "file_expired"})
        return file

    def resolved(self, body: Any, now: datetime, *, takes_placeholders: bool = False) -> Any:
        """Return a request in which every file stands as the source it would be if it were sent along.

        A request that names no file is returned as it is; so is whatever is malformed, for the rules to refuse. Where
        placeholders are taken, a file that is not there stays a name.
        """
        messages = body.get("messages") if isinstance(body, dict) else None
        if not any(True for _ in _uses(messages)):
            return body
        copied = copy.deepcopy(messages)
        for path, block in _uses(copied, "messages"):
            if takes_placeholders and self.find(_file_id(block), now) is None:
                continue
            if block["type"] == "container_upload":
                self.content(_file_id(block), now)
            else:
                block["source"] = _source(path, block["type"], self.content(_file_id(block), now))
        return body | {"messages": copied}


def _uses(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the blocks that name a file, with their paths."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uses(item, f"{path}.{index}")
    elif isinstance(value, dict):
        if _names_file(value):
            yield path, value
        for key in ("content", "source"):
            if isinstance(value.get(key), list | dict):
                yield from _uses(value[key], f"{path}.{key}")


def _names_file(block: dict[str, Any]) -> bool:
    if block.get("type") == "container_upload":
        return isinstance(block.get("file_id"), str)
    source = block.get("source")
    is_by_file = isinstance(source, dict) and source.get("type") == "file" and isinstance(source.get("file_id"), str)
    return is_by_file and block.get("type") in list(TAKEN)  # the type may be anything, and unhashable


def _file_id(block: dict[str, Any]) -> str:
    named: str = (block if block["type"] == "container_upload" else block["source"])["file_id"]
    return named


def _source(path: str, kind: str, file: File) -> dict[str, Any]:
    """Return the source that a file stands for, in a block of a kind."""
    taken = TAKEN[kind]
    if file.mime_type not in taken:
        raise invalid(
            f"{path}.{kind}.source.file",
            f"a file of type {file.mime_type} cannot be used here; types: {', '.join(taken)}",
        )
    as_text = taken[file.mime_type] == "text"
    data = file.content.decode("utf-8", "replace") if as_text else base64.b64encode(file.content).decode()
    return {"type": taken[file.mime_type], "media_type": file.mime_type, "data": data}
