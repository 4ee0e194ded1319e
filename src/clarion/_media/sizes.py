"""What the API keeps of an image, by the rule of 28 pixels.

An image costs one token for every patch of 28 x 28 px, begun ones included. What is above the limits of the model's
tier is scaled down before the model sees it: it is sent and waited for in vain. Source: Claude documentation, "Vision"
(November 2026).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

PATCH_PX = 28
MAX_EDGE_PX = 8000  # of an image that the API takes at all
MANY_IMAGES = 20  # a request with more of them
MAX_EDGE_OF_MANY_PX = 2000  # takes none with a longer edge


@dataclass(frozen=True, slots=True)
class Tier:
    """How large an image the models of a tier see: the long edge in pixels, the whole in tokens."""

    max_edge_px: int
    max_tokens: int

    def for_many(self, images: int) -> Tier:
        """Return the tier as it is in a request with so many images, those of earlier turns included."""
        if images <= MANY_IMAGES:
            return self
        return replace(self, max_edge_px=min(self.max_edge_px, MAX_EDGE_OF_MANY_PX))


def most_px(images: int) -> int:
    """Return the longest edge that is taken in a request with so many images."""
    return MAX_EDGE_OF_MANY_PX if images > MANY_IMAGES else MAX_EDGE_PX


HIGH = Tier(max_edge_px=2576, max_tokens=4784)
STANDARD = Tier(max_edge_px=1568, max_tokens=1568)


def tier_of(name: str | None) -> Tier:
    """Return the tier that the catalogue calls by this name; the higher one for a model that is not known."""
    return STANDARD if name == "standard" else HIGH


def tokens(width: int, height: int) -> int:
    """Return what an image of this size costs when it is not scaled down."""
    return _patches(width) * _patches(height)


def kept_size(width: int, height: int, tier: Tier) -> tuple[int, int]:
    """Return the largest size of the same shape within the limits; the size itself if it is within them."""
    long, short = max(width, height), min(width, height)
    if not _breaks(long, short, tier):
        return width, height
    edge = bisect_left(range(1, long), True, key=lambda edge: _breaks(edge, _scaled(short, edge, long), tier))
    kept = max(1, edge), _scaled(short, max(1, edge), long)
    return kept if width >= height else kept[::-1]


def _patches(edge: int) -> int:
    return -(-edge // PATCH_PX)


def _breaks(long: int, short: int, tier: Tier) -> bool:
    return _patches(long) * PATCH_PX > tier.max_edge_px or tokens(long, short) > tier.max_tokens


def _scaled(short: int, edge: int, long: int) -> int:
    """Return the short edge, to the nearest pixel, when the long one becomes `edge`."""
    return max(1, (2 * short * edge + long) // (2 * long))
