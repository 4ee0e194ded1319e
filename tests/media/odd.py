"""Forty files that a camera, a scanner, a bug or an enemy makes. Each is either seen right or refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import PIL.Image

from media.pictures import flag, saved

BIG = (300, 200)

# What is seen right, though it is no plain RGB file: how the flag is stored.
RIGHT: dict[str, Callable[[], bytes]] = {
    "a CMYK JPEG": lambda: saved(flag(*BIG).convert("CMYK"), "JPEG", quality=95),
    "a CMYK TIFF": lambda: saved(flag(*BIG).convert("CMYK"), "TIFF"),
    "a YCbCr TIFF": lambda: saved(flag(*BIG).convert("YCbCr"), "TIFF", compression="jpeg", quality=95),
    "a TIFF in LZW": lambda: saved(flag(*BIG), "TIFF", compression="tiff_lzw"),
    "a BigTIFF": lambda: saved(flag(*BIG), "TIFF", big_tiff=True),
    "a palette PNG": lambda: saved(flag(*BIG).quantize(16), "PNG"),
    "a palette PNG of 2 bits": lambda: saved(flag(*BIG).quantize(4), "PNG", bits=2),
    "a palette PNG with a transparent entry": lambda: saved(flag(*BIG).quantize(16), "PNG", transparency=15),
    "a palette BMP": lambda: saved(flag(*BIG).quantize(16), "BMP"),
    "a palette TIFF": lambda: saved(flag(*BIG).quantize(16), "TIFF"),
    "a GIF": lambda: saved(flag(*BIG), "GIF"),
    "an RGBA PNG": lambda: saved(flag(*BIG).convert("RGBA"), "PNG"),
    "a PNG with a transparent colour": lambda: saved(flag(*BIG), "PNG", transparency=(1, 2, 3)),
    "an RGBA BMP": lambda: saved(flag(*BIG).convert("RGBA"), "BMP"),
    "an RGBA WebP": lambda: saved(flag(*BIG).convert("RGBA"), "WEBP", lossless=True),
    "a PNG of 16 bits a colour": lambda: png(*BIG, depth=16, kind=2, rows=_rows_of_16_bits()),
    "an interlaced JPEG": lambda: saved(flag(*BIG), "JPEG", progressive=True, quality=95),
    "a JPEG 2000": lambda: saved(flag(*BIG), "JPEG2000"),
    "an AVIF": lambda: saved(flag(*BIG), "AVIF", quality=95),
    "a PSD": lambda: _psd(flag(*BIG)),
    "a PPM": lambda: saved(flag(*BIG), "PPM"),
    "an SGI": lambda: saved(flag(*BIG), "SGI"),
    "a QOI": lambda: saved(flag(*BIG), "QOI"),
    "a JPEG with a second picture in it": lambda: saved(
        flag(*BIG), "MPO", save_all=True, append_images=[PIL.Image.new("RGB", BIG)], quality=95
    ),
    "a JPEG with a film behind it": lambda: saved(flag(*BIG), "JPEG", quality=95) + b"\0\0\0\x18ftypmp42" + bytes(5000),
    "a JPEG of odd size": lambda: saved(flag(301, 199), "JPEG", quality=95),
}

# What is refused, and a word of why.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing"),
    "an SVG with a prologue": (lambda: b"<?xml version='1.0'?>\n<!-- made -->\n<!DOCTYPE svg>\n<svg/>", "SVG drawing"),
    "an EPS, which another program would have to run": (lambda: saved(flag(), "EPS"), "no image"),
    "a PDF": (lambda: b"%PDF-1.7\n", "no image"),
    "a text": (lambda: b"hello", "no image"),
    "zeros": (lambda: bytes(1000), "no image"),
    "a JPEG's first bytes": (lambda: b"\xff\xd8\xff\xe0", "broken or truncated"),
    "a PNG's first bytes": (lambda: b"\x89PNG\r\n\x1a\n", "broken or truncated"),
    "a GIF without a size": (lambda: b"GIF89a" + bytes(20), "broken or truncated|nothing to see"),
    "a WebP without content": (lambda: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20), "broken or truncated"),
    "a BMP without content": (lambda: b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(60), "broken|nothing to see"),
    "a PNG of no width": (lambda: png(0, 10, rows=b""), "broken|nothing to see"),
    "a PNG with a wrong checksum": (lambda: _flipped(saved(flag(), "PNG"), 40), "broken or truncated"),
    "a JPEG named PNG inside": (lambda: b"\x89PNG\r\n\x1a\n" + saved(flag(), "JPEG"), "broken or truncated"),
    "a TIFF of floating-point numbers": (lambda: saved(PIL.Image.new("F", (9, 9), 0.5), "TIFF"), "floating-point"),
    "a TIFF of large numbers": (lambda: saved(PIL.Image.new("I", (9, 9), 1 << 20), "TIFF"), "what is white"),
    "a strip of 100,000 x 1": (lambda: png(100_000, 1, kind=0, rows=bytes(100_001)), "a strip of 100000 x 1 px"),
    "a strip of 1 x 100,000": (lambda: png(1, 100_000, kind=0, rows=bytes(200_000)), "cut it into pieces"),
    "a PNG bomb of 2 billion px a side": (lambda: png(2**31 - 1, 2**31 - 1), "too many pixels"),
    "a GIF bomb": (lambda: b"GIF89a\xff\xff\xff\xff" + bytes(30), "too many pixels|broken"),
    "a WebP bomb": (
        lambda: b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0" * 2 + bytes(10),
        "too many|broken",
    ),
    "a TIFF of two pages": (
        lambda: saved(flag(), "TIFF", save_all=True, append_images=[flag()]),
        "has 2 pages, and an image is one",
    ),
    "an icon, which may hold another size than it says": (lambda: saved(flag(64, 64), "ICO"), "no image"),
    "a TIFF bomb": (lambda: _tiff_of(60_000, 60_000), "too many pixels"),
    "a PNG of 9,000 x 9,000": (lambda: png(9_000, 9_000), "at most 256 MB"),
}


def png(width: int, height: int, *, depth: int = 8, kind: int = 2, rows: bytes = b"") -> bytes:
    """Return a PNG that claims a size, whatever it holds."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def png_bomb(edge: int) -> bytes:
    """Return a whole, tiny PNG of black pixels, which may be more than memory holds. `edge` is a multiple of 50."""
    rows = bytes(50 * (1 + 3 * edge))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    blocks = (squeeze.compress(rows) + squeeze.flush(zlib.Z_FULL_FLUSH)) * (edge // 50)
    check = struct.pack(">HH", len(rows) * (edge // 50) % 65521, 1)
    data = b"\x78\xda" + blocks + squeeze.flush() + check
    header = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))))


