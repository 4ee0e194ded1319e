"""The Files API, and files in requests."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import anthropic
import pytest

from clarion.emulator import files as kept

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400.0


def asked(client: anthropic.Anthropic, *content: Any) -> anthropic.types.Message:
    return client.messages.create(
        model="claude-haiku-5-5", max_tokens=500, messages=[{"role": "user", "content": [*content]}]
    )


def by_id(kind: str, file_id: str) -> Any:
    return {"type": kind, "source": {"type": "file", "file_id": file_id}}


def uploading(api: Any, body: bytes, content_type: str = "multipart/form-data; boundary=x") -> tuple[int, str]:
    response = api.send("POST", "/v1/files", body, content_type=content_type)
    return response.status, json.loads(response.body).get("error", {}).get("message", "")


def form(name: str = "file", filename: str | None = "a.txt", content: str = "hello") -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\nContent-Type: text/plain\r\n\r\n'
    return f"{head}{content}\r\n--x--\r\n".encode()


def test_an_uploaded_file_is_described(client: anthropic.Anthropic) -> None:
    file = client.files.upload(file=("notes.txt", b"hello", "text/plain"))

    assert (file.filename, file.mime_type, file.size_bytes) == ("notes.txt", "text/plain", 5)
    assert file.expires_at is None
    assert file.downloadable is False
    assert client.files.retrieve_metadata(file.id) == file


def test_an_uploaded_file_cannot_be_downloaded(client: anthropic.Anthropic) -> None:
    file = client.files.upload(file=("notes.txt", b"hello", "text/plain"))

    with pytest.raises(anthropic.BadRequestError) as caught:
        client.files.download(file.id)

    assert caught.value.error_code == "file_not_downloadable"


def test_what_a_tool_made_can_be_downloaded(api: Any, client: anthropic.Anthropic) -> None:
    now = api.emulator.clock()
    made = kept.File(
        id="file_1", filename="plot.png", mime_type="image/png", created_at=now, downloadable=True, content=b"PNG"
    )
    api.emulator._state.files.add(made)

    assert client.files.download("file_1").read() == b"PNG"


def test_the_content_of_a_file_expires_and_its_description_30_days_later(api: Any, client: anthropic.Anthropic) -> None:
    file = client.files.upload(file=("notes.txt", b"hello", "text/plain"), expires_in_seconds=3600)

    api.emulator.clock.advance(3600)

    with pytest.raises(anthropic.NotFoundError) as caught:
        client.files.download(file.id)
    assert caught.value.error_code == "file_expired"
    assert client.files.retrieve_metadata(file.id).id == file.id
    assert client.files.list().data == []
    api.emulator.clock.advance(30 * DAY)
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(file.id)


def test_a_deleted_file_is_gone(client: anthropic.Anthropic) -> None:
    file = client.files.upload(file=("notes.txt", b"hello", "text/plain"))

    assert client.files.delete(file.id).type == "file_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.files.delete(file.id)


def test_files_are_listed_newest_first_with_a_cursor(client: anthropic.Anthropic) -> None:
    made = [client.files.upload(file=(f"{number}.txt", b"x", "text/plain")).id for number in range(5)]

    page = client.files.list(limit=2)

    assert [file.id for file in page.data] == made[:-3:-1]
    assert page.next_page is not None
    assert [file.id for file in client.files.list(limit=2)] == made[::-1]


def test_files_can_be_asked_for_by_id_and_unknown_ids_are_left_out(client: anthropic.Anthropic) -> None:
    made = [client.files.upload(file=(f"{number}.txt", b"x", "text/plain")).id for number in range(3)]

    found = client.files.list(ids=[made[0], "file_unknown", made[2]])

    assert {file.id for file in found.data} == {made[0], made[2]}
    assert found.next_page is None
    with pytest.raises(anthropic.BadRequestError, match="together"):
        client.files.list(ids=made, limit=2)


@pytest.mark.parametrize(
    ("given", "stored"),
    [("dir/notes.txt", "notes.txt"), ("C:\\dir\\notes.txt", "notes.txt"), (None, "unnamed.txt"), ("", "unnamed.txt")],
)
def test_a_file_keeps_the_last_part_of_its_name(api: Any, given: str | None, stored: str) -> None:
    response = api.send("POST", "/v1/files", form(filename=given), content_type="multipart/form-data; boundary=x")

    assert json.loads(response.body)["filename"] == stored


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (form(name="other"), "other: Extra inputs are not permitted"),
        (form(filename="a" * 256), "file: the filename may have at most 255"),
        (form(filename="a?.txt"), "file: the filename may not hold"),
        (form()[:-10], "The request body is not a valid form"),
        (b"junk", "The request body is not a valid form"),
        (form(name="expires_in_seconds", filename=None, content="7200"), "file: Field required"),
        (form()[:-7] + form(name="expires_in_seconds", filename=None, content="60"), "expires_in_seconds: "),
    ],
)
def test_a_bad_upload_is_refused(api: Any, body: bytes, said: str) -> None:
    status, message = uploading(api, body)

    assert status == 400
    assert message.startswith(said)


def test_an_upload_that_is_no_form_is_refused(api: Any) -> None:
    assert uploading(api, b"{}", "application/json") == (
        400, "Content-Type must be multipart/form-data with a boundary",
    )  # fmt: skip


def test_a_file_counts_and_reads_as_if_it_were_sent_along(client: anthropic.Anthropic) -> None:
    text = "The sea is calm tonight. " * 40
    file = client.files.upload(file=("sea.txt", text.encode(), "text/plain"))
    inline: Any = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}}

    stored, sent = asked(client, by_id("document", file.id)), asked(client, inline)

    assert stored.usage.input_tokens == sent.usage.input_tokens
    assert stored.content == sent.content


def test_images_and_pdfs_are_used_by_file(
    client: anthropic.Anthropic, image: Callable[..., Any], pdf: Callable[..., Any]
) -> None:
    picture = client.files.upload(file=("a.png", base64.b64decode(image()["source"]["data"]), "image/png"))
    paper = client.files.upload(file=("a.pdf", base64.b64decode(pdf(3)["source"]["data"]), "application/pdf"))

    said = asked(client, by_id("image", picture.id), by_id("document", paper.id)).content[-1]

    assert "64 x 48 px" in said.to_json()
    assert "PDF of 3 pages" in said.to_json()


def test_a_file_in_a_request_must_exist_and_be_of_the_right_kind(client: anthropic.Anthropic) -> None:
    file = client.files.upload(file=("a.zip", b"PK", "application/zip"))

    with pytest.raises(anthropic.BadRequestError, match=r"messages\.0\.content\.0\.document\.source\.file"):
        asked(client, by_id("document", file.id))
    with pytest.raises(anthropic.NotFoundError, match="file_unknown"):
        asked(client, by_id("image", "file_unknown"))


def test_a_file_is_found_inside_a_tool_result(client: anthropic.Anthropic) -> None:
    called = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    result: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [by_id("image", "file_unknown")]}
    messages: Any = [
        {"role": "user", "content": "Look"},
        {"role": "assistant", "content": [called]},
        {"role": "user", "content": [result]},
    ]

    with pytest.raises(anthropic.NotFoundError, match="file_unknown"):
        client.messages.create(model="claude-haiku-5-5", max_tokens=50, messages=messages)


def test_files_are_refused_when_there_is_no_room(client: anthropic.Anthropic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "QUOTA", 10)
    client.files.upload(file=("a.txt", b"12345678", "text/plain"))

    with pytest.raises(anthropic.BadRequestError) as caught:
        client.files.upload(file=("b.txt", b"12345678", "text/plain"))

    assert caught.value.error_code == "storage_quota_exceeded"
