"""Images and PDFs: limits, tokens, and what is said about them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from clarion.emulator.media import image_tokens, tier


def user(*blocks: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(blocks)}]


def png_header(width: int, height: int) -> str:
    """Return a PNG that claims a size and has no pixels to go with it, in base64."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return base64.b64encode(data + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))).decode()


@pytest.mark.parametrize(
    ("width", "height", "standard", "high"),
    [(1920, 1080, 1560, 2691), (3840, 2160, 1560, 4784), (1000, 1000, 1296, 1296), (200, 200, 64, 64), (1, 1, 1, 1)],
)
def test_image_tokens_are_those_of_the_documentation(width: int, height: int, standard: int, high: int) -> None:
    assert image_tokens(width, height, tier("standard")) == standard
    assert image_tokens(width, height, tier("high")) == high


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_the_four_image_types_are_taken(api: Any, image: Any, kind: str) -> None:
    status, body = api.ask(messages=user(image(300, 200, "red", kind)))

    said = body["content"][-1]["text"]
    assert status == 200
    assert f"{kind}, 300 x 200 px, 88 tokens: all red" in said


def test_the_claimed_type_must_be_the_real_one(api: Any, image: Any) -> None:
    assert api.refused(messages=user(image(kind="PNG", claimed="image/jpeg"))) == (
        "messages.0.content.0.image.source.base64: The image was specified using the image/jpeg media type, but the "
        "image appears to be a image/png image"
    )


@pytest.mark.parametrize(
    ("data", "ending"),
    [("%%%", "base64.data: Invalid base64 data"), ("aGVsbG8=", "base64.data: Could not process image")],
)
def test_what_is_no_image_is_refused(api: Any, image: Any, data: str, ending: str) -> None:
    block = image()
    block["source"]["data"] = data

    assert api.refused(messages=user(block)).endswith(ending)


def test_an_image_over_10_mb_is_refused_by_its_size(api: Any, image: Any) -> None:
    block = image()
    block["source"]["data"] = "A" * (10 * 1024 * 1024 + 4)

    assert api.refused(messages=user(block)) == (
        "messages.0.content.0.image.source.base64: image exceeds 10 MB maximum: 10485764 bytes > 10485760 bytes"
    )


@pytest.mark.parametrize("size", [(8001, 10), (60_000, 60_000)], ids=["a pixel over", "a bomb"])
def test_a_side_over_8000_px_is_refused_from_the_header_alone(api: Any, image: Any, size: tuple[int, int]) -> None:
    block = image()
    block["source"]["data"] = png_header(*size)

    status, body = api.ask(messages=user(block))

    assert status == 400
    assert "image dimensions exceed max allowed size: 8000 pixels" in body["error"]["message"]
    assert body["error"]["details"]["error_code"] == "image_dimensions_too_large"


def test_broken_pixels_behind_a_good_header_do_not_stop_the_answer(api: Any, image: Any) -> None:
    block = image()
    block["source"]["data"] = png_header(40, 30)

    status, body = api.ask(messages=user(block))

    assert status == 200
    assert "its pixels cannot be decoded" in body["content"][-1]["text"]


def test_more_than_twenty_images_may_not_be_larger_than_2000_px(api: Any, image: Any) -> None:
    small, large = image(), image(2001, 1)

    assert api.ask(messages=user(*[large] * 20))[0] == 200
    assert api.ask(messages=user(*[small] * 21))[0] == 200
    assert "many-image requests: 2000 pixels" in api.refused(messages=user(*[small] * 20, large))


def test_images_in_tool_results_count_too(api: Any, image: Any) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "shoot", "input": {}}
    results = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [image(2001, 1)] * 21}]
    messages = [*user({"type": "text", "text": "Go"}), {"role": "assistant", "content": [call]}, *user(*results)]

    message = api.refused(messages=messages)

    assert message.startswith("messages.2.content.0.tool_result.content.0.image.source.base64.data: ")


@pytest.mark.parametrize(("model", "most"), [("claude-haiku-5-5", 600), ("claude-haiku-4-5", 100)])
def test_the_number_of_images_has_a_limit(api: Any, image: Any, model: str, most: int) -> None:
    assert api.ask(model=model, messages=user(*[image(1, 1)] * most))[0] == 200
    assert f"{most} maximum" in api.refused(model=model, messages=user(*[image(1, 1)] * (most + 1)))


def test_an_image_may_forbid_being_shrunk(api: Any, image: Any) -> None:
    block = image(3840, 2160) | {"transformations": {"oversized_image": "error"}}

    assert "would be downsized to 2576x1449" in api.refused(messages=user(block))


def test_a_pdf_is_counted_by_its_pages(api: Any, pdf: Any) -> None:
    path = "/v1/messages/count_tokens"
    one, three = (api.ask(path, max_tokens=None, messages=user(pdf(pages)))[1]["input_tokens"] for pages in (1, 3))

    assert 2 * 1500 <= three - one <= 2 * (3000 + 4784)


def test_a_pdf_is_described_by_title_and_pages(api: Any, pdf: Any) -> None:
    assert "“Report”, PDF of 3 pages" in api.ask(messages=user(pdf(3)))[1]["content"][-1]["text"]


def test_an_encrypted_pdf_and_a_false_one_are_refused(api: Any, pdf: Any) -> None:
    false = pdf()
    false["source"]["data"] = base64.b64encode(b"hello").decode()

    assert "password protected" in api.refused(messages=user(pdf(password="secret")))
    assert "The PDF specified was not valid" in api.refused(messages=user(false))


@pytest.mark.parametrize(("model", "most"), [("claude-haiku-5-5", 600), ("claude-haiku-4-5", 100)])
def test_the_number_of_pages_has_a_limit(api: Any, pdf: Any, model: str, most: int) -> None:
    message = api.refused(model=model, messages=user(pdf(most), pdf(1)))

    assert message == f"A maximum of {most} PDF pages may be provided."


def test_images_by_url_are_taken_unseen(api: Any) -> None:
    block = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}

    said = api.ask(messages=user(block))[1]["content"][-1]["text"]

    assert "`https://example.com/a.png`, not fetched" in said


def test_a_text_document_is_described_by_title_size_and_first_line(api: Any) -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "\nFirst line\nsecond line"}

    said = api.ask(messages=user({"type": "document", "title": "Notes", "source": source}))[1]["content"][-1]["text"]

    assert "**Document** “Notes”, 23 characters in 3 lines, begins “First line”\n" in said


def test_python_in_a_document_is_described_by_its_names(api: Any) -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "import os\n\n\ndef climb(tree):\n    return os\n"}

    said = api.ask(messages=user({"type": "document", "source": source}))[1]["content"][-1]["text"]

    assert "Python: imports `os`; functions `climb`." in said
