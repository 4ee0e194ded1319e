"""Pictures to test with, and how to see what became of them."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import PIL.Image

Colour = tuple[int, int, int]

CORNERS: tuple[Colour, ...] = ((220, 30, 30), (30, 180, 60), (40, 60, 220), (240, 220, 40))


def flag(width: int = 120, height: int = 80) -> PIL.Image.Image:
    """Return a picture with another colour in every quarter, so that every turn of it shows."""
    image = PIL.Image.new("RGB", (width, height))
    half_width, half_height = width // 2, height // 2
    for index, colour in enumerate(CORNERS):
        left, top = index % 2 * half_width, index // 2 * half_height
        image.paste(colour, (left, top, left + half_width, top + half_height))
    return image


def noise(width: int, height: int, *, mode: str = "RGB", seed: int = 1) -> PIL.Image.Image:
    """Return a picture that no encoder makes small."""
    size = width * height * len(PIL.Image.new(mode, (1, 1)).getbands())
    return PIL.Image.frombytes(mode, (width, height), random.Random(seed).randbytes(size))


def saved(image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    """Return the bytes of a picture in a format, named as Pillow does."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def sent(block: dict[str, Any]) -> bytes:
    """Return the bytes that a content block carries."""
    data: str = block["source"]["data"]
    return base64.b64decode(data)


def seen(block: dict[str, Any]) -> PIL.Image.Image:
    """Return the picture that a content block carries, decoded by the format it claims."""
    form = block["source"]["media_type"].removeprefix("image/").upper()
    image = PIL.Image.open(io.BytesIO(sent(block)), formats=[form])
    image.load()
    return image


def corners(image: PIL.Image.Image) -> list[Colour]:
    """Return the colours in the middle of the four quarters."""
    rgb = image.convert("RGBA").convert("RGB")
    places = [(x * rgb.width // 4, y * rgb.height // 4) for y in (1, 3) for x in (1, 3)]
    return [_colour(rgb.getpixel(place)) for place in places]


def is_near(one: Colour, other: Colour, tolerance: int = 12) -> bool:
    """Whether two colours look the same."""
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def looks_like_the_flag(image: PIL.Image.Image, tolerance: int = 12) -> bool:
    """Whether a picture is the flag, upright and in its colours."""
    return all(is_near(*pair, tolerance) for pair in zip(corners(image), CORNERS, strict=True))


def _colour(pixel: Any) -> Colour:
    red, green, blue = pixel
    return red, green, blue
