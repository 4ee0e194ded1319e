"""Images and documents: types, bytes, pixels, how many, and citations."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

import pypdf
from PIL import Image

from contract.row import about, assistant, formatted, like, ok, refused, result, shaped, text, tool, user
from contract.row import call as tool_use

STANDARD = "claude-sonnet-4-6"  # of the standard image tier
SMALL = "claude-haiku-4-5"  # of a small window
DATA = "messages.0.content.0.image.source.base64.data"
TOO_LARGE = "At least one of the image dimensions exceed max allowed size: 8000 pixels"
TOO_LARGE_OF_MANY = "At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels"
EXACT: dict[str, Any] = {"transformations": {"oversized_image": "error"}}


@cache
def _drawn(width: int, height: int, kind: str) -> str:
    buffer = io.BytesIO()
    Image.new("L" if kind != "WEBP" else "RGB", (width, height)).save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


@cache
def _printed(pages: int, password: str = "") -> str:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


@cache
def written(words: str) -> dict[str, Any]:
    """Return the source of a PDF with words on its only page."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 200)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    names = {pypdf.generic.NameObject(key): pypdf.generic.NameObject(value) for key, value in font.items()}
    fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): pypdf.generic.DictionaryObject(names)})
    page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
        {pypdf.generic.NameObject("/Font"): fonts}
    )
    content = pypdf.generic.DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode())
    page[pypdf.generic.NameObject("/Contents")] = content
    buffer = io.BytesIO()
    writer.write(buffer)
    return _bytes(base64.b64encode(buffer.getvalue()).decode(), "application/pdf")


def _bytes(data: str, media_type: str = "image/png") -> dict[str, Any]:
    return {"type": "base64", "media_type": media_type, "data": data}


def image(width: int = 64, height: int = 48, kind: str = "PNG", claimed: str = "", **fields: Any) -> dict[str, Any]:
    return {
        "type": "image",
        "source": _bytes(_drawn(width, height, kind), claimed or f"image/{kind.lower()}"),
        **fields,
    }


def linked(**fields: Any) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}, **fields}


def pdf(pages: int = 1, **fields: Any) -> dict[str, Any]:
    return {"type": "document", "source": _bytes(_printed(pages), "application/pdf"), **fields}


