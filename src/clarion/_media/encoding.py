"""Pixels to a file that the API takes: PNG for what is drawn, JPEG for what is photographed, WebP for photographs
with transparency; of lower quality when it would be too large.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media.source import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image as Pixels

MAX_IMAGE = 10 * 2**20  # bytes of an image once in base64
MAX_BINARY = MAX_IMAGE // 4 * 3  # bytes that become this

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}

QUALITIES = (90, 80, 65, 45, 25)
SMALL_PX = 256 * 256  # an image so small that it costs nothing to lose nothing
FLAT = 0.5  # share of pixels that equal the one before, from which an image is drawn rather than photographed


def encoded(image: Pixels, name: str, *, is_lossy: bool, limit: int = MAX_BINARY) -> tuple[str, bytes]:
    """Return the media type and the bytes of an image in L, RGB or RGBA. `is_lossy` says that it was a JPEG already."""
    for form, options in _ways(image, prefers_png=not is_lossy and _is_flat(image)):
        buffer = io.BytesIO()
        image.save(buffer, form, **options)
        if buffer.tell() <= limit:
            return MEDIA_TYPES[form], buffer.getvalue()
    raise MediaError(f"{name} cannot be brought under {megabytes(limit)}: scale it down first")


def _ways(image: Pixels, *, prefers_png: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    if prefers_png:
        yield "PNG", {}
    for quality in QUALITIES:
        if image.mode == "RGBA":
            yield "WEBP", {"quality": quality, "method": 3}
        else:
            yield "JPEG", {"quality": quality}


def _is_flat(image: Pixels) -> bool:
    """Whether the image looks drawn: screens, charts and scans repeat a pixel, photographs hardly ever do."""
    from PIL import ImageChops

    width, height = image.size
    if width * height <= SMALL_PX:
        return True
    grey = image.convert("L")
    before = grey.crop((0, 0, width - 1, height))
    after = grey.crop((1, 0, width, height))
    unchanged: int = ImageChops.difference(before, after).histogram()[0]
    return unchanged >= FLAT * (width - 1) * height
