"""What a file is, by its first bytes. Names lie and are never asked."""

from __future__ import annotations

import re

HEAD = 4096  # bytes that are enough to tell

# What an image starts with, and the name Pillow has for its format.
IMAGE_STARTS = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"....ftyp(avif|avis|mif1.{4,32}avif)", "AVIF"),
    (rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "HEIF"),
    (rb"II[*+]\x00|MM\x00[*+]", "TIFF"),
    (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", "BMP"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG2000"),
    (rb"8BPS\x00\x01", "PSD"),
    (rb"qoif", "QOI"),
    (rb"\x01\xda[\x00\x01][\x01\x02]\x00[\x01-\x03]", "SGI"),
    (rb"P[1-6]\s(\s*#[^\n]*\n)*\s*\d+\s+\d+\s", "PPM"),
)
IMAGES = tuple((re.compile(start, re.DOTALL), name) for start, name in IMAGE_STARTS)

PDF = re.compile(rb"\s*%PDF-")
ZIP = re.compile(rb"PK\x03\x04")
OLE = re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # what Office wrote before 2007, and writes for passwords

# Possessive, so that a page of nothing but comments is not tried in every way there is.
PROLOGUE = rb"(\xef\xbb\xbf)?(\s|<\?xml[^>]*>|<!--(?>.*?-->))*+"
SVG = re.compile(PROLOGUE + rb"(<!DOCTYPE svg[^>]*>\s*)?<svg[\s/>]", re.DOTALL | re.IGNORECASE)
HTML = re.compile(PROLOGUE + rb"(<!DOCTYPE html|<html[\s/>])", re.DOTALL | re.IGNORECASE)


def image_format(data: bytes) -> str | None:
    """Return Pillow's name of an image's format; None for what is not known as an image."""
    return next((name for start, name in IMAGES if start.match(data[:HEAD])), None)


def is_pdf(data: bytes) -> bool:
    """Whether the bytes start like a PDF."""
    return PDF.match(data[:HEAD]) is not None


def is_zip(data: bytes) -> bool:
    """Whether the bytes start like a ZIP archive, which a docx is."""
    return ZIP.match(data) is not None


def is_ole(data: bytes) -> bool:
    """Whether the bytes start like an Office file of before 2007, or one with a password."""
    return OLE.match(data) is not None


def is_svg(data: bytes) -> bool:
    """Whether the bytes start like an SVG drawing."""
    return SVG.match(data[:HEAD]) is not None


def is_html(data: bytes) -> bool:
    """Whether the bytes start like a whole HTML page; a fragment is text."""
    return HTML.match(data[:HEAD]) is not None
