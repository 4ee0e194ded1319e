"""Pixels from bytes that nobody vouches for: opened, scaled down, turned upright, in sRGB.

The size is judged by the header, before anything is decoded. Whatever is wrong with an image becomes a MediaError.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media import kinds
from clarion._media.extras import extra
from clarion._media.source import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from PIL.Image import Image as Pixels

MAX_DECODED = 256 * 2**20  # bytes of memory: 64 million pixels in colour, half with transparency, more in grey

ORIENTATION = 0x0112  # EXIF tags
GPS = 0x8825
TURNS = {  # EXIF orientation, and the turn that undoes it
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises on a bad image into a MediaError."""
    import PIL.Image

    try:
        yield
    except MediaError:
        raise
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning, MemoryError) as error:
        raise MediaError(f"{name} has too many pixels to decode safely ({error}): scale it down first") from error
    except PIL.UnidentifiedImageError as error:
        raise MediaError(f"{name} is a broken or truncated image: its header cannot be read") from error
    except Exception as error:
        raise MediaError(f"{name} is a broken or truncated image: {str(error) or type(error).__name__}") from error


def opened(data: bytes, name: str) -> Pixels:
    """Return an image of which only the header has been read. To be called in `decoding`."""
    import PIL.Image

    known = kinds.image_format(data)
    if known is None:
        raise MediaError(f"{name} {_what_else(data)}")
    if known == "HEIF":
        extra("pillow_heif", "heif", name).register_heif_opener()
    image = PIL.Image.open(io.BytesIO(data), formats=[known])
    if known == "TIFF" and (pages := getattr(image, "n_frames", 1)) > 1:
        raise MediaError(f"{name} has {pages} pages, and an image is one: save it as PDF, or pass page by page")
    return image


def decode(image: Pixels, name: str, size: tuple[int, int]) -> None:
    """Decode an image that was opened here; a JPEG at a half, a quarter or an eighth if that is large enough.

    Raises MediaError for one that would take too much memory.
    """
    whole = image.size
    image.draft(None, size)
    width, height = whole if "progressive" in image.info else image.size  # a progressive JPEG is held whole
    needed = width * height * _bytes_a_pixel(image)
    if needed > MAX_DECODED:
        raise MediaError(
            f"{name} is {whole[0]} x {whole[1]} px and needs {megabytes(needed)} to decode; "
            f"at most {megabytes(MAX_DECODED)} are spent on an image: scale it down first"
        )
    image.load()


def tells_too_much(image: Pixels, data: bytes) -> bool:
    """Whether the metadata turns the image or says where it was taken."""
    exif = _exif(image)
    if exif is None:
        return True
    return exif.get(ORIENTATION, 1) != 1 or GPS in exif or b"GPSLatitude" in data or "GPS" in _xmp(image)


def drawn(image: Pixels, name: str, size: tuple[int, int]) -> Pixels:
    """Return a decoded image upright, of the size it is to have before it is turned, in L, RGB or RGBA of sRGB.

    The result is a new image without metadata.
    """
    import PIL.Image

    turn = TURNS.get((_exif(image) or {}).get(ORIENTATION, 1))
    profile = image.info.get("icc_profile")
    made = _scalable(image, name)
    if made.size != size:
        made = made.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
    made = _standard(_in_srgb(made, profile))
    if turn:
        made = made.transpose(PIL.Image.Transpose[turn])
    made = made.copy() if made is image else made
    made.info = {}
    return made


def _what_else(data: bytes) -> str:
    if kinds.is_svg(data):
        return "is an SVG drawing, which Claude does not see: render it to PNG, or send its source as a Document"
    return "is no image that can be read: Claude sees JPEG, PNG, GIF and WebP, and most others are converted"


def _bytes_a_pixel(image: Pixels) -> int:
    if image.has_transparency_data:
        return 8  # scaling weighs the colours by their transparency, in a copy
    return 1 if image.mode in ("1", "L") else 4


def _exif(image: Pixels) -> Mapping[int, Any] | None:
    """Return the EXIF tags; None when they are broken."""
    try:
        return image.getexif()
    except Exception:  # noqa: BLE001 -- Pillow raises many kinds of errors on a broken table
        return None


def _xmp(image: Pixels) -> str:
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    return xmp if isinstance(xmp, str) else bytes(xmp).decode("utf-8", "replace")


def _scalable(image: Pixels, name: str) -> Pixels:
    """Return the image in a mode in which neighbouring pixels can be mixed."""
    if image.has_transparency_data:
        return image.convert("RGBA")
    match image.mode:
        case "1":
            return image.convert("L")
        case "P" | "PA":
            return image.convert("RGB")
        case "F":
            raise MediaError(f"{name} has floating-point pixels, so what is white is unknown: make them 8 bits")
        case mode if mode.startswith("I"):
            return _from_16_bits(image.convert("I"), name)
    return image


def _from_16_bits(image: Pixels, name: str) -> Pixels:
    extremes: Any = image.getextrema()  # one pair, because the image has one band
    low, high = extremes
    if low < 0 or high > 0xFFFF:
        raise MediaError(f"{name} has pixels from {low} to {high}, so what is white is unknown: make them 8 bits")
    return image.point(lambda value: value * (1 / 257) + 0.5).convert("L")


def _in_srgb(image: Pixels, profile: bytes | None) -> Pixels:
    """Return the image with its colour profile applied; as it is when the profile is sRGB or cannot be used."""
    from PIL import ImageCms

    if not profile:
        return image
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(given):
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        made = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return made or image


def _standard(image: Pixels) -> Pixels:
    """Return the image in L, RGB, or RGBA if anything is transparent."""
    if image.mode == "RGBA":
        is_opaque = image.getchannel("A").getextrema() == (255, 255)
        return image.convert("RGB") if is_opaque else image
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
