"""PDF files: their pages counted, chosen and cut into files that a request can hold."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clarion._errors import MediaError

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 600  # in a request; 100 for a model with a context window under a million tokens

RANGE = re.compile(r"\s*(\d+)\s*(?:(-)\s*(\d*))?\s*")

Pages = str | Sequence[int]


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn whatever pypdf raises on a bad file into a MediaError."""
    try:
        yield
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(
            f"{name} is a broken PDF: {str(error) or type(error).__name__}; open it and save or print it to PDF again"
        ) from error


def opened(data: bytes, name: str) -> PdfReader:
    """Open a PDF; one that is encrypted, but without a password, is decrypted. To be called in `reading`."""
    import pypdf
    from pypdf.errors import DependencyError

    reader = pypdf.PdfReader(io.BytesIO(data))
    if not reader.is_encrypted:
        return reader
    try:
        is_open = reader.decrypt("")
    except DependencyError as error:
        raise MediaError(f"{name} is encrypted; to try without a password: pip install 'clarion[documents]'") from error
    if not is_open:
        raise MediaError(f"{name} is encrypted with a password: save it without one first")
    return reader


def chosen(pages: Pages | None, count: int, name: str) -> list[int]:
    """Return page numbers, from 1, as `"1-5,8"`, `"3-"`, a range or a list says. None is every page."""
    if count < 1:
        raise MediaError(f"{name} is a PDF without pages")
    if pages is None:
        return list(range(1, count + 1))
    numbers = _numbers(pages, count, name) if isinstance(pages, str) else _listed(pages, name)
    wrong = next((number for number in numbers if not 1 <= number <= count), None)
    if wrong is not None:
        raise MediaError(f"{name} has no page {wrong}: it has pages 1 to {count}, and pages={pages!r} was asked for")
    if not numbers:
        raise MediaError(f"pages={pages!r} chooses no page of {name}, which has pages 1 to {count}")
    return numbers


def bookmarks(reader: PdfReader) -> Iterator[tuple[int, int, str]]:
    """Yield the bookmarks of a PDF: the number of the page each leads to, from 1, its level, from 1, its title."""
    todo: list[tuple[int, object]] = [(1, each) for each in reversed(reader.outline)]
    while todo:
        level, found = todo.pop()
        if isinstance(found, list):
            todo += [(level + 1, each) for each in reversed(found)]
            continue
        page = reader.get_destination_page_number(found)  # type: ignore[arg-type]  # what is no list is a Destination
        if page is not None and page >= 0:
            yield page + 1, level, " ".join(str(found.title).split())  # type: ignore[attr-defined]


def cut(reader: PdfReader, numbers: Sequence[int]) -> bytes:
    """Return a PDF of these pages."""
    import pypdf

    writer = pypdf.PdfWriter()
    for number in numbers:
        writer.add_page(reader.pages[number - 1])
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def pieces(
    reader: PdfReader, numbers: Sequence[int], name: str, *, max_pages: int, max_bytes: int
) -> Iterator[tuple[Sequence[int], bytes]]:
    """Yield PDFs of these pages in turn, with their page numbers, each within both limits."""
    if len(numbers) > max_pages:
        for start in range(0, len(numbers), max_pages):
            part = numbers[start : start + max_pages]
            yield from pieces(reader, part, name, max_pages=max_pages, max_bytes=max_bytes)
        return
    data = cut(reader, numbers)
    if len(data) <= max_bytes:
        yield numbers, data
    elif len(numbers) > 1:
        middle = len(numbers) // 2
        for half in (numbers[:middle], numbers[middle:]):
            yield from pieces(reader, half, name, max_pages=max_pages, max_bytes=max_bytes)
    else:
        raise MediaError(f"page {numbers[0]} of {name} alone has {len(data):,} bytes; at most {max_bytes:,} are sent")


def _listed(pages: object, name: str) -> list[int]:
    if not isinstance(pages, Sequence) or not all(isinstance(number, int) for number in pages):
        raise MediaError(f"pages={pages!r} of {name} is neither a text such as '1-5,8' nor a range or list of numbers")
    return list(pages)


def _numbers(pages: str, count: int, name: str) -> list[int]:
    numbers: list[int] = []
    for part in pages.split(","):
        found = RANGE.fullmatch(part)
        if not found:
            raise MediaError(f"pages={pages!r} of {name} cannot be read at {part!r}: write, for example, '1-5,8,11-'")
        first, dash, last = found.groups()
        start, end = int(first), int(last or (count if dash else first))
        if last and end < start:
            raise MediaError(f"pages={pages!r} of {name} has {part!r}, which ends before it begins")
        numbers += range(start, min(max(start, end), max(start, count + 1)) + 1)  # no more than shows what is wrong
    return numbers
