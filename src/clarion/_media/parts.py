"""Images and documents by what they hold, and many of them at once."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media import raster
from clarion._media.document import Document
from clarion._media.encoding import MAX_IMAGE
from clarion._media.image import Image
from clarion._media.pdf import MAX_PAGES
from clarion._media.sizes import HIGH, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion._prompt import Part

MAX_THREADS = 8  # each holds one decoded image


def image_tokens(block: dict[str, Any], tier: Tier) -> int | None:
    """Return what the image in a content block costs, exactly; None for anything else, and what only the API reads."""
    match block:
        case {"type": "image", "source": {"type": "base64", "data": str(data)}}:
            try:
                return Image(base64.b64decode(data)).tokens(tier)
            except (MediaError, ValueError):
                return None
    return None


def prepare(parts: Sequence[Part], tier: Tier = HIGH, *, max_pages: int | None = None) -> list[dict[str, Any]]:
    """Return the content blocks of images, documents and other parts, in their order, made in several threads.

    More than 20 images in one request must be smaller, and are made so. `max_pages` is what the model takes of a PDF;
    None is not known, so as much as any model takes. Raises the first MediaError.
    """
    from concurrent.futures import ThreadPoolExecutor

    if not parts:
        return []
    fitting = tier.for_many(sum(isinstance(part, Image) for part in parts))

    threads = min(MAX_THREADS, os.cpu_count() or 1, len(parts))
    with ThreadPoolExecutor(threads, thread_name_prefix="clarion-media") as pool:
        return list(pool.map(lambda part: fitted(part, fitting, max_pages=max_pages), parts))


def fitted(part: Part, tier: Tier, *, max_pages: int | None) -> dict[str, Any]:
    """Return the content block of one part for a model of this tier. Raises MediaError."""
    match part:
        case Image():
            return part.block(tier)
        case Document():
            return part.block(tier, max_pages=max_pages or MAX_PAGES)
    return part.block()


def refitted(block: dict[str, Any], tier: Tier, *, most_px: int) -> dict[str, Any] | None:
    """Return an image block that the API would refuse for its size, made to fit; None for any other block.

    `most_px` is the longest edge that is taken. Raises MediaError for an image that cannot be scaled down.
    """
    match block:
        case {"type": "image", "source": {"type": "base64", "data": str(text)}}:
            try:
                data = base64.b64decode(text)
                with raster.decoding("an image block"):
                    size = raster.opened(data, "an image block").size
            except (MediaError, ValueError):
                return None  # no image at all: the API says best what it is
            if max(size) > most_px or len(text) > MAX_IMAGE:
                return {**block, **Image(data).block(tier)}
    return None
