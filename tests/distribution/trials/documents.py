"""A web page, a Word document, and a PDF that is encrypted without a password."""

import io
import zipfile

import pypdf

from clarion import Document

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def text(data: bytes) -> str:
    return str(Document(data).block()["source"]["data"])


assert text(b"<!DOCTYPE html><h1>Ships</h1><p>They sail.").split() == ["#", "Ships", "They", "sail."]

docx = io.BytesIO()
with zipfile.ZipFile(docx, "w") as archive:
    archive.writestr(
        "_rels/.rels",
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{OFFICE}" '
        'Target="word/document.xml"/></Relationships>',
    )
    archive.writestr(
        "word/document.xml",
        f"<w:document {WORD}><w:body><w:p><w:r><w:t>They sail.</w:t></w:r></w:p></w:body></w:document>",
    )
assert text(docx.getvalue()).strip() == "They sail."

pdf, writer = io.BytesIO(), pypdf.PdfWriter()
writer.add_blank_page(72, 72)
writer.encrypt("", "owner", algorithm="AES-256")
writer.write(pdf)
assert Document(pdf.getvalue()).page_count() == 1
