from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from clarion import Document, Image, MediaError
from clarion._media import MAX_REQUEST, attachment


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (4, 3), "teal").save(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_the_type_of_an_image_comes_from_its_content_not_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(picture(kind))

    source = Image(path).block()["source"]

    assert source["media_type"] == f"image/{kind.lower()}"
    assert base64.b64decode(source["data"]) == path.read_bytes()


def test_an_image_may_be_bytes_an_open_file_or_a_path_in_a_text(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture("PNG"))

    with path.open("rb") as file:
        blocks = [Image(source).block() for source in (path.read_bytes(), file, str(path))]

    assert blocks[0] == blocks[1] == blocks[2]


def test_a_pillow_image_is_sent_as_png() -> None:
    source = Image(PIL.Image.new("RGB", (4, 3), "teal")).block()["source"]

    assert source["media_type"] == "image/png"
    assert PIL.Image.open(io.BytesIO(base64.b64decode(source["data"]))).size == (4, 3)


def test_a_url_is_passed_on_unread() -> None:
    source = {"type": "url", "url": "https://example.com/a.png"}

    assert Image("https://example.com/a.png").block() == {"type": "image", "source": source}


def test_a_pdf_is_sent_as_it_is() -> None:
    source = Document(b"%PDF-1.7 ...").block()["source"]

    assert source["media_type"] == "application/pdf"
    assert base64.b64decode(source["data"]) == b"%PDF-1.7 ..."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    assert Document("naïve ☕".encode(encoding)).block()["source"]["data"] == "naïve ☕"


def test_a_document_is_titled_by_its_file_without_the_folders_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("print()")
    monkeypatch.chdir(tmp_path)

    titles = [Document(name).block()["title"] for name in ("src/a.py", tmp_path / "src" / "a.py")]

    assert titles == ["src/a.py", "a.py"]
    assert Document("src/a.py", title="The program").block()["title"] == "The program"


def test_citations_are_asked_for_only_when_wanted() -> None:
    assert "citations" not in Document(b"text").block()
    assert Document(b"text", citations=True).block()["citations"] == {"enabled": True}


@pytest.mark.parametrize(
    ("data", "kind"), [(picture("GIF"), "image"), (b"%PDF-1.4", "document"), (b"plain", "document")]
)
def test_an_attachment_is_what_its_content_says(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)

    assert attachment(path).block()["type"] == kind


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"cannot read .*gone\.png: No such file"):
        Image(tmp_path / "gone.png").block()


def test_a_folder_is_not_an_image(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="Is a directory"):
        Image(tmp_path).block()


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM....", b"hello"])
def test_an_image_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError, match="JPEG, PNG, GIF and WebP"):
        Image(data).block()


def test_an_image_over_ten_megabytes_is_refused_with_the_way_out() -> None:
    with pytest.raises(MediaError, match="scale it down"):
        Image(picture("PNG") + bytes(8 * 2**20)).block()


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    read: list[int] = []

    class Watched(io.FileIO):
        def read(self, size: int | None = -1, /) -> Any:
            read.append(-1 if size is None else size)
            return super().read(size)

    with Watched(path) as watched, pytest.raises(MediaError, match="Files API"):
        Document(watched).block()
    assert read == [MAX_REQUEST + 1]


@pytest.mark.parametrize(
    ("data", "why"), [(b"", "is empty"), (b"\x00\x01\x02", "neither text"), (b" \n", "white space")]
)
def test_a_document_without_text_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        Document(data).block()


def test_a_file_opened_as_text_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")

    with path.open() as file, pytest.raises(MediaError, match="binary mode"):
        Document(file).block()  # type: ignore[arg-type]  # the mistake under test
