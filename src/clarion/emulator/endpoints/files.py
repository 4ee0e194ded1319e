"""The Files API: upload, list, describe, download and delete."""

from __future__ import annotations

import mimetypes
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.emulator.endpoints.paging import cursor_page
from clarion.emulator.endpoints.request import json_answer
from clarion.emulator.files import File
from clarion.emulator.form import parts_of
from clarion.emulator.wire import Refusal, Response, invalid

if TYPE_CHECKING:
    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.form import Part

__all__ = ["delete_file", "download_file", "list_files", "retrieve_file", "upload_file"]

MAX_IDS = 100
LIFE = range(3_600, 7_776_001)  # seconds
FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
MAX_NAME = 255  # characters
UNKNOWN = "application/octet-stream"


def upload_file(request: Request) -> Response:
    """Answer `POST /v1/files`, a form with the part `file` and perhaps `expires_in_seconds`."""
    parts = parts_of(request.headers.get("content-type", ""), request.body)
    if unknown := [name for name in parts if name not in {"file", "expires_in_seconds"}]:
        raise invalid(unknown[0], "Extra inputs are not permitted")
    if "file" not in parts:
        raise invalid("file", "Field required")
    part = parts["file"]
    life = _life(parts.get("expires_in_seconds"))
    mime_type = part.mime_type or mimetypes.guess_type(part.filename or "")[0] or UNKNOWN
    file = File(
        id=request.stamp.id("file"),
        filename=_filename(part.filename, mime_type),
        mime_type=mime_type,
        created_at=request.now,
        expires_at=request.now + life if life else None,
        content=part.content,
    )
    response = json_answer(request, "files.upload", file.info())
    request.state.files.add(file)
    return response


def list_files(request: Request) -> Response:
    """Answer `GET /v1/files`: newest first, a page at a time, or those with the ids asked for."""
    files = request.state.files.newest_first(request.now)
    wanted = set(request.query.get("ids", []) + request.query.get("ids[]", []))
    if not wanted:
        ids = [file.id for file in files]
        found, next_page = cursor_page(ids, request.query_within(ids))
    else:
        if len(wanted) > MAX_IDS:
            raise invalid("ids", f"List should have at most {MAX_IDS} items after validation, not {len(wanted)}")
        taken = [name for name in ("page", "limit") if name in request.query]
        if taken and not request.takes_placeholders:
            raise invalid("ids", f"may not be given together with `{taken[0]}`")
        found, next_page = wanted, None
    data = {"data": [file.info() for file in files if file.id in found], "next_page": next_page}
    return json_answer(request, "files.list", data)


def retrieve_file(request: Request) -> Response:
    """Answer `GET /v1/files/{id}`: the metadata, which outlives the content."""
    return json_answer(request, "files.retrieve", _found(request).info())


def download_file(request: Request) -> Response:
    """Answer `GET /v1/files/{id}/content`; what was uploaded cannot be downloaded."""
    file = request.state.files.content(_found(request).id, request.now)
    if not file.downloadable:
        raise invalid("", f"File {file.id} is not downloadable.", error_code="file_not_downloadable")
    step = request.take("files.download")
    headers = {"content-type": file.mime_type}
    return step.sent(Response(200, headers, file.content))


def delete_file(request: Request) -> Response:
    """Answer `DELETE /v1/files/{id}`."""
    file = _found(request)
    response = json_answer(request, "files.delete", {"id": file.id, "type": "file_deleted"})
    request.state.files.remove(file.id)
    return response


def _found(request: Request) -> File:
    file = request.state.files.find(request.match["id"], request.now)
    if file is None and request.takes_placeholders:
        name, kind = "placeholder.txt", "text/plain"
        return File(id=request.match["id"], filename=name, mime_type=kind, created_at=request.now, content=b"")
    if file is None:
        raise Refusal(404, f"File not found: {request.match['id']}")
    return file


def _life(part: Part | None) -> timedelta | None:
    if part is None:
        return None
    text = part.content.decode("ascii", "replace").strip()
    if not text.isdigit():
        raise invalid("expires_in_seconds", "Input should be a valid integer")
    if int(text) not in LIFE:
        raise invalid("expires_in_seconds", f"Input should be between {LIFE[0]} and {LIFE[-1]}")
    return timedelta(seconds=int(text))


def _filename(given: str | None, mime_type: str) -> str:
    """Return the name a file is kept under: the last part of the one given, or `unnamed`."""
    name = re.split(r"[\\/]", given or "")[-1]
    if not name:
        return f"unnamed{mimetypes.guess_extension(mime_type) or ''}"
    if len(name) > MAX_NAME:
        raise invalid("file", f"the filename may have at most {MAX_NAME} characters, not {len(name)}")
    if FORBIDDEN.search(name):
        raise invalid("file", f"the filename may not hold control characters or any of <>:\"|?*\\/: '{name}'")
    return name
