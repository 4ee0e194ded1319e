"""Citations: what is cited, where it stands, and how it streams."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.emulator.answer.citing import sentences
from media.papers import told

ON = {"enabled": True}
OTTERS = "Otters swim well. They eat fish, crabs and snails!\nDo they sleep? 😀 Yes, ten hours a day."
QUESTION = {"type": "text", "text": "Which fish do otters eat?"}


def text(data: str, **fields: Any) -> dict[str, Any]:
    source = {"type": "text", "media_type": "text/plain", "data": data}
    return {"type": "document", "source": source, "citations": ON, **fields}


def pages(*texts: str) -> dict[str, Any]:
    """Return a PDF document with these pages."""
    data = base64.b64encode(told(*texts)).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    return {"type": "document", "source": source, "citations": ON}


def custom(*texts: str) -> dict[str, Any]:
    content = [{"type": "text", "text": words} for words in texts]
    return {"type": "document", "source": {"type": "content", "content": content}, "citations": ON}


def cited(api: Any, *blocks: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the citations of the answer to a question after these blocks."""
    status, body = api.ask(messages=[{"role": "user", "content": [*blocks, QUESTION]}])
    assert status == 200, body
    return [citation for block in body["content"] for citation in block.get("citations", [])]


def test_a_text_is_cited_by_characters(api: Any) -> None:
    [citation] = cited(api, text(OTTERS, title="Otters"))

    assert citation == {
        "type": "char_location",
        "cited_text": "They eat fish, crabs and snails!",
        "document_index": 0,
        "document_title": "Otters",
        "start_char_index": 18,
        "end_char_index": 50,
    }
    assert OTTERS[18:50] == citation["cited_text"]


@given(st.text(alphabet=st.sampled_from("ab😀é .!?\n\t"), max_size=60))
def test_the_cited_text_is_what_stands_at_its_place(data: str) -> None:
    for passage in sentences(data, "", {}):
        place = passage.citation
        assert data[place["start_char_index"] : place["end_char_index"]] == place["cited_text"] == passage.text
        assert passage.text.strip() == passage.text != ""


def test_a_pdf_is_cited_by_pages(api: Any) -> None:
    [citation] = cited(api, pages("Nothing here.", "They eat fish. They are shy."))

    assert citation == {
        "type": "page_location",
        "cited_text": "They eat fish.",
        "document_index": 0,
        "document_title": None,
        "start_page_number": 2,
        "end_page_number": 3,
    }


def test_custom_content_is_cited_by_whole_blocks(api: Any) -> None:
    [citation] = cited(api, custom("Otters swim. They do it well.", "They eat fish. And crabs.", "They sleep."))

    assert citation == {
        "type": "content_block_location",
        "cited_text": "They eat fish. And crabs.",
        "document_index": 0,
        "document_title": None,
        "start_block_index": 1,
        "end_block_index": 2,
    }


def test_search_results_have_an_index_of_their_own(api: Any) -> None:
    content = [{"type": "text", "text": "They swim."}, {"type": "text", "text": "They eat fish."}]
    result = {"type": "search_result", "source": "https://otters", "title": "Otters", "content": content}

    found = cited(api, text("Nothing."), result | {"citations": {"enabled": False}}, result | {"citations": ON})

    assert found[-1] == {
        "type": "search_result_location",
        "cited_text": "They eat fish.",
        "search_result_index": 1,
        "source": "https://otters",
        "title": "Otters",
        "start_block_index": 1,
        "end_block_index": 2,
    }


def test_documents_are_counted_through_the_whole_conversation(api: Any) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("They eat fish.")]}
    messages = [
        {"role": "user", "content": [text("Otters swim."), QUESTION]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]

    _, body = api.ask(messages=messages, tools=[{"name": "read", "input_schema": {"type": "object"}}])

    places = [
        (each["document_index"], each["cited_text"]) for block in body["content"] for each in block.get("citations", [])
    ]
    assert places == [(0, "Otters swim."), (1, "They eat fish.")]


@pytest.mark.parametrize(
    "blocks", [[], [text(OTTERS, citations={"enabled": False})], [pages(" ")], [text(" \n ")]], ids=len
)
def test_nothing_is_cited_where_there_is_nothing_to_cite(api: Any, blocks: list[dict[str, Any]]) -> None:
    assert cited(api, *blocks) == []


def test_text_that_cites_is_apart_from_text_that_does_not(api: Any) -> None:
    _, body = api.ask(messages=[{"role": "user", "content": [text(OTTERS), text("They eat fish."), QUESTION]}])

    texts = [block for block in body["content"] if block["type"] == "text"]
    assert ["citations" in block for block in texts] == [False, False, True, False, True]
    assert all(block["text"].strip() for block in texts)


def test_an_answer_with_citations_can_be_sent_back(api: Any) -> None:
    first = {"role": "user", "content": [text(OTTERS), QUESTION]}
    _, body = api.ask(messages=[first])

    answer = {"role": "assistant", "content": body["content"]}
    assert api.ask(messages=[first, answer, {"role": "user", "content": "And snails?"}])[0] == 200


def test_a_citing_block_streams_its_citations_before_its_text(api: Any) -> None:
    fields = {"model": "claude-haiku-5-5", "max_tokens": 1000, "stream": True}
    body = fields | {"messages": [{"role": "user", "content": [text(OTTERS), QUESTION]}]}
    stream = b"".join(chunk.data for chunk in api.send("POST", "/v1/messages", body).body).decode()
    events = [json.loads(line.removeprefix("data: ")) for line in stream.split("\n") if line.startswith("data: ")]

    starts = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert starts[-1] == {"type": "text", "text": "", "citations": []}
    assert starts[-2] == {"type": "text", "text": ""}
    last = [
        event["delta"]
        for event in events
        if event["type"] == "content_block_delta" and event["index"] == len(starts) - 1
    ]
    assert [delta["type"] for delta in last][:2] == ["citations_delta", "text_delta"]
    assert last[0]["citation"]["cited_text"] == "".join(delta.get("text", "") for delta in last)
