"""Images and documents: from what a user has to content blocks that the API takes.

Its modules are imported on first use, the libraries that read files when the first file is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._names import finder

if TYPE_CHECKING:
    from clarion._media.document import Document
    from clarion._media.file import attachment
    from clarion._media.image import Image
    from clarion._media.parts import fitted, image_tokens, prepare, refitted
    from clarion._media.sizes import HIGH, STANDARD, Tier, tier_of

__getattr__ = finder(
    __name__,
    {
        "document": ("Document",),
        "file": ("attachment",),
        "image": ("Image",),
        "parts": ("fitted", "image_tokens", "prepare", "refitted"),
        "sizes": ("HIGH", "STANDARD", "Tier", "tier_of"),
    },
)

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
