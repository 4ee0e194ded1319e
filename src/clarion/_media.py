"""Images and documents as a user has them, and the content blocks they become.

What a file is, is decided by its first bytes, never by its name. Limits: Messages API documentation, "Vision" and
"PDF support" (November 2026).
"""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

from clarion._errors import MediaError

if TYPE_CHECKING:
    from clarion._prompt import Part

MAX_IMAGE = 10 * 2**20  # bytes of an image once in base64
MAX_REQUEST = 32 * 2**20  # bytes of a whole request

URL_SCHEMES = ("http://", "https://")

# The first bytes of what the API takes, and its media type.
IMAGE_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
PDF_START = b"%PDF-"

TEXT_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@runtime_checkable
class PILImage(Protocol):
    """The part of a Pillow image that is used here."""

    format: str | None

    def save(self, fp: BinaryIO, format: str | None = None) -> None:  # noqa: A002 -- Pillow's own name
        """Write the image to an open file."""
        ...


Source = str | os.PathLike[str] | bytes | BinaryIO


class Image:
    """An image for a prompt: from a path, a URL, bytes, an open file or a Pillow image.

    A URL is passed on for the API to fetch. Everything else is read when it is sent: JPEG, PNG, GIF and WebP up to
    10 MB in base64. A Pillow image is sent as PNG.
    """

    __slots__ = ("source",)

    def __init__(self, source: Source | PILImage) -> None:
        self.source = source

    def __repr__(self) -> str:
        return f"Image({_name(self.source)!r})"

    def block(self) -> dict[str, Any]:
        """Return the content block. Raises MediaError if the image cannot be read or sent."""
        if isinstance(self.source, str) and self.source.startswith(URL_SCHEMES):
            return {"type": "image", "source": {"type": "url", "url": self.source}}
        name, data = _name(self.source), self._data()
        media_type = _image_type(data)
        if media_type is None:
            raise MediaError(f"{name} is no image that Claude reads; it reads JPEG, PNG, GIF and WebP")
        encoded = base64.standard_b64encode(data).decode("ascii")
        if len(encoded) > MAX_IMAGE:
            raise MediaError(
                f"{name} is {_megabytes(len(data))} and would be {_megabytes(len(encoded))} in base64; the API takes "
                f"images up to {_megabytes(MAX_IMAGE)}: scale it down first"
            )
        return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": encoded}}

    def _data(self) -> bytes:
        if isinstance(self.source, PILImage):
            buffer = io.BytesIO()
            self.source.save(buffer, format="PNG")
            return buffer.getvalue()
        return _read(self.source)


class Document:
    """A document for a prompt, PDF or text: from a path, a URL (PDF), bytes or an open file.

    It is read when it is sent. `title` is shown to the model and is by default the name of the file; `citations`
    asks the model to cite it.
    """

    __slots__ = ("citations", "source", "title")

    def __init__(self, source: Source, *, title: str | None = None, citations: bool = False) -> None:
        self.source = source
        self.title = title
        self.citations = citations

    def __repr__(self) -> str:
        return f"Document({_name(self.source)!r})"

    def block(self) -> dict[str, Any]:
        """Return the content block. Raises MediaError if the document cannot be read or sent."""
        block: dict[str, Any] = {"type": "document", "source": self._source_block()}
        if title := self.title or _title(self.source):
            block["title"] = title
        if self.citations:
            block["citations"] = {"enabled": True}
        return block

    def _source_block(self) -> dict[str, Any]:
        if isinstance(self.source, str) and self.source.startswith(URL_SCHEMES):
            return {"type": "url", "url": self.source}
        data = _read(self.source)
        if data.startswith(PDF_START):
            encoded = base64.standard_b64encode(data).decode("ascii")
            return {"type": "base64", "media_type": "application/pdf", "data": encoded}
        return {"type": "text", "media_type": "text/plain", "data": _text(data, _name(self.source))}


def attachment(source: Source) -> Part:
    """Return what a file is to a prompt, by its content: an Image or a Document. Raises MediaError."""
    data = _read(source)
    if _image_type(data):
        return Image(data)
    return Document(data, title=_title(source))


def _read(source: Source) -> bytes:
    """Return the bytes of a source, without reading more than a request can hold."""
    name = _name(source)
    try:
        match source:
            case bytes():
                data = source
            case str() | os.PathLike():
                with Path(source).open("rb") as file:
                    data = file.read(MAX_REQUEST + 1)
            case _:
                data = source.read(MAX_REQUEST + 1)
    except OSError as error:
        raise MediaError(f"cannot read {name}: {error.strerror or error}") from error
    if not isinstance(data, bytes):
        raise MediaError(f"{name} gave text, not bytes: open it in binary mode")
    if not data:
        raise MediaError(f"{name} is empty")
    if len(data) > MAX_REQUEST:
        raise MediaError(
            f"{name} is over {_megabytes(MAX_REQUEST)}, more than a whole request can hold: "
            "split it, or upload it through the Files API (service.sdk.files)"
        )
    return data


def _image_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in IMAGE_STARTS.items() if data.startswith(start)), None)


def _text(data: bytes, name: str) -> str:
    encoding = next((encoding for bom, encoding in TEXT_BOMS.items() if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise MediaError(f"{name} is neither text (UTF-8 or UTF-16), nor a PDF, nor an image that Claude reads")
    if not text.strip():
        raise MediaError(f"{name} has nothing but white space")
    return text


def _name(source: object) -> str:
    """Return how to speak of a source in an error."""
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    return _file_name(source) or f"<{type(source).__name__}>"


def _file_name(source: object) -> str | None:
    if isinstance(source, os.PathLike | str):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


def _title(source: object) -> str | None:
    """Return the name a document goes by: as the user wrote it, but without the folders of this machine."""
    name = _file_name(source)
    return Path(name).name if name and Path(name).is_absolute() else name


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