def truncated() -> Iterator[tuple[str, bytes]]:
    """Yield a picture in every common format, cut off at every tenth."""
    forms: dict[str, dict[str, Any]] = {
        "JPEG": {},
        "JPEG progressive": {"progressive": True},
        "PNG": {},
        "GIF": {},
        "WEBP": {},
        "WEBP lossless": {"lossless": True},
        "TIFF": {},
        "TIFF deflated": {"compression": "tiff_adobe_deflate"},
        "BMP": {},
        "AVIF": {},
        "JPEG2000": {},
    }
    for name, options in forms.items():
        data = saved(flag(*BIG), name.split()[0], **options)
        for tenth in range(1, 10):
            yield f"{name} at {tenth}0 %", data[: len(data) * tenth // 10]


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, data = chunk
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows_of_16_bits() -> bytes:
    eight = flag(*BIG).tobytes()
    step = 3 * BIG[0]
    rows = (eight[start : start + step] for start in range(0, len(eight), step))
    return b"".join(b"\0" + bytes(byte for value in row for byte in (value, value)) for row in rows)


def _psd(image: PIL.Image.Image) -> bytes:
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, image.height, image.width, 8, 3)
    return header + bytes(4 * 3 + 2) + b"".join(band.tobytes() for band in image.split())


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


def _tiff_of(width: int, height: int) -> bytes:
    data = bytearray(saved(PIL.Image.new("L", (7, 7)), "TIFF"))
    with PIL.Image.open(io.BytesIO(data)) as image:
        assert image.size == (7, 7)
    entries = struct.unpack_from("<I", data, 4)[0] + 2
    for index in range(struct.unpack_from("<H", data, entries - 2)[0]):
        tag = struct.unpack_from("<H", data, entries + 12 * index)[0]
        if tag in (256, 257):
            struct.pack_into("<HHII", data, entries + 12 * index, tag, 4, 1, width if tag == 256 else height)
    return bytes(data)
