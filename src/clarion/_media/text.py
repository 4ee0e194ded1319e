"""Bytes to text, in an encoding that the bytes themselves prove: no guessing."""

from __future__ import annotations

import codecs

from clarion._errors import MediaError

# The longer mark first: that of UTF-32 begins with that of UTF-16.
BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def text_of(data: bytes, name: str) -> str:
    """Return the text. Raises MediaError for what is no text, or in an encoding that cannot be told."""
    encoding = next((encoding for mark, encoding in BOMS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in data and encoding == "utf-8":
            raise no_document(name) from error
        raise MediaError(
            f"{name} is not {encoding.upper()} at byte {error.start:,}: if it is text in another encoding, read it "
            "yourself, as in Document(path.read_text(encoding='cp1252').encode())"
        ) from error
    if "\0" in text:
        raise no_document(name)
    if not text.strip():
        raise MediaError(f"{name} has nothing but white space")
    return text


def no_document(name: str) -> MediaError:
    """Return the error for bytes that are nothing known."""
    return MediaError(
        f"{name} is neither text (UTF-8, or UTF-16 with its mark), nor a PDF, a web page, a docx, nor an image"
    )
