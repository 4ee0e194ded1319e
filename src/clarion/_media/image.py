"""An image as a user has it, and the content block it becomes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media import raster
from clarion._media.encoding import MAX_BINARY, MEDIA_TYPES, encoded
from clarion._media.sizes import HIGH, Tier, kept_size, tokens
from clarion._media.source import Array, Raw, Source

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

MAX_FILE = 256 * 2**20  # bytes of a file that is read to be scaled down
PLAIN_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


class Image:
    """An image for a prompt: a path, a URL, a data URI, bytes, an open file, a Pillow image, a numpy array of uint8, or
    the id of a file of the Files API.

    A URL is passed on for the API to read, unless `fetch` is true. Everything else is read when it is sent, turned
    upright, and scaled down to what the model sees. What is small enough and says nothing of a place is sent as it is,
    byte for byte. Of an animation, the first frame is sent.
    """

    __slots__ = ("_source",)

    def __init__(self, source: Raw | Pixels | Array | Source, *, fetch: bool = False) -> None:
        self._source = source if isinstance(source, Source) else Source(source, fetch=fetch)

    def __repr__(self) -> str:
        return f"Image({self._source.name!r})"

    def block(self, tier: Tier = HIGH) -> dict[str, Any]:
        """Return the content block for a model of this tier. Raises MediaError if the image cannot be read or sent."""
        source = self._source.remote()
        if source is None:
            media_type, data = self._prepared(tier)
            text = base64.standard_b64encode(data).decode("ascii")
            source = {"type": "base64", "media_type": media_type, "data": text}
        return {"type": "image", "source": source}

    def tokens(self, tier: Tier = HIGH) -> int:
        """Return what the image costs, exactly. Raises MediaError for one that only the API can read."""
        if self._source.remote():
            raise MediaError(f"the size of {self._source.name} is not known here: pass the file, or fetch=True")
        with raster.decoding(self._source.name):
            image, _ = self._opened()
            return tokens(*self._kept_size(image, tier))

    def _prepared(self, tier: Tier) -> tuple[str, bytes]:
        """Return the media type and the bytes to send."""
        name = self._source.name
        with raster.decoding(name):
            image, data = self._opened()
            size = self._kept_size(image, tier)
            if data and size == image.size and len(data) <= MAX_BINARY and _is_plain(image, data):
                raster.decode(image, name, (1, 1))  # only to see that it is whole
                return MEDIA_TYPES[str(image.format)], data
            if data:
                raster.decode(image, name, size)
            was_lossy = image.format in ("JPEG", "MPO")
            return encoded(raster.drawn(image, name, size), name, is_lossy=was_lossy)

    def _opened(self) -> tuple[Pixels, bytes]:
        """Return the image, and the bytes of its file, which are none if it was in memory."""
        import PIL.Image

        raw = self._source.raw
        if isinstance(raw, PIL.Image.Image):
            return raw, b""
        if hasattr(raw, "__array_interface__"):
            return _from_array(raw), b""
        data = self._source.read(MAX_FILE)
        return raster.opened(data, self._source.name), data

    def _kept_size(self, image: Pixels, tier: Tier) -> tuple[int, int]:
        width, height = image.size
        if min(image.size) < 1:
            raise MediaError(f"{self._source.name} is {width} x {height} px: there is nothing to see")
        kept = kept_size(width, height, tier)
        if min(image.size) * max(kept) < max(image.size):
            raise MediaError(
                f"{self._source.name} is a strip of {width} x {height} px; scaled down to {max(kept)} px it would be "
                "thinner than a pixel: cut it into pieces"
            )
        return kept


def _is_plain(image: Pixels, data: bytes) -> bool:
    """Whether the file can be sent as it is: of a type that the API takes, and with nothing to be undone."""
    return (
        image.format in MEDIA_TYPES
        and image.mode in PLAIN_MODES
        and not getattr(image, "is_animated", False)
        and not raster.tells_too_much(image, data)
    )


def _from_array(array: Array) -> Pixels:
    import PIL.Image

    interface = array.__array_interface__
    shape, kind = tuple(interface["shape"]), interface["typestr"]
    if kind != "|u1" or len(shape) not in (2, 3) or shape[2:] not in ((), (3,), (4,)):
        raise MediaError(
            f"an array of shape {shape} and type {kind} is no image: pass uint8 (0 to 255) of height x width, "
            "with 3 or 4 channels last for colour"
        )
    if 0 in shape:
        raise MediaError(f"an array of shape {shape} is no image: there is nothing to see")
    return PIL.Image.fromarray(array)
