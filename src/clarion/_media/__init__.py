"""Images and documents: from what a user has to content blocks that the API takes.

Libraries that read files are imported when the first file is read.
"""

from __future__ import annotations

from clarion._media.document import Document
from clarion._media.image import Image
from clarion._media.parts import attachment, fitted, image_tokens, prepare, refitted
from clarion._media.sizes import HIGH, STANDARD, Tier, tier_of

__all__ = [
    "HIGH",
    "STANDARD",
    "Document",
    "Image",
    "Tier",
    "attachment",
    "fitted",
    "image_tokens",
    "prepare",
    "refitted",
    "tier_of",
]
