from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from clarion import Document, MediaError
from clarion._media import attachment
from media.papers import docx, paragraph
from media.pictures import flag, saved

PAGE = """<!DOCTYPE html><html><head><title>T</title><meta charset="{charset}"><style>p {{}}</style></head><body>
<h1>Café</h1><p>See <a href="https://example.com">this</a>.<script>alert(1)</script></p>
<ul><li>one</li><li>two</li></ul><img alt="A cat" src="data:image/png;base64,AAAA">
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>"""
LAUGHS = (
    '<!DOCTYPE z [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 20}">' for before, name in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
)


def text(source: Any, **options: Any) -> str:
    data: str = Document(source, **options).block()["source"]["data"]
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_in_the_encoding_it_shows(encoding: str) -> None:
    assert text("naïve ☕".encode(encoding)) == "naïve ☕"


def test_markdown_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Title\n\n<b>bold</b>\n")

    assert text(path) == "# Title\n\n<b>bold</b>\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b" \n", "white space"),
        ("café".encode("latin-1"), r"not UTF-8 at byte 3: .*encoding='cp1252'"),
        (b"\xff\xfea", "not UTF-16 at byte"),
        (b"\x00\x01\x02", "neither text"),
        (b"MZ\x90\x00\x03", "neither text"),
        (b"text with\0 a null", "neither text"),
        (saved(flag(), "PNG"), r"is an image: pass it as Image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as docx or PDF"),
        (b"PK\x03\x04broken", "broken ZIP archive or docx"),
    ],
)
def test_what_is_no_text_is_refused_with_the_way_out(data: bytes, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        Document(data).block()


def test_a_document_is_titled_by_its_file_without_the_folders_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("print()")
    monkeypatch.chdir(tmp_path)

    titles = [Document(name).block()["title"] for name in ("src/a.py", tmp_path / "src" / "a.py")]

    assert titles == ["src/a.py", "a.py"]
    assert Document("src/a.py", title="The program").block()["title"] == "The program"
    assert "title" not in Document("data:text/plain,hello").block()


def test_citations_are_asked_for_only_when_wanted() -> None:
    assert "citations" not in Document(b"text").block()
    assert Document(b"text", citations=True).block()["citations"] == {"enabled": True}


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_a_web_page_becomes_markdown_in_the_encoding_it_declares(charset: str) -> None:
    pytest.importorskip("markdownify")

    markdown = text(PAGE.format(charset=charset).encode(charset))

    assert markdown.startswith("# Café\n\nSee [this](https://example.com).\n\n- one\n- two\n")
    assert "| a | b |" in markdown
    assert "A cat" in markdown
    assert not {"alert", "base64", "<"} & set(markdown.split())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html><body><script>1</script></body></html>", "has no text"),
        (b"<html>" + b"<div>" * 30_000 + b"deep", "cannot be read"),
    ],
)
def test_a_web_page_that_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    pytest.importorskip("markdownify")

    with pytest.raises(MediaError, match=why):
        Document(data).block()


def test_a_word_document_becomes_markdown() -> None:
    pytest.importorskip("mammoth")
    table = f"<w:tbl><w:tr><w:tc>{paragraph('a')}</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>"

    markdown = text(docx(paragraph("Café", "Heading1") + paragraph("Hello *you*.") + table))

    assert markdown.startswith("# Café\n\nHello \\*you\\*.\n\n")
    assert "| a | b |" in markdown


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (docx(paragraph("x"), bomb=bytes(101 * 2**20)), "unpacks to 101 MB; at most 100 MB"),
        (docx("<broken"), "cannot be read"),
        (docx(paragraph("&h;"), prologue=LAUGHS), "cannot be read"),
        (docx(""), "has no text"),
        (docx(paragraph("x"))[:-40], "broken ZIP archive or docx"),
        (docx().replace(b"word/document.xml", b"xl/worksheets.xml"), "no docx: export it to PDF, text or CSV"),
        (docx().replace(b"<w:document", b"<x:document"), "broken|cannot be read|has no text"),
    ],
)
def test_a_word_document_that_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    pytest.importorskip("mammoth")

    with pytest.raises(MediaError, match=why):
        Document(data).block()


@pytest.mark.parametrize(
    ("module", "data"), [("markdownify", b"<html>Hi</html>"), ("bs4", b"<html>Hi"), ("mammoth", docx(paragraph("Hi")))]
)
def test_a_missing_library_is_named_with_the_extra_that_brings_it(
    module: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MediaError, match=r"<\d+ bytes> needs \w+: pip install 'clarion\[documents\]'"):
        Document(data).block()


def test_a_web_page_can_be_sent_as_its_source() -> None:
    page = b"<!DOCTYPE html><html><body><h1>Hi</h1></body></html>"

    assert Document(page, as_text=True).block()["source"]["data"] == page.decode()
    assert attachment(page).block()["source"]["data"] == page.decode()
