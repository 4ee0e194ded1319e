from __future__ import annotations

import base64
import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from clarion import Document, Image, MediaError
from clarion._media import attachment
from clarion._media.source import MAX_REQUEST
from media.pictures import flag, looks_like_the_flag, saved, seen, sent


class TextFile:
    def read(self, size: int) -> str:
        return "text"


PNG = saved(flag(), "PNG")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "flag.txt"
    path.write_bytes(PNG)
    return path


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_the_type_of_an_image_comes_from_its_content_not_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(saved(flag(), kind))

    block = Image(path).block()

    assert block["source"]["media_type"] == f"image/{kind.lower()}"
    assert sent(block) == path.read_bytes()


def test_an_image_may_be_a_path_a_text_an_open_file_bytes_or_a_data_uri(path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    percent = "data:image/png," + "".join(f"%{byte:02x}" for byte in PNG)

    with path.open("rb") as file:
        sources: list[Any] = [path, str(path), file, PNG, bytearray(PNG), memoryview(PNG), uri, percent]
        blocks = [Image(source).block() for source in sources]

    assert all(block == blocks[0] for block in blocks)
    assert sent(blocks[0]) == PNG


def test_a_pillow_image_is_sent_and_left_as_it_was() -> None:
    image = flag(2800, 1400)
    image.info["comment"] = "mine"

    block = Image(image).block()

    assert looks_like_the_flag(seen(block))
    assert (image.size, image.info) == ((2800, 1400), {"comment": "mine"})


def test_a_numpy_array_of_grey_colour_or_transparent_pixels_is_an_image() -> None:
    numpy = pytest.importorskip("numpy")
    colour = numpy.asarray(flag())
    grey = numpy.zeros((30, 40), "uint8")
    transparent = numpy.zeros((30, 40, 4), "uint8")

    assert looks_like_the_flag(seen(Image(colour).block()))
    assert seen(Image(grey).block()).size == (40, 30)
    assert seen(Image(transparent).block()).mode == "RGBA"
    assert seen(Image(colour[::2, ::2]).block()).size == (60, 40)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((3, 4), "float32"), ((3, 4), "bool"), ((3, 4, 2), "uint8"), ((3,), "uint8"), ((1, 2, 3, 4), "uint8")],
)
def test_another_array_is_refused_with_its_shape_and_type(shape: tuple[int, ...], kind: str) -> None:
    numpy = pytest.importorskip("numpy")

    with pytest.raises(MediaError, match="pass uint8") as caught:
        Image(numpy.zeros(shape, kind)).block()
    assert str(shape) in str(caught.value)


def test_an_array_without_pixels_is_refused() -> None:
    numpy = pytest.importorskip("numpy")

    with pytest.raises(MediaError, match="nothing to see"):
        Image(numpy.zeros((0, 5), "uint8")).block()


def test_a_url_is_passed_on_unread() -> None:
    source = {"type": "url", "url": "HTTPS://example.com/a.png"}

    assert Image("HTTPS://example.com/a.png").block() == {"type": "image", "source": source}
    assert Document("HTTPS://example.com/a.png").block()["source"] == source


def test_the_id_of_a_file_of_the_files_api_is_passed_on() -> None:
    source = {"type": "file", "file_id": "file_011CNha8iCJcU1wXNR6q4V8w"}

    assert Image("file_011CNha8iCJcU1wXNR6q4V8w").block() == {"type": "image", "source": source}
    assert Document("file_011CNha8iCJcU1wXNR6q4V8w").block() == {"type": "document", "source": source}


def test_a_file_may_be_named_like_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file_abc").write_bytes(PNG)
    monkeypatch.chdir(tmp_path)

    assert sent(Image("./file_abc").block()) == PNG


def test_the_tokens_of_an_image_are_those_of_what_is_sent(path: Path) -> None:
    with path.open("rb") as file:
        image = Image(file)

        assert image.tokens() == 5 * 3
        assert sent(image.block()) == PNG
    assert Image(flag(1920, 1080)).tokens() == 2691


@pytest.mark.parametrize("source", ["https://example.com/a.png", "file_abc"])
def test_the_tokens_of_what_only_the_api_can_read_are_not_known(source: str) -> None:
    with pytest.raises(MediaError, match=r"not known here: pass the file"):
        Image(source).tokens()


def test_an_open_file_can_be_sent_twice_and_after_it_was_closed(path: Path) -> None:
    with path.open("rb") as file:
        image = attachment(file)

    assert image.block() == image.block() == Image(PNG).block()


def test_a_file_that_gives_a_little_at_a_time_is_read_to_its_end() -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(7, size or 7))

    assert sent(Image(Drip(PNG)).block()) == PNG


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image"),
        (saved(flag(), "TIFF"), "image"),
        (b"plain", "document"),
        (b"BM is short for bench mark, GIF for something else", "document"),
        (b"P5 is a prime, P6 is not", "document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "document"),
    ],
)
def test_an_attachment_is_what_its_content_says(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)

    for source in (path, str(path), data, io.BytesIO(data)):
        assert attachment(source).block()["type"] == kind


@pytest.mark.parametrize("source", ["https://example.com/a.png", "file_abc"])
def test_an_attachment_that_only_the_api_can_read_is_refused(source: str) -> None:
    with pytest.raises(MediaError, match=r"pass it as Image\(\.\.\.\) or Document"):
        attachment(source)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("gone.png", r"cannot read gone\.png: No such file"),
        (".", r"cannot read \.: Is a directory"),
        ("nul\0.png", "null"),
        ("x" * 5000, r"cannot read x{120}\.\.\.: File name too long"),
        (b"", "<0 bytes> is empty"),
        (io.BytesIO(b""), "<BytesIO> is empty"),
        (TextFile(), "binary mode"),
        (object(), "<object>"),
        (None, "<NoneType>"),
        ("data:image/png;base64,%%%", "broken base64"),
        ("data:image/png;base64,", "<data URI of 22 characters> is empty"),
    ],
)
@pytest.mark.parametrize("kind", [Image, Document, attachment])
def test_what_cannot_be_read_is_named_with_the_reason(kind: Any, source: Any, why: str) -> None:
    with pytest.raises(MediaError, match=why):
        kind(source).block()


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


def test_what_a_file_is_is_told_at_once_even_of_a_hostile_one() -> None:
    start = time.process_time()

    for hostile in (b"<!-- -->" * 500, b"<?xml?>" * 500, b"P5" + b" " * 5000, b" \n#" * 2000, b"P5 " + b"#\n" * 2000):
        assert attachment(hostile).block()["type"] == "document"

    assert time.process_time() - start < 5


def test_a_representation_names_the_source_and_shows_no_data() -> None:
    assert repr(Image("a/b.png")) == "Image('a/b.png')"
    assert repr(Document(b"text")) == "Document('<4 bytes>')"
    assert repr(Image("data:image/png;base64,AAAA")) == "Image('<data URI of 26 characters>')"
    assert repr(Image(PIL.Image.new("L", (1, 1)))) == "Image('<Image>')"


def test_nothing_that_reads_files_is_imported_before_a_file_is_read() -> None:
    heavy = {"PIL", "pypdf", "numpy", "httpx2", "asyncio", "bs4", "mammoth", "pillow_heif", "concurrent"}
    code = f"import sys, clarion._media; print(*sorted({heavy!r} & set(sys.modules)))"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.split() == []
