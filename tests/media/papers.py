"""Documents to test with."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pypdf

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def pdf(pages: int, *, padding: int = 0) -> bytes:
    """Return a PDF whose pages are 100, 101, 102 ... points wide, each with so many bytes of content."""
    writer = pypdf.PdfWriter()
    for number in range(pages):
        page = writer.add_blank_page(width=100 + number, height=200)
        if padding:
            content = pypdf.generic.DecodedStreamObject()
            content.set_data(b"% " + bytes([65 + number % 26]) * padding)
            page[pypdf.generic.NameObject("/Contents")] = writer._add_object(content)
    return written(writer)


def told(*texts: str, bookmarks: Sequence[tuple[int, str, int | None]] = ()) -> bytes:
    """Return a PDF whose pages say these texts; one that is empty has none.

    `bookmarks` are (page from 0, title, the number of the bookmark it is under).
    """
    writer = pypdf.PdfWriter()
    font = pypdf.generic.DictionaryObject({
        pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
        pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
        pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
    })  # fmt: skip
    fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): font})
    for text in texts:
        page = writer.add_blank_page(width=600, height=800)
        if not text:
            continue
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        lines = " ".join(f"({line}) Tj T*" for line in text.split("\n"))
        content = pypdf.generic.DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 14 TL 20 700 Td {lines} ET".encode())
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(content)
    made: list[Any] = []
    for number, title, under in bookmarks:
        above = None if under is None else made[under]
        made.append(writer.add_outline_item(title=title, page_number=number, parent=above))
    return written(writer)


def encrypted(pages: int, *, password: str, algorithm: str = "RC4-128") -> bytes:
    """Return a PDF that opens with a password, which may be empty."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(pages)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    """Return what a writer writes."""
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def widths(block: dict[str, Any]) -> list[int]:
    """Return the widths of the pages that a block carries, less 99: their numbers in `pdf()`."""
    reader = pypdf.PdfReader(io.BytesIO(base64.b64decode(block["source"]["data"])))
    assert not reader.is_encrypted
    return [int(page.mediabox.width) - 99 for page in reader.pages]


def docx(body: str = "", *, prologue: str = "", **entries: bytes) -> bytes:
    """Return a Word document with this XML as its body and before it, and with more entries in its archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", f"{prologue}<w:document {WORD}><w:body>{body}</w:body></w:document>")
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def paragraph(text: str, style: str = "Normal") -> str:
    """Return the XML of a paragraph."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
