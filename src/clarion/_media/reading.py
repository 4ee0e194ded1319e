"""Documents as text, for whoever cuts them into pieces: with their pages and bookmarks, and never all of a long one."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clarion._errors import MediaError
from clarion._media import kinds, pdf
from clarion._media.text import BOMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PdfReader

VOLUME = 4 * 2**20  # bytes of a text that are read at a time
BETWEEN = "\n\n"  # what stands between the pages of a PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A stretch of a document as text, which begins at the character `base` of it.

    `pages` are where each page begins in this text, and its number; `bookmarks` where they lead, their level, from 1,
    and their title; `empty_pages` the numbers of pages that hold no text. `is_markdown` says that it was made so.
    """

    text: str
    base: int = 0
    pages: tuple[tuple[int, int], ...] = ()
    bookmarks: tuple[tuple[int, int, str], ...] = ()
    empty_pages: tuple[int, ...] = ()
    is_markdown: bool = False


def stream(path: Path) -> Iterator[Volume]:
    """Yield a long text file in volumes that end with a paragraph, or a line. Raises MediaError for what is no text."""
    with path.open("rb") as file:
        head = file.read(4)
        encoding = next((encoding for mark, encoding in BOMS.items() if head.startswith(mark)), "utf-8")
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        base, waiting = 0, ""
        while data := file.read(VOLUME):
            waiting += _decoded(decoder, data, path)
            cut = waiting.rfind("\n\n") + 2 if "\n\n" in waiting else waiting.rfind("\n") + 1
            if cut:
                yield Volume(text=waiting[:cut], base=base)
                base, waiting = base + cut, waiting[cut:]
        waiting += _decoded(decoder, b"", path)
        if waiting:
            yield Volume(text=waiting, base=base)


def pdf_volume(reader: PdfReader, numbers: list[int]) -> Volume:
    """Return the text of these pages of a PDF. To be called in `pdf.reading`."""
    text, pages, empty = "", [], []
    for number in numbers:
        words = reader.pages[number - 1].extract_text().strip()
        if not words:
            empty.append(number)
            continue
        pages.append((len(text), number))
        text += words + BETWEEN
    starts = {number: start for start, number in pages}
    bookmarks = tuple(
        (starts[number], level, title) for number, level, title in pdf.bookmarks(reader) if number in starts
    )
    return Volume(text=text, pages=tuple(pages), bookmarks=bookmarks, empty_pages=tuple(empty))


def is_long_text(raw: object, head: bytes) -> bool:
    """Whether a source is a text file that is longer than a volume."""
    if not isinstance(raw, str | os.PathLike) or "://" in os.fspath(raw):
        return False
    path = Path(raw)
    others = (kinds.is_pdf, kinds.is_zip, kinds.is_ole, kinds.is_html, kinds.image_format)
    return path.is_file() and path.stat().st_size > VOLUME and not any(told(head) for told in others)


def _decoded(decoder: codecs.IncrementalDecoder, data: bytes, path: Path) -> str:
    try:
        text = decoder.decode(data, final=not data)
    except UnicodeDecodeError as error:
        raise MediaError(f"{path} is not text in {error.encoding.upper()}: {error.reason}") from error
    if "\0" in text:
        raise MediaError(f"{path} is no text: there are zeros in it")
    return text
