from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion import Document, Image, MediaError
from clarion._media import Tier, attachment
from media.odd import REFUSED, RIGHT, png, png_bomb, truncated
from media.pictures import flag, is_near, looks_like_the_flag, saved, seen

SMALL = Tier(max_edge_px=140, max_tokens=20)
MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "I"]
STARTS = [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", *(make()[:40] for make in RIGHT.values())]
CUTS = dict(truncated())

MEASURED = r"""
import re, sys, time
from pathlib import Path
from clarion._media import Image
from clarion._errors import MediaError
start = time.perf_counter()
try:
    Image(sys.argv[1]).block()
except MediaError as error:
    print(error)
kilobytes = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]
print(int(kilobytes) // 1024, time.perf_counter() - start)
"""


def test_there_are_forty_odd_files() -> None:
    assert len(RIGHT) + len(REFUSED) >= 40


@pytest.mark.parametrize("name", RIGHT)
def test_an_odd_file_is_seen_right_whether_scaled_or_not(tmp_path: Path, name: str) -> None:
    path = tmp_path / "wrong.ending"
    path.write_bytes(RIGHT[name]())

    whole, scaled = seen(Image(path).block()), seen(Image(path).block(SMALL))

    assert looks_like_the_flag(whole, tolerance=16)
    assert looks_like_the_flag(scaled, tolerance=16)
    assert max(scaled.size) <= 140


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_seen_right_is_refused_with_its_name_and_the_reason(tmp_path: Path, name: str) -> None:
    make, why = REFUSED[name]
    path = tmp_path / "odd.png"
    path.write_bytes(make())

    with pytest.raises(MediaError, match=why) as caught:
        Image(path).block()
    assert "odd.png" in str(caught.value)


@pytest.mark.parametrize("name", CUTS)
def test_a_truncated_image_is_right_or_refused(name: str) -> None:
    for tier in (Tier(2576, 4784), SMALL):
        try:
            image = seen(Image(CUTS[name]).block(tier))
        except MediaError as error:
            assert "truncated" in str(error) or "no image" in str(error)  # noqa: PT017 -- both outcomes are right
        else:
            assert looks_like_the_flag(image, tolerance=20)


@pytest.mark.parametrize(
    ("mode", "value", "colour"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 100, (100, 100, 100)),
        ("LA", (100, 255), (100, 100, 100)),
        ("I;16", 100 * 257, (100, 100, 100)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (30, 20), (300, 200)])
def test_a_png_of_any_mode_keeps_its_colour(
    mode: str, value: float | tuple[int, ...], colour: tuple[int, int, int], size: tuple[int, int]
) -> None:
    data = saved(PIL.Image.new(mode, size, value), "PNG")

    pixel = seen(Image(data).block(SMALL)).convert("RGB").getpixel((0, 0))

    assert isinstance(pixel, tuple)
    assert is_near((pixel[0], pixel[1], pixel[2]), colour, 1)


@pytest.mark.parametrize("mode", MODES)
def test_a_pillow_image_of_any_mode_is_sent(mode: str) -> None:
    image = PIL.Image.new(mode, (300, 200))

    assert seen(Image(image).block(SMALL)).size == (140, 93)


def test_a_closed_pillow_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flag.png"
    path.write_bytes(saved(flag(), "PNG"))
    with PIL.Image.open(path) as image:
        pass

    with pytest.raises(MediaError, match="broken or truncated"):
        Image(image).block()


def test_a_large_jpeg_is_decoded_small_where_another_format_would_be_refused() -> None:
    data = saved(PIL.Image.new("RGB", (8800, 8800), "teal"), "JPEG")

    assert seen(Image(data).block()).size == (1932, 1932)
    with pytest.raises(MediaError, match=r"8800 x 8800 px and needs 295 MB to decode; at most 256 MB"):
        Image(png(8800, 8800)).block()


@settings(deadline=None)  # the first example imports what it needs
@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_whatever_the_bytes_are_there_is_a_block_or_a_media_error(start: bytes, rest: bytes) -> None:
    for kind in (Image, Document, attachment):
        try:
            assert kind(start + rest).block()["type"] in ("image", "document")
        except MediaError as error:
            assert "bytes>" in str(error)  # noqa: PT017 -- both outcomes are right


def test_the_bomb_is_a_whole_png() -> None:
    assert seen(Image(png_bomb(100)).block()).convert("RGB").getextrema() == ((0, 0), (0, 0), (0, 0))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the most memory that a program has used")
@pytest.mark.parametrize("edge", [20_000, 9_000])
def test_a_bomb_is_refused_in_little_memory_and_time(tmp_path: Path, edge: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bomb(edge))

    run = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
    *error, numbers = run.stdout.splitlines()
    megabytes, seconds = map(float, numbers.split())

    assert "bomb.png" in error[0]
    assert megabytes < 300
    assert seconds < 2
