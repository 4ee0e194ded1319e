"""A document as a user has it, and the content block it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._errors import MediaError
from clarion._media import kinds, pdf
from clarion._media.pdf import MAX_PAGES, Pages
from clarion._media.sizes import HIGH, Tier
from clarion._media.source import MAX_REQUEST, Raw, Source, megabytes
from clarion._media.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PdfReader

    from clarion._media.reading import Volume

MAX_PDF = 500 * 2**20  # bytes of a PDF of which pages are taken; the most that the Files API holds
MAX_PIECE = 20 * 2**20  # bytes of a piece of a PDF: 27 MB in base64, so that the rest of a request fits


class Document:
    """A document for a prompt: a path, a URL, a data URI, bytes, an open file, or the id of a file of the Files API.

    PDF is sent as it is, or the chosen `pages` of it: `"1-5,8"`, `"3-"`, a range or a list, counted from 1. Text and
    Markdown are sent as text; web pages and docx become Markdown (`pip install 'clarion[documents]'`). It is read when
    it is sent. A URL, which must be of a PDF, is passed on for the API to read, unless `fetch` is true.

    With `as_text`, a web page is sent as the source it is written in, as it is when you want its code reviewed.

    `title` is shown to the model and is by default the name of the file; `citations` asks the model to cite it.
    """

    __slots__ = ("_source", "as_text", "citations", "pages", "title")

    def __init__(
        self,
        source: Raw | Source,
        *,
        title: str | None = None,
        citations: bool = False,
        pages: Pages | None = None,
        as_text: bool = False,
        fetch: bool = False,
    ) -> None:
        self.title = title
        self.citations = citations
        self.pages = pages
        self.as_text = as_text
        self._source = source if isinstance(source, Source) else Source(source, fetch=fetch)

    def __repr__(self) -> str:
        return f"Document({self._source.name!r})"

    def block(self, tier: Tier = HIGH, *, max_pages: int = MAX_PAGES) -> dict[str, Any]:
        """Return the content block; the same for every tier. Raises MediaError if it cannot be read or sent."""
        block: dict[str, Any] = {"type": "document", "source": self._sent(max_pages)}
        if title := self.title or self._source.title():
            block["title"] = title
        if self.citations:
            block["citations"] = {"enabled": True}
        return block

    def page_count(self) -> int | None:
        """Return how many pages of a PDF are sent; None for what has none, or what only the API can read."""
        if self._source.remote():
            return None
        data = self._read()
        if not kinds.is_pdf(data):
            return None
        with pdf.reading(self._source.name):
            reader = pdf.opened(data, self._source.name)
            return len(pdf.chosen(self.pages, len(reader.pages), self._source.name))

    @property
    def name(self) -> str:
        """What the document is called: its title, or the name of its file."""
        return self.title or self._source.title() or self._source.name

    def volumes(self) -> Iterator[Volume]:
        """Yield the document as text: one volume, or, of a long text file, several. Raises MediaError.

        A PDF is its pages' own text, web pages and docx are Markdown.
        """
        from pathlib import Path

        from clarion._media.reading import Volume, is_long_text, pdf_volume, stream

        name = self._source.name
        if self._source.remote():
            raise MediaError(f"{name} is read by the API alone: to read it here, pass the file, or fetch=True")
        if self.pages is None and is_long_text(self._source.raw, self._source.head()):
            yield from stream(Path(self._source.raw))
            return
        data = self._source.read(MAX_PDF)
        if not kinds.is_pdf(data):
            is_markdown = not self.as_text and (kinds.is_html(data) or kinds.is_zip(data))
            yield Volume(text=self._text(data), is_markdown=is_markdown)
            return
        with pdf.reading(name):
            reader = pdf.opened(data, name)
            volume = pdf_volume(reader, pdf.chosen(self.pages, len(reader.pages), name))
        if not volume.text:
            raise MediaError(f"{name} has no text, only pictures of pages: run it through text recognition (OCR) first")
        yield volume

    def split(self, *, max_pages: int = MAX_PAGES, max_bytes: int = MAX_PIECE) -> list[Document]:
        """Return a PDF as documents that each fit a request; anything else alone. Titles say which pages they hold."""
        name = self._source.name
        data = b"" if self._source.remote() else self._source.read(MAX_PDF)
        if not kinds.is_pdf(data):
            return [self]
        with pdf.reading(name):
            reader = pdf.opened(data, name)
            numbers = pdf.chosen(self.pages, len(reader.pages), name)
            if self._can_go_whole(reader) and len(numbers) <= max_pages and len(data) <= max_bytes:
                return [self]
            pieces = list(pdf.pieces(reader, numbers, name, max_pages=max_pages, max_bytes=max_bytes))
        title = self.title or self._source.title() or "PDF"
        return [
            Document(piece, title=f"{title}, pages {part[0]} to {part[-1]}", citations=self.citations)
            for part, piece in pieces
        ]

    def _sent(self, max_pages: int) -> dict[str, Any]:
        name = self._source.name
        if source := self._source.remote():
            if self.pages is not None:
                raise MediaError(f"pages of {name} can only be taken where it is read: pass the file, or fetch=True")
            return source
        data = self._read()
        if kinds.is_pdf(data):
            return self._pdf(data, max_pages)
        if self.pages is not None:
            raise MediaError(f"{name} is no PDF, so pages={self.pages!r} cannot be taken of it")
        return {"type": "text", "media_type": "text/plain", "data": self._text(data)}

    def _read(self) -> bytes:
        return self._source.read(MAX_REQUEST if self.pages is None else MAX_PDF)

    def _pdf(self, data: bytes, max_pages: int) -> dict[str, Any]:
        name = self._source.name
        with pdf.reading(name):
            reader = pdf.opened(data, name)
            numbers = pdf.chosen(self.pages, len(reader.pages), name)
            if len(numbers) > max_pages:
                raise MediaError(
                    f"{name} has {len(numbers)} pages to send, and a request takes {max_pages}: "
                    f"choose some with pages='1-{max_pages}', or send the documents of split() one by one"
                )
            data = data if self._can_go_whole(reader) else pdf.cut(reader, numbers)
        import base64

        encoded = base64.standard_b64encode(data).decode("ascii")
        if len(encoded) > MAX_REQUEST:
            raise MediaError(
                f"{name} would be {megabytes(len(encoded))} in base64, and a whole request takes "
                f"{megabytes(MAX_REQUEST)}: choose some pages, or send the documents of split() one by one"
            )
        return {"type": "base64", "media_type": "application/pdf", "data": encoded}

    def _can_go_whole(self, reader: PdfReader) -> bool:
        return self.pages is None and not reader.is_encrypted

    def _text(self, data: bytes) -> str:
        name = self._source.name
        if kinds.is_html(data) and not self.as_text:
            from clarion._media.markup import markdown_of_html

            return markdown_of_html(data, name)
        if kinds.is_zip(data):
            from clarion._media.markup import markdown_of_docx

            return markdown_of_docx(data, name)
        if kinds.is_ole(data):
            raise MediaError(f"{name} is an old or a password-protected Office file: save it as docx or PDF")
        if kinds.image_format(data):
            raise MediaError(f"{name} is an image: pass it as Image, or through attachment()")
        return text_of(data, name)
