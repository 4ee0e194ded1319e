"""What a file is to a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._errors import MediaError
from clarion._media import kinds
from clarion._media.document import Document
from clarion._media.source import Raw, Source

if TYPE_CHECKING:
    from clarion._media.image import Image


def attachment(source: Raw) -> Image | Document:
    """Return what a file is to a prompt, by its content: an Image or a Document, web pages as their source.

    Raises MediaError.
    """
    named = Source(source)
    if named.remote():
        raise MediaError(f"what {named.name} holds is not known here: pass it as Image(...) or Document(...)")
    if not kinds.image_format(named.head()):
        return Document(named, as_text=True)
    from clarion._media.image import Image

    return Image(named)
