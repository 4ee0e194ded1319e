"""Web pages and Word documents to Markdown: headings, lists, tables and links stay, looks and pictures go."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media.extras import extra
from clarion._media.source import megabytes

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_UNPACKED = 100 * 2**20  # bytes of a docx once unpacked
DOCX_BODY = "word/document.xml"
UNSEEN = ("head", "script", "style", "template", "noscript", "svg")  # parts of a page that nobody reads


def markdown_of_html(data: bytes | str, name: str) -> str:
    """Return a page as Markdown; of bytes, the encoding is the one that the page declares."""
    soups, markdownify = (extra(module, "documents", name) for module in ("bs4", "markdownify"))
    with _converting(name, "web page"):
        soup = soups.BeautifulSoup(data, "html.parser")
        for unseen in soup(UNSEEN):
            unseen.decompose()
        for picture in soup("img"):
            picture.replace_with(picture.get("alt") or "")
        converter = markdownify.MarkdownConverter(heading_style="ATX", bullets="-")
        return _written(converter.convert_soup(soup), name)


def markdown_of_docx(data: bytes, name: str) -> str:
    """Return a Word document as Markdown."""
    _check_archive(data, name)
    mammoth = extra("mammoth", "documents", name)
    with _converting(name, "Word document"):
        pictures = mammoth.images.img_element(_no_source)
        html: str = mammoth.convert_to_html(io.BytesIO(data), convert_image=pictures).value
    return markdown_of_html(html, name)


@contextmanager
def _converting(name: str, kind: str) -> Iterator[None]:
    """Turn whatever the libraries raise on a bad file into a MediaError."""
    try:
        yield
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(
            f"{name} is a {kind} that cannot be read ({type(error).__name__}: {error}): save it as PDF or text"
        ) from error


def _check_archive(data: bytes, name: str) -> None:
    """Raise MediaError for an archive that is no docx, or that would unpack to far more than it is."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise MediaError(f"{name} is a broken ZIP archive or docx: {error}") from error
    if DOCX_BODY not in sizes:
        raise MediaError(f"{name} is a ZIP archive, but no docx: export it to PDF, text or CSV, or unpack it")
    if sum(sizes.values()) > MAX_UNPACKED:
        raise MediaError(
            f"{name} unpacks to {megabytes(sum(sizes.values()))}; at most {megabytes(MAX_UNPACKED)} are read: "
            "save it as PDF"
        )


def _no_source(_image: Any) -> dict[str, str]:
    return {"src": ""}


def _written(markdown: str, name: str) -> str:
    if not markdown.strip():
        raise MediaError(f"{name} has no text")
    return markdown.strip() + "\n"
