from __future__ import annotations

import io
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import EncodedStreamObject, NameObject

from clarion import Document, MediaError
from media.papers import encrypted, pdf, widths
from media.pictures import sent


def test_a_pdf_is_sent_byte_for_byte() -> None:
    data = pdf(3)

    block = Document(data).block()

    assert block["source"]["media_type"] == "application/pdf"
    assert sent(block) == data


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        ("2", [2]),
        ("1-3,8", [1, 2, 3, 8]),
        (" 9 - , 1 ", [9, 10, 1]),
        ("10-10", [10]),
        (range(3, 6), [3, 4, 5]),
        ([7, 2], [7, 2]),
    ],
)
def test_pages_are_chosen_by_number(pages: Any, numbers: list[int]) -> None:
    document = Document(pdf(10), pages=pages)

    assert widths(document.block()) == numbers
    assert document.page_count() == len(numbers)


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ("0", "has no page 0: it has pages 1 to 10"),
        ("9-12", "has no page 11"),
        ("11-", "has no page 11"),
        ("99999999999-99999999999999", "has no page"),
        ("1-99999999999999", "has no page 11"),
        (range(20), "has no page 0"),
        ("5-3", "'5-3', which ends before it begins"),
        ("", "cannot be read at ''"),
        ("1,two", "cannot be read at 'two'"),
        ("-3", "write, for example, '1-5,8,11-'"),
        ([], "chooses no page"),
        (5, "neither a text such as '1-5,8' nor"),
        (["1"], "nor a range or list of numbers"),
    ],
)
def test_pages_that_are_not_there_are_named(pages: Any, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        Document(pdf(10), pages=pages).block()


def test_the_pages_of_a_pdf_are_counted() -> None:
    assert Document(pdf(7)).page_count() == 7
    assert Document(b"text").page_count() is None
    assert Document("https://example.com/a.pdf").page_count() is None


def test_more_pages_than_a_request_takes_are_refused_with_the_way_out() -> None:
    with pytest.raises(MediaError, match=r"has 11 pages to send, and a request takes 10: .*pages='1-10', .*split\(\)"):
        Document(pdf(11)).block(max_pages=10)
    with pytest.raises(MediaError, match="a request takes 600"):
        Document(pdf(601)).block()
    assert widths(Document(pdf(11), pages="2-").block(max_pages=10)) == list(range(2, 12))


def test_more_bytes_than_a_request_takes_are_refused_with_the_way_out() -> None:
    data = pdf(1) + b"\n%" + bytes(25 * 2**20)

    with pytest.raises(MediaError, match=r"would be 33 MB in base64, and a whole request takes 32 MB: .*split\(\)"):
        Document(data).block()


def test_a_long_pdf_is_split_into_documents_that_fit(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(pdf(25))

    parts = Document(path, citations=True, pages="2-25").split(max_pages=10)
    blocks = [part.block(max_pages=10) for part in parts]

    assert [widths(block) for block in blocks] == [list(range(2, 12)), list(range(12, 22)), list(range(22, 26))]
    assert [block["title"] for block in blocks] == [
        "book.pdf, pages 2 to 11",
        "book.pdf, pages 12 to 21",
        "book.pdf, pages 22 to 25",
    ]
    assert all(block["citations"] == {"enabled": True} for block in blocks)


def test_a_large_pdf_is_split_by_its_bytes() -> None:
    data = pdf(9, padding=100_000)

    parts = [part.block() for part in Document(data).split(max_bytes=450_000)]

    assert [number for part in parts for number in widths(part)] == list(range(1, 10))
    assert max(len(sent(part)) for part in parts) <= 450_000
    with pytest.raises(MediaError, match=r"page 1 of <.* bytes> alone has"):
        Document(data).split(max_bytes=50_000)


def test_a_pdf_too_large_to_send_whole_can_be_split_or_sent_in_part(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(40, padding=1_000_000))

    with pytest.raises(MediaError, match="Files API"):
        Document(path).block()
    assert widths(Document(path, pages="40").block()) == [40]
    with path.open("rb") as file:
        document = Document(file)
        with pytest.raises(MediaError, match="Files API"):
            document.block()
        parts = document.split()
    assert [number for part in parts for number in widths(part.block())] == list(range(1, 41))


@pytest.mark.parametrize("source", [pdf(3), b"text", "https://example.com/a.pdf", "file_abc"])
def test_what_fits_or_has_no_pages_is_not_split(source: Any) -> None:
    document = Document(source)

    assert document.split() == [document]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_opens_without_a_password_is_sent_decrypted(algorithm: str) -> None:
    pytest.importorskip("cryptography")

    assert widths(Document(encrypted(3, password="", algorithm=algorithm)).block()) == [1, 2, 3]


def test_a_pdf_with_a_password_is_refused() -> None:
    with pytest.raises(MediaError, match="encrypted with a password: save it without one"):
        Document(encrypted(3, password="secret")).block()


def _cut(tenth: int) -> bytes:
    data = pdf(5)
    return data[: len(data) * tenth // 10]


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7 hello",
        pdf(2).replace(b"/Pages", b"/Pigs", 1)[:300],
        _cut(2),
        _cut(5),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError, match=r"broken PDF|without pages"):
        Document(data).block()


def test_a_pdf_without_pages_is_refused() -> None:
    with pytest.raises(MediaError, match="PDF without pages"):
        Document(pdf(0)).block()


def test_pages_of_what_has_none_are_refused() -> None:
    with pytest.raises(MediaError, match="is no PDF, so pages='1'"):
        Document(b"text", pages="1").block()
    with pytest.raises(MediaError, match="pass the file, or fetch=True"):
        Document("https://example.com/a.pdf", pages="1").block()


def test_a_page_that_unpacks_to_a_gigabyte_is_read_in_little_memory() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(1024)) + packer.flush()
    content = EncodedStreamObject()
    content[NameObject("/Filter")] = NameObject("/FlateDecode")
    content._data = packed
    writer, file = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)[NameObject("/Contents")] = writer._add_object(content)
    writer.write(file)

    tracemalloc.start()
    try:
        with pytest.raises(MediaError):
            list(Document(file.getvalue()).volumes())
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
