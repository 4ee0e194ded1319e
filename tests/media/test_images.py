from __future__ import annotations

import io
import sys
from typing import Any

import PIL.Image
import PIL.ImageDraw
import pytest
from PIL import ImageCms

from clarion import Image, MediaError
from clarion._media import HIGH, STANDARD, Tier
from clarion._media.encoding import MAX_IMAGE, encoded
from clarion._media.sizes import kept_size
from media.pictures import corners, flag, looks_like_the_flag, noise, saved, seen, sent

# How a camera stores a picture that is upright when turned as the orientation says.
STORED = {
    1: None,
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_90,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_270,
}


SMALL = Tier(max_edge_px=280, max_tokens=60)  # as any tier, but quick
MIDDLE = Tier(max_edge_px=1008, max_tokens=1000)


def turned(orientation: int, image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    turn = STORED[orientation]
    stored = image.transpose(turn) if turn is not None else image
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    return saved(stored, form, exif=exif.tobytes(), **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("size", [(120, 80), (600, 400)])
@pytest.mark.parametrize("orientation", STORED)
def test_a_picture_is_sent_upright(orientation: int, size: tuple[int, int], form: str) -> None:
    data = turned(orientation, flag(*size), form)

    image = seen(Image(data).block(SMALL))

    assert image.size == kept_size(*size, SMALL)
    assert looks_like_the_flag(image)
    assert image.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("orientation", STORED)
def test_a_pillow_image_is_sent_upright(orientation: int) -> None:
    image = PIL.Image.open(io.BytesIO(turned(orientation, flag(), "JPEG")))

    assert looks_like_the_flag(seen(Image(image).block()))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("tier", [HIGH, STANDARD])
@pytest.mark.parametrize("size", [(3840, 2160), (1080, 4000)])
def test_a_large_image_is_scaled_down_to_what_the_tier_keeps(form: str, tier: Tier, size: tuple[int, int]) -> None:
    image = Image(saved(flag(*size), form))

    assert seen(image.block(tier)).size == kept_size(*size, tier)
    assert looks_like_the_flag(seen(image.block(tier)))


def test_a_small_image_is_sent_byte_for_byte() -> None:
    for form in ("JPEG", "PNG", "GIF", "WEBP"):
        data = saved(flag(1000, 800), form)
        assert sent(Image(data).block()) == data


def test_metadata_that_names_no_place_does_not_cost_a_small_image_its_quality() -> None:
    exif = PIL.Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 1
    data = saved(flag(), "JPEG", exif=exif)

    assert sent(Image(data).block()) == data


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(120, 80), (600, 400)])
def test_where_a_picture_was_taken_is_not_sent(form: str, size: tuple[int, int]) -> None:
    exif = PIL.Image.Exif()
    exif[0x010F] = "Canary"
    exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 48.0)})

    image = seen(Image(saved(flag(*size), form, exif=exif)).block(SMALL))

    assert not image.getexif()
    assert looks_like_the_flag(image)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_place_in_xmp_is_not_sent(form: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="59,54.8N"/></x:xmpmeta>'
    options: dict[str, Any] = {"xmp": xmp}
    if form == "PNG":
        from PIL.PngImagePlugin import PngInfo

        options = {"pnginfo": PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
    data = saved(flag(), form, **options)
    assert "xmp" in PIL.Image.open(io.BytesIO(data)).info

    block = Image(data).block()

    assert b"GPS" not in sent(block)
    assert not {"xmp", "XML:com.adobe.xmp"} & set(seen(block).info)


def test_scaling_down_leaves_no_metadata_at_all() -> None:
    exif = PIL.Image.Exif()
    exif[0x010E] = "Canary"
    data = saved(flag(1500, 1000), "JPEG", exif=exif, comment=b"Canary", xmp=b"<x>Canary</x>", dpi=(300, 300))
    assert data.count(b"Canary") == 3

    block = Image(data).block(MIDDLE)

    assert b"Canary" not in sent(block)


def test_a_colour_profile_is_applied_unless_it_is_srgb_or_broken() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    name = "sRGB".encode("utf-16-be")
    swapped = srgb.replace(name, "swap".encode("utf-16-be"))
    for one, other in ((b"rXYZ", b"?XYZ"), (b"gXYZ", b"rXYZ"), (b"?XYZ", b"gXYZ")):
        swapped = swapped.replace(one, other)

    red, green, *_ = corners(seen(Image(saved(flag(600, 400), "PNG", icc_profile=swapped)).block(SMALL)))

    assert red[1] > red[0]
    assert green[0] > green[1]
    for profile in (srgb, b"broken", swapped[:300]):
        block = Image(saved(flag(600, 400), "PNG", icc_profile=profile)).block(SMALL)
        assert looks_like_the_flag(seen(block))
        assert "icc_profile" not in seen(block).info


def test_what_is_drawn_becomes_png_and_what_is_photographed_jpeg() -> None:
    screen = PIL.Image.new("RGB", (1500, 1000), "white")
    pen = PIL.ImageDraw.Draw(screen)
    for line in range(30):
        pen.text((20, 20 + 30 * line), "The quick brown fox jumps over the lazy dog. " * 8, fill="black", font_size=20)
    photo = noise(300, 200).resize((1500, 1000), PIL.Image.Resampling.BICUBIC)

    kinds = [Image(saved(image, "PNG")).block(MIDDLE)["source"]["media_type"] for image in (screen, photo)]

    assert kinds == ["image/png", "image/jpeg"]


def test_a_scaled_photograph_with_transparency_becomes_webp_and_keeps_it() -> None:
    photo = noise(1400, 1000)
    photo.putalpha(PIL.Image.linear_gradient("L").resize(photo.size))

    block = Image(photo).block(MIDDLE)
    alpha = seen(block).getchannel("A").histogram()

    assert block["source"]["media_type"] == "image/webp"
    assert sum(alpha[:20]) > 0
    assert sum(alpha[236:]) > 0


def test_transparency_that_hides_nothing_is_dropped() -> None:
    photo = noise(1400, 1000)
    photo.putalpha(255)

    assert Image(photo).block(MIDDLE)["source"]["media_type"] == "image/jpeg"


def test_colours_do_not_bleed_out_of_what_is_transparent() -> None:
    image = PIL.Image.new("RGBA", (1500, 1000), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 750, 1000))

    scaled = seen(Image(image).block(MIDDLE)).convert("RGBA")
    visible = [pixel for _, pixel in scaled.getcolors(1 << 20) or () if isinstance(pixel, tuple) and pixel[3] > 30]

    assert all(red > 240 and green < 15 for red, green, *_ in visible)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_quality_goes_down_until_the_image_is_small_enough(mode: str) -> None:
    image = noise(400, 300, mode="L" if mode == "L" else "RGB")
    if mode == "RGBA":
        image.putalpha(PIL.Image.linear_gradient("L").resize(image.size))
    fine = encoded(image, "noise", is_lossy=False)[1]

    _, data = encoded(image, "noise", is_lossy=False, limit=len(fine) * 2 // 3)

    assert len(data) <= len(fine) * 2 // 3
    with pytest.raises(MediaError, match="noise cannot be brought under"):
        encoded(image, "noise", is_lossy=False, limit=100)


def test_an_image_that_is_too_many_bytes_is_encoded_anew() -> None:
    data = saved(noise(1700, 1650), "PNG", compress_level=0)
    assert len(data) > MAX_IMAGE * 3 // 4

    block = Image(data).block()

    assert len(block["source"]["data"]) <= MAX_IMAGE
    assert seen(block).size == (1700, 1650)


def test_only_the_first_frame_of_an_animation_is_sent() -> None:
    frames = [flag(), PIL.Image.new("RGB", (120, 80), "black")]
    for form in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)

        image = seen(Image(data).block())

        assert not getattr(image, "is_animated", False), form
        assert looks_like_the_flag(image)


def test_heic_is_read_where_pillow_heif_is_installed() -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()

    for orientation in STORED:
        image = seen(Image(turned(orientation, flag(128, 64), "HEIF", quality=95)).block())

        assert image.size == (128, 64)
        assert looks_like_the_flag(image, tolerance=25)


def test_heic_without_pillow_heif_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)

    with pytest.raises(MediaError, match=r"pillow_heif: pip install 'clarion\[heif\]'"):
        Image(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic").block()
