"""Documents as text: PDF by pages, long files in stretches."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion import Document, MediaError
from clarion._media import reading
from clarion._media.reading import Volume, stream
from media.papers import pdf, told


def test_a_pdf_is_read_by_pages_with_its_bookmarks() -> None:
    data = told(
        "One\nwhale", "Two\notters", "", "Three", bookmarks=[(0, "First", None), (1, "Part", 0), (3, "Last", None)]
    )

    [volume] = Document(data).volumes()

    assert volume.text == "One\nwhale\n\nTwo\notters\n\nThree\n\n"
    assert [(volume.text[start:][:3], number) for start, number in volume.pages] == [("One", 1), ("Two", 2), ("Thr", 4)]
    assert volume.bookmarks == ((0, 1, "First"), (11, 2, "Part"), (23, 1, "Last"))
    assert volume.empty_pages == (3,)


def test_chosen_pages_keep_their_numbers() -> None:
    [volume] = Document(told("One", "Two", "Three"), pages="2-").volumes()

    assert volume.pages == ((0, 2), (5, 3))


def test_a_pdf_without_text_is_refused_with_the_way_out() -> None:
    with pytest.raises(MediaError, match="text recognition"):
        list(Document(pdf(2)).volumes())


def test_a_web_page_is_markdown() -> None:
    [volume] = Document(b"<!DOCTYPE html><h1>Otters</h1><p>They swim.").volumes()

    assert volume.text == "# Otters\n\nThey swim.\n"
    assert volume.is_markdown


def test_what_only_the_api_reads_is_refused() -> None:
    with pytest.raises(MediaError, match="fetch=True"):
        list(Document("https://example.com/a.pdf").volumes())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_long_text_comes_in_stretches_that_are_the_text(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "VOLUME", 1000)
    text = "".join(f"Line {number}: é漢😀.\n{chr(10) * (number % 3 == 0)}" for number in range(1000))
    path = tmp_path / "long.txt"
    path.write_bytes(text.encode(encoding))

    volumes = list(Document(path).volumes())

    assert len(volumes) > 5
    assert "".join(volume.text for volume in volumes) == text
    assert [volume.base for volume in volumes] == [
        sum(len(before.text) for before in volumes[:n]) for n in range(len(volumes))
    ]
    assert all(volume.text.endswith("\n") for volume in volumes)


@given(st.text(alphabet="ab é😀\n\r", max_size=60), st.integers(1, 30))
def test_stretches_of_any_size_are_the_text(text: str, size: int) -> None:
    path = Path("x")

    class File(type(path)):  # type: ignore[misc]  # whatever paths are on this system
        def open(self, *_: object, **__: object) -> object:
            import io

            return io.BytesIO(text.encode())

    before, reading.VOLUME = reading.VOLUME, size
    try:
        volumes: list[Volume] = list(stream(File("x")))
    finally:
        reading.VOLUME = before

    assert "".join(volume.text for volume in volumes) == text


@pytest.mark.parametrize("data", [b"caf\xe9 " * 300, b"ab\0" * 500], ids=["latin-1", "zeros"])
def test_a_long_file_that_is_no_text_is_refused(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "VOLUME", 1000)
    path = tmp_path / "long.txt"
    path.write_bytes(data)

    with pytest.raises(MediaError, match=r"long.txt is no"):
        list(Document(path).volumes())