def plain(words: str = "x", **fields: Any) -> dict[str, Any]:
    return {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": words}, **fields}


def custom(*blocks: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "document", "source": {"type": "content", "content": list(blocks)}, **fields}


def large(path: str, *places: str, most: int = 8000) -> dict[str, Any]:
    """Return what the refusal of large images says: message, code and details."""
    many = most != 8000
    return {
        "message": f"{path}.image.source.base64.data: {TOO_LARGE_OF_MANY if many else TOO_LARGE}",
        "code": "image_dimensions_too_large",
        "details": {"max_side_length_pixels": most, "paths": list(places)},
    }


def shown(block: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a conversation in which a tool answers with a block."""
    turns = [user("Hi"), assistant(tool_use(**fields)), user(result(content=[block], **fields))]
    return {"messages": turns, "tools": [tool()]}


BROKEN_PNG = base64.b64encode(b"no image at all").decode()
TOO_MANY_BYTES = _bytes("A" * (10 * 1024 * 1024 + 4))
IMAGES = (
    *(ok(f"a {kind}", messages=[user(image(kind=kind))]) for kind in ("PNG", "JPEG", "GIF", "WEBP")),
    ok("an image by its address", messages=[user(linked())]),
    ok("an image in a tool result", **shown(image())),
    ok("an image in a document", messages=[user(custom(text("x"), image()))]),
    refused("a bitmap", like("messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg'"),
            messages=[user({"type": "image", "source": _bytes("AA==", "image/bmp")})]),
    refused("a PNG that says it is a JPEG", like("messages.0.content.0.image.source.base64", "image/jpeg", "image/png"),
            messages=[user(image(claimed="image/jpeg"))]),
    refused("bytes that are no image", like(DATA), messages=[user({"type": "image", "source": _bytes(BROKEN_PNG)})]),
    refused("bytes that are no base64", like(DATA), messages=[user({"type": "image", "source": _bytes("§")})]),
    refused("more than 10 MB of base64",
            "messages.0.content.0.image.source.base64: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes",
            messages=[user({"type": "image", "source": TOO_MANY_BYTES})]),
    ok("8000 pixels", messages=[user(image(8000, 1))]),
    refused("8001 pixels", messages=[user(image(8001, 1))], **large("messages.0.content.0", "messages.0.content.0")),
    refused("8001 pixels twice", messages=[user(text("Look"), image(8001, 1), image(), image(1, 8001))],
            **large("messages.0.content.1", "messages.0.content.1", "messages.0.content.3")),
    refused("8001 pixels in a tool result",
            **shown(image(8001, 1)),
            **large("messages.2.content.0.tool_result.content.0", "messages.2.content.0.content.0")),
    ok("twenty images of 2001 pixels", messages=[user(*[linked()] * 19, image(2001, 1))]),
    refused("a large one among twenty-one", messages=[user(*[linked()] * 20, image(2001, 1))],
            **large("messages.0.content.20", "messages.0.content.20", most=2000)),
    refused("images of earlier turns count", messages=[
        user(*[linked()] * 20), assistant("Nice"), user(image(2001, 1))],
        **large("messages.2.content.0", "messages.2.content.0", most=2000)),
    ok("2000 pixels among many", messages=[user(*[linked()] * 20, image(2000, 1))]),
    ok("600 images", messages=[user(*[linked()] * 600)]),
    refused("an image whose file is not there", "File not found: file_1", status=404, messages=[
        user({"type": "image", "source": {"type": "file", "file_id": "file_1"}})]),
    refused("601 images", like("messages", "601", "600"), messages=[user(*[linked()] * 601)]),
    ok("100 images in a small window", model=SMALL, messages=[user(*[linked()] * 100)]),
    refused("101 images in a small window", like("messages", "101", "100"), model=SMALL,
            messages=[user(*[linked()] * 101)]),
)  # fmt: skip
EXACT_IMAGES = (
    ok("an image that may be made smaller", messages=[user(image(3000, 2000))]),
    ok("an exact image that fits", messages=[user(image(1000, 1000, **EXACT))]),
    refused("an exact image too large for the high tier",
            "messages.0.content.0: image dimensions 2577x100 exceed the maximum image size of a model named on this "
            "request and would be downsized to 2576x100; scale the image to at most 2576x100 or set the image's "
            'oversized_image setting to "downsize"',
            messages=[user(image(2577, 100, **EXACT))]),
    refused("an exact image too large for the standard tier", like("messages.0.content.0: image dimensions 1600x100"),
            model=STANDARD, messages=[user(image(1600, 100, **EXACT))]),
    ok("the same in the high tier", messages=[user(image(1600, 100, **EXACT))]),
    refused("counting an exact image too large", like("messages.0.content.0: image dimensions"), to="count_tokens",
            messages=[user(image(3000, 100, **EXACT))]),
    ok("a large screenshot of a tool of one's own", **shown(image(3000, 100))),
    refused("a large screenshot of a toolset", like("messages.2.content.0.content.0: image dimensions 3000x100"),
            **shown(image(3000, 100), toolset_name="computer")),
    ok("a small screenshot of a toolset", **shown(image(), toolset_name="computer")),
    refused("an unknown transformation", like("messages.0.content.0.image.transformations.rotate: Extra inputs"),
            messages=[user(image(transformations={"rotate": 90}))]),
)  # fmt: skip
DOCUMENTS = (
    ok("a PDF", messages=[user(pdf(title="Report", context="of last year"))]),
    ok("a PDF by its address", messages=[user({"type": "document", "source": {"type": "url", "url": "https://e/a.pdf"}})]),
    ok("plain text", messages=[user(plain())]),
    ok("content of one's own", messages=[user(custom(text("x"), text("y")))]),
    ok("content of one's own in a string", messages=[
        user({"type": "document", "source": {"type": "content", "content": "x"}})]),
    ok("a document in a tool result", **shown(plain())),
    refused("bytes that are no PDF",
            "messages.0.content.0.document.source.base64.data: The PDF specified was not valid.",
            messages=[user({"type": "document", "source": _bytes(BROKEN_PNG, "application/pdf")})]),
    refused("a PDF with a password",
            "messages.0.content.0.document.source.base64.data: The PDF specified is password protected.",
            messages=[user({"type": "document", "source": _bytes(_printed(1, "secret"), "application/pdf")})]),
    refused("a Word document", like("messages.0.content.0.document.source.base64.media_type"),
            messages=[user({"type": "document", "source": _bytes("AA==", "application/msword")})]),
    refused("plain text as base64", like("messages.0.content.0.document.source.base64.media_type"),
            messages=[user({"type": "document", "source": _bytes("AA==", "text/plain")})]),
    ok("600 pages, counted", to="count_tokens", messages=[user(pdf(600))]),
    refused("601 pages, counted", like("A maximum of 600 PDF pages"), to="count_tokens", messages=[user(pdf(600),
            pdf(1))]),
    refused("101 pages in a small window", like("A maximum of 100 PDF pages"), model=SMALL,
            messages=[user(*[pdf(51)] * 2)]),
    refused("a document in a document", like("messages.0.content.0.document.source.content.content.0"),
            messages=[user(custom(plain()))]),
)  # fmt: skip
CITED: dict[str, Any] = {"citations": {"enabled": True}}
CITATIONS = (
    ok("all documents cited", messages=[user(plain(**CITED), pdf(**CITED), custom(text("x"), **CITED), text("Why?"))]),
    ok("no documents cited", messages=[user(plain(citations={"enabled": False}), plain(citations=None), plain())]),
    refused("some documents cited", like("messages", "all or none"), messages=[user(plain(**CITED), plain())]),
    refused("citations and a format", like("output_config.format", "itations"), messages=[user(plain(**CITED))],
            **formatted(shaped())),
    ok("a search result", messages=[user({
        "type": "search_result", "source": "https://e", "title": "t", "content": [text("x")], **CITED})]),
    refused("a search result without a title", like("messages.0.content.0.search_result.title: Field required"),
            messages=[user({"type": "search_result", "source": "s", "content": [text("x")]})]),
)  # fmt: skip

ROWS = about("images and documents", *IMAGES, *EXACT_IMAGES, *DOCUMENTS, *CITATIONS)
