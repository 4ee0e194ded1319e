"""Images and documents: decodable, of the type they claim, not too many and not too large."""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from clarion.emulator.media import UNREAD, Pdf, Picture, fitted, open_pdf, open_picture, tier
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.call import Call

__all__ = ["check_citations", "check_counts", "read_media", "readable_media"]

MAX_IMAGE_BYTES = 10 * 1024 * 1024  # of base64
MAX_SIDE_PX = 8000
MANY_IMAGES = 20
MAX_SIDE_PX_OF_MANY = 2000
LARGE_CONTEXT = 1_000_000
MAX_IMAGES = {True: 600, False: 100}  # by whether the context window is large
MAX_PAGES = {True: 600, False: 100}
INSIDE = re.compile(r"\.(?:tool_result|document\.source\.content)\.content")  # as clients nest it: `.content`


def read_media(call: Call) -> dict[str, Picture | Pdf]:
    """Return what every base64 source holds, by the path of its block; refuse what cannot be taken."""
    media: dict[str, Picture | Pdf] = {}
    for path, block, source in _base64(call):
        media[path] = _picture(path, source) if block["type"] == "image" else _pdf(path, source)
    _check_sides(media, MAX_SIDE_PX, "max allowed size")
    for path, block in call.blocks():
        picture = media.get(path)
        if isinstance(picture, Picture):
            _check_downsize(call, path, block, picture)
    return media


def readable_media(call: Call) -> dict[str, Picture | Pdf]:
    """Return what the base64 sources hold that are what they claim to be; the others may be placeholders."""
    media: dict[str, Picture | Pdf] = {}
    for path, block, source in _base64(call):
        with suppress(Refusal):
            media[path] = _picture(path, source) if block["type"] == "image" else _pdf(path, source)
    return media


def check_counts(call: Call) -> None:
    """Refuse too many images or pages, and large images among many."""
    kinds = [block["type"] for _, block in call.blocks()]
    images = kinds.count("image")
    is_large = call.model.context >= LARGE_CONTEXT
    if images > MAX_IMAGES[is_large]:
        raise invalid("messages", f"too many images: {images} > {MAX_IMAGES[is_large]} maximum")
    pages = sum(found.pages for found in call.media.values() if isinstance(found, Pdf))
    if pages > MAX_PAGES[is_large]:
        raise invalid("", f"A maximum of {MAX_PAGES[is_large]} PDF pages may be provided.")
    if images > MANY_IMAGES:
        _check_sides(call.media, MAX_SIDE_PX_OF_MANY, "max allowed size for many-image requests")


def check_citations(call: Call) -> None:
    """Refuse documents of which some are to be cited and some are not."""
    documents = [block for _, block in call.blocks() if block["type"] == "document"]
    cited = {bool((block.get("citations") or {}).get("enabled")) for block in documents}
    if len(cited) > 1:
        raise invalid("messages", "citations must be enabled on all or none of the documents in a request")


def _base64(call: Call) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for path, block in call.blocks():
        source = block.get("source")
        if isinstance(source, dict) and source["type"] == "base64":
            yield path, block, source


def _check_sides(media: dict[str, Picture | Pdf], most: int, limit: str) -> None:
    """Refuse images with a side over `most` pixels, naming all of them by where the client put them."""
    large = [path for path, found in media.items() if isinstance(found, Picture) and found.longest > most]
    if large:
        raise invalid(
            f"{large[0]}.image.source.base64.data",
            f"At least one of the image dimensions exceed {limit}: {most} pixels",
            error_code="image_dimensions_too_large",
            max_side_length_pixels=most,
            paths=[INSIDE.sub(".content", path) for path in large],
        )


def _picture(path: str, source: dict[str, Any]) -> Picture:
    here = f"{path}.image.source.base64"
    if len(source["data"]) > MAX_IMAGE_BYTES:
        raise invalid(here, f"image exceeds 10 MB maximum: {len(source['data'])} bytes > {MAX_IMAGE_BYTES} bytes")
    picture = open_picture(_decoded(f"{here}.data", source["data"]))
    if picture is None:
        raise invalid(f"{here}.data", "Could not process image")
    if picture.media_type not in {source["media_type"], UNREAD}:
        raise invalid(
            here,
            f"The image was specified using the {source['media_type']} media type, but the image appears to be "
            f"a {picture.media_type} image",
        )
    return picture


def _check_downsize(call: Call, path: str, block: dict[str, Any], picture: Picture) -> None:
    size = (picture.width, picture.height)
    fit = fitted(*size, tier(call.model.image_tier))
    is_exact = (block.get("transformations") or {}).get("oversized_image") == "error"
    if fit != size and (is_exact or path.rpartition(".tool_result.")[0] in _toolset_results(call)):
        most = f"{fit[0]}x{fit[1]}"
        raise invalid(
            INSIDE.sub(".content", path),
            f"image dimensions {size[0]}x{size[1]} exceed the maximum image size of a model named on this "
            f"request and would be downsized to {most}; scale the image to at most {most} or set the image's "
            'oversized_image setting to "downsize"',
        )


def _toolset_results(call: Call) -> set[str]:
    """Return the paths of results of toolsets: what they show has to arrive as it was made."""
    return {path for path, block in call.blocks() if block["type"] == "tool_result" and block.get("toolset_name")}


def _pdf(path: str, source: dict[str, Any]) -> Pdf:
    here = f"{path}.document.source.base64.data"
    pdf = open_pdf(_decoded(here, source["data"]))
    if pdf is None:
        raise invalid(here, "The PDF specified was not valid.")
    if pdf.is_encrypted:
        raise invalid(here, "The PDF specified is password protected.")
    return pdf


def _decoded(path: str, data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(path, "Invalid base64 data") from None
