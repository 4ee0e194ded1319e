from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from clarion import ClaudeConfig, Document, Image, InvalidPromptError
from clarion._catalog import Catalog
from clarion._preparation import prepared
from clarion._prompt import drafted, images_in, parts_of

JPEG = (Path(__file__).parent.parent / "examples" / "coffee.jpg").read_bytes()
TEXT = {"type": "text", "text": "Hi"}


def messages_of(prompt: Any) -> list[dict[str, Any]]:
    """The messages of a prompt, images and documents read."""
    return list(prepared(drafted(prompt), ClaudeConfig(), Catalog.load()).messages)


def test_a_text_becomes_one_message_of_the_user() -> None:
    assert messages_of("Hi") == [{"role": "user", "content": [TEXT]}]


def test_parts_of_every_kind_become_the_content_of_one_message() -> None:
    (message,) = messages_of(["What is this?", Image(JPEG), Document(b"some text"), {"type": "text", "text": "Well?"}])

    assert [block["type"] for block in message["content"]] == ["text", "image", "document", "text"]


def test_one_image_alone_is_a_prompt() -> None:
    (message,) = messages_of(Image(JPEG))

    assert [block["type"] for block in message["content"]] == ["image"]


def test_messages_stay_as_they_are() -> None:
    messages: list[Any] = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [TEXT]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "4"}]},
    ]

    assert messages_of(messages) == messages


def test_images_may_stand_in_the_content_of_a_message() -> None:
    (message,) = messages_of([{"role": "user", "content": ["Look:", Image(JPEG)]}])

    assert [block["type"] for block in message["content"]] == ["text", "image"]


def test_what_was_passed_in_is_never_changed() -> None:
    messages: list[Any] = [{"role": "user", "content": ["Look:", Image(JPEG)]}]

    messages_of(messages)

    assert isinstance(messages[0]["content"][1], Image)


@pytest.mark.parametrize(
    ("prompt", "complaint"),
    [
        ("", "part 0 of the prompt is empty text"),
        (" \n", "part 0 of the prompt is empty text"),
        ([], "an empty list"),
        (None, "got NoneType"),
        (42, "got int"),
        (b"bytes", "got bytes"),
        ({"role": "user", "content": "Hi"}, "got dict"),
        (["Hi", 42], "part 1 of the prompt is a int"),
        (["Hi", {"text": "no type"}], "part 1 of the prompt is a dict"),
        ([{"role": "user", "content": "Hi"}, "Hi"], "item 1 is no message"),
        (["Hi", {"role": "user", "content": "Hi"}], "item 0 is no message"),
        ([{"role": "human", "content": "Hi"}], "message 0 has the role 'human'"),
        ([{"role": "user"}], "message 0 has no content"),
        ([{"role": "user", "content": 42}], "the content of message 0 is a int"),
        ([{"role": "user", "content": ["Hi", ""]}], "part 1 of message 0 is empty text"),
    ],
)
def test_a_prompt_that_cannot_be_is_refused_by_name(prompt: Any, complaint: str) -> None:
    with pytest.raises(InvalidPromptError, match=complaint):
        messages_of(prompt)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Hi", 0),
        (["Hi", TEXT], 0),
        ([{"role": "user", "content": "Hi"}], 0),
        (Image("a.png"), 1),
        (["Hi", Image("a.png"), Document("b.txt")], 2),
        ([{"role": "user", "content": ["Hi", Document("a.pdf")]}], 1),
    ],
)
def test_images_and_documents_wait_in_the_draft(prompt: Any, count: int) -> None:
    assert len(parts_of(drafted(prompt))) == count


def test_images_are_counted_where_they_stand_as_blocks_already() -> None:
    image = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [image, TEXT]}

    assert images_in([{"role": "user", "content": [image, result, TEXT]}, {"role": "user", "content": "Hi"}]) == 2


@pytest.mark.parametrize(
    ("part", "way_out"),
    [
        (Path("a.png"), r"a PosixPath \(pass Image\(...\) or Document\(...\) of it\)"),
        (b"bytes", r"a bytes \(pass Image\(...\) or Document\(...\) of it\)"),
        (PIL.Image.new("RGB", (2, 2)), r"a picture of Pillow \(pass clarion's Image\(...\) of it\)"),
    ],
)
def test_a_part_that_could_be_one_is_told_how(part: Any, way_out: str) -> None:
    with pytest.raises(InvalidPromptError, match=f"part 1 of the prompt is {way_out}"):
        drafted(["What is this?", part])
