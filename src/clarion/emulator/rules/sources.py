"""Images and documents: decodable, of the type they claim, not too many and not too large."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from clarion.emulator.media import Pdf, Picture, fitted, open_pdf, open_picture, tier
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_citations", "check_counts", "read_media"]

MAX_IMAGE_BYTES = 10 * 1024 * 1024  # of base64
MAX_SIDE_PX = 8000
MANY_IMAGES = 20
MAX_SIDE_PX_OF_MANY = 2000
LARGE_CONTEXT = 1_000_000
MAX_IMAGES = {True: 600, False: 100}  # by whether the context window is large
MAX_PAGES = {True: 600, False: 100}


def read_media(call: Call) -> dict[str, Picture | Pdf]:
    """Return what every base64 source holds, by the path of its block; refuse what cannot be taken."""
    media: dict[str, Picture | Pdf] = {}
    for path, block in call.blocks():
        source = block.get("source")
        if not isinstance(source, dict) or source["type"] != "base64":
            continue
        read = _picture if block["type"] == "image" else _pdf
        media[path] = read(call, path, block, source)
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
        _check_many(call)


def check_citations(call: Call) -> None:
    """Refuse documents of which some are to be cited and some are not."""
    documents = [block for _, block in call.blocks() if block["type"] == "document"]
    cited = {bool((block.get("citations") or {}).get("enabled")) for block in documents}
    if len(cited) > 1:
        raise invalid("messages", "citations must be enabled on all or none of the documents in a request")


def _check_many(call: Call) -> None:
    for path, picture in call.media.items():
        if isinstance(picture, Picture) and picture.longest > MAX_SIDE_PX_OF_MANY:
            raise invalid(
                f"{path}.image.source.base64.data",
                "At least one of the image dimensions exceed max allowed size for many-image requests: "
                f"{MAX_SIDE_PX_OF_MANY} pixels",
                error_code="image_dimensions_too_large",
                max_side_length_pixels=MAX_SIDE_PX_OF_MANY,
                paths=[path],
            )


def _picture(call: Call, path: str, block: dict[str, Any], source: dict[str, Any]) -> Picture:
    here = f"{path}.image.source.base64"
    if len(source["data"]) > MAX_IMAGE_BYTES:
        raise invalid(here, f"image exceeds 10 MB maximum: {len(source['data'])} bytes > {MAX_IMAGE_BYTES} bytes")
    picture = open_picture(_decoded(f"{here}.data", source["data"]))
    if picture is None:
        raise invalid(f"{here}.data", "Could not process image")
    if picture.longest > MAX_SIDE_PX:
        raise invalid(
            f"{here}.data",
            f"At least one of the image dimensions exceed max allowed size: {MAX_SIDE_PX} pixels",
            error_code="image_dimensions_too_large",
            max_side_length_pixels=MAX_SIDE_PX,
            paths=[path],
        )
    if picture.media_type != source["media_type"]:
        raise invalid(
            here,
            f"The image was specified using the {source['media_type']} media type, but the image appears to be "
            f"a {picture.media_type} image",
        )
    _check_downsize(call, path, block, picture)
    return picture


def _check_downsize(call: Call, path: str, block: dict[str, Any], picture: Picture) -> None:
    size = (picture.width, picture.height)
    fit = fitted(*size, tier(call.model.image_tier))
    if fit != size and (block.get("transformations") or {}).get("oversized_image") == "error":
        most = f"{fit[0]}x{fit[1]}"
        raise invalid(
            path,
            f"image dimensions {size[0]}x{size[1]} exceed the maximum image size of a model named on this "
            f"request and would be downsized to {most}; scale the image to at most {most} or set the image's "
            'oversized_image setting to "downsize"',
        )


def _pdf(call: Call, path: str, block: dict[str, Any], source: dict[str, Any]) -> Pdf:
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
