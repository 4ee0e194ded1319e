"""Images and PDFs: what their bytes say, and what the API's limits and token rule make of them.

Only headers are read to judge an image; its pixels are decoded for the description alone, shrunk, and never
when there are so many of them that a small file could be a bomb. Source: Claude documentation, "Vision" and
"PDF support" (November 2026).
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["UNREAD", "Pdf", "Picture", "Tier", "fitted", "image_tokens", "look", "open_pdf", "open_picture", "tier"]

PATCH = 28  # px; an image costs one token a patch
MAX_DECODED = 24_000_000  # pixels looked at for a description
BOMB_PX = 1 << 16  # the side of an image so large that Pillow would not even name its size
UNREAD = "image/*"  # the media type of such an image
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (208, 32, 32),
    "orange": (240, 140, 30),
    "yellow": (240, 220, 50),
    "green": (50, 150, 60),
    "teal": (40, 160, 160),
    "light blue": (140, 190, 240),
    "blue": (40, 80, 200),
    "dark blue": (20, 30, 90),
    "purple": (130, 50, 170),
    "pink": (240, 140, 190),
    "brown": (120, 75, 40),
    "beige": (225, 205, 170),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image whose header could be read. Sizes in pixels."""

    media_type: str
    width: int
    height: int
    data: bytes

    @property
    def longest(self) -> int:
        """The longer side, in pixels."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF whose page tree could be read."""

    pages: int
    is_encrypted: bool
    data: bytes

    def texts(self, most: int) -> list[str]:
        """Return the text of the first pages, at most so many; a page that cannot be read has none."""
        import pypdf

        try:
            return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(self.data)).pages[:most]]
        except Exception:  # noqa: BLE001 - pypdf raises what a broken page makes it raise
            return []

    def first_line(self) -> str:
        """Return the first line of text on the first page; empty when there is none."""
        text = next(iter(self.texts(1)), "")
        return next((line.strip() for line in text.splitlines() if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Tier:
    """How large an image may be before the API shrinks it: long edge in pixels, size in tokens."""

    edge_px: int
    tokens: int


TIERS = {"high": Tier(2576, 4784), "standard": Tier(1568, 1568)}


def tier(name: str) -> Tier:
    """Return the image tier of that name: `high` or `standard`."""
    return TIERS[name]


def image_tokens(width: int, height: int, limit: Tier) -> int:
    """Return the tokens of an image of this size in pixels, after the API has fitted it."""
    return _patches(*fitted(width, height, limit))


def fitted(width: int, height: int, limit: Tier) -> tuple[int, int]:
    """Return the largest size of the same shape that meets both limits; the size itself if it does."""
    if _fits(width, height, limit):
        return width, height
    low, high = 1, max(width, height)
    while low < high:  # the longest edge that fits; the limits hold for all shorter ones
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(*_scaled(width, height, middle), limit) else (low, middle - 1)
    return _scaled(width, height, low)


def open_picture(data: bytes) -> Picture | None:
    """Read an image's header. None when it is no JPEG, PNG, GIF or WebP."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=list(MEDIA_TYPES)) as image:
            return Picture(MEDIA_TYPES[image.format or ""], *image.size, data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Picture(UNREAD, BOMB_PX, BOMB_PX, data)
    except Exception:  # noqa: BLE001 - Pillow raises many kinds of errors on what is no image
        return None


def open_pdf(data: bytes) -> Pdf | None:
    """Read a PDF's page count. None when it is no PDF."""
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        return Pdf(0 if reader.is_encrypted else len(reader.pages), reader.is_encrypted, data)
    except Exception:  # noqa: BLE001 - pypdf raises many kinds of errors on what is no PDF
        return None


def look(picture: Picture) -> str:
    """Describe an image as seen through a frosted window: its main colours and how bright it is."""
    from PIL import Image

    if picture.width * picture.height > MAX_DECODED:
        return "too large to look at here"
    try:
        with Image.open(io.BytesIO(picture.data)) as image:
            image.draft("RGB", (64, 64))
            small = image.convert("RGB").resize((24, 24), Image.Resampling.BOX)
    except Exception:  # noqa: BLE001 - broken pixels may follow a good header
        return "its pixels cannot be decoded"
    raw = small.tobytes()
    pixels = list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))
    return f"{_colours(pixels)}; {_brightness(pixels)}"


def _colours(pixels: list[tuple[int, int, int]]) -> str:
    names = [_nearest(pixel) for pixel in pixels]
    share = {name: names.count(name) / len(names) for name in COLOURS}
    first, *others = sorted(share, key=lambda name: -share[name])
    others = [name for name in others if share[name] >= 0.08][:2]
    if share[first] > 0.98:
        return f"all {first}"
    return f"mostly {first}" + (f" with {' and '.join(others)}" if others else "")


@lru_cache(1 << 14)
def _nearest(pixel: tuple[int, int, int]) -> str:
    return min(COLOURS, key=lambda name: sum((a - b) ** 2 for a, b in zip(pixel, COLOURS[name], strict=True)))


def _brightness(pixels: list[tuple[int, int, int]]) -> str:
    mean = sum(0.3 * red + 0.59 * green + 0.11 * blue for red, green, blue in pixels) / len(pixels)
    return "dark" if mean < 70 else "bright" if mean > 185 else "of medium brightness"


def _patches(width: int, height: int) -> int:
    return math.ceil(width / PATCH) * math.ceil(height / PATCH)


def _fits(width: int, height: int, limit: Tier) -> bool:
    longest = math.ceil(max(width, height) / PATCH) * PATCH
    return longest <= limit.edge_px and _patches(width, height) <= limit.tokens


def _scaled(width: int, height: int, edge: int) -> tuple[int, int]:
    scale = edge / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))
