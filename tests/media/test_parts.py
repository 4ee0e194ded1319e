from __future__ import annotations

import threading
from typing import Any

import pytest

from clarion import Document, Image, MediaError
from clarion._media import STANDARD, Tier, prepare
from media.papers import pdf
from media.pictures import flag, saved, seen


def test_many_parts_are_prepared_in_their_order() -> None:
    parts = [Image(flag(20 + number, 30)) if number % 3 else Document(b"text %d" % number) for number in range(18)]

    blocks = prepare(parts)

    assert blocks == [part.block() for part in parts]
    assert prepare([]) == []


def test_a_tier_holds_for_every_image() -> None:
    blocks = prepare([Image(flag(1800, 100)), Image(flag(100, 1800))], STANDARD)

    assert [max(seen(block).size) for block in blocks] == [1568, 1568]


def test_more_than_twenty_images_are_made_to_fit_a_request_of_many() -> None:
    data = saved(flag(2200, 40), "PNG")

    few, many = (prepare([Image(data)] * count) for count in (20, 21))

    assert {seen(block).size[0] for block in few} == {2200}
    assert {seen(block).size[0] for block in many} == {1988}


def test_a_pdf_with_more_pages_than_the_model_takes_is_refused() -> None:
    documents = [Document(pdf(101))]

    assert len(prepare(documents)) == 1
    with pytest.raises(MediaError, match="a request takes 100"):
        prepare(documents, max_pages=100)


def test_a_part_of_another_kind_is_asked_for_its_block() -> None:
    class Note:
        def block(self) -> dict[str, Any]:
            return {"type": "text", "text": "note"}

    assert [block["type"] for block in prepare([Note(), Image(flag())])] == ["text", "image"]


def test_images_are_prepared_in_a_bounded_number_of_threads() -> None:
    threads: set[int] = set()

    class Watched(Image):
        def block(self, tier: Tier = STANDARD) -> dict[str, Any]:
            threads.add(threading.get_ident())
            return super().block(tier)

    prepare([Watched(flag(300, 200)) for _ in range(60)])

    assert threading.get_ident() not in threads
    assert 1 <= len(threads) <= 8


def test_the_first_image_that_cannot_be_sent_is_named() -> None:
    parts = [Image(flag()), Image(b"first"), Image("gone.png"), *[Image(flag())] * 20]

    with pytest.raises(MediaError, match="<5 bytes> is no image"):
        prepare(parts)
