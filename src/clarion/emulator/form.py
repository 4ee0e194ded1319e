"""A `multipart/form-data` body as its parts."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from multipart import PushMultipartParser

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form."""

    content: bytes
    filename: str | None = None
    mime_type: str | None = None


def parts_of(content_type: str, body: bytes) -> dict[str, Part]:
    """Return the parts of a form by their names; refuse a body that is no form."""
    from multipart import MultipartError, PushMultipartParser, parse_options_header

    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise invalid("", "Content-Type must be multipart/form-data with a boundary")
    try:
        return _parsed(PushMultipartParser(options["boundary"]), body)
    except MultipartError as error:
        raise invalid("", f"The request body is not a valid form: {error}") from None


def _parsed(parser: PushMultipartParser, body: bytes) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    head, content = None, bytearray()
    for event in parser.parse_blocking(io.BytesIO(body).read):
        if event is None and head is not None:
            parts[head.name or ""] = Part(bytes(content), head.filename, head.content_type)
        elif isinstance(event, bytes | bytearray):
            content += event
        else:
            head, content = event, bytearray()
    return parts
