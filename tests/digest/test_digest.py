"""Digests as a whole, in both colours, on the emulator."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from clarion import (
    AsyncClaudeService,
    ClaudeConfig,
    ClaudeService,
    Digest,
    DigestError,
    DigestProgress,
    DigestStopped,
    DigestStoreError,
    Document,
    InvalidPromptError,
    InvalidSettingError,
    LimitError,
    MediaError,
    RetryPolicy,
)
from clarion._digest.piece import place_of
from clarion._digest.store import Store
from clarion.emulator import Emulator, Server, script
from wire import RememberingEmulator

SECTIONS = 6
SIZE: dict[str, Any] = {"piece_tokens": 400, "overlap": 20}
TASK = "Which animals swim, and where?"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of chapters, each longer than a piece may be with another."""
    chapters = [
        f"# Chapter {number}\n\n"
        + "".join(f"The animal {number}.{line} swims in river {number * line} and never sleeps. " for line in range(12))
        for number in range(1, SECTIONS + 1)
    ]
    path = tmp_path / "book.md"
    path.write_text("\n\n".join(chapters), "utf-8")
    return path


def messages(emulator: RememberingEmulator) -> list[dict[str, Any]]:
    """The requests that cost something."""
    return [request.json for request in emulator.requests if request.path == "/v1/messages"]


def reads_notes(body: dict[str, Any]) -> bool:
    return any(block.get("source", {}).get("type") == "content" for block in body["messages"][0]["content"])


def test_what_fits_is_read_by_one_call_through_the_cache(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    first = claude.digest(book, TASK)
    second = claude.digest(book, "Which never sleep?")

    assert [len(found.pieces) for found in (first, second)] == [1, 1]
    assert len(messages(emulator)) == 2
    assert first.usage.cache_creation_input_tokens > 1000
    assert second.usage.cache_read_input_tokens > 1000
    assert first.is_complete
    assert first.citations


def test_what_does_not_fit_is_read_in_pieces_and_every_citation_stands_where_it_says(claude: Any, book: Path) -> None:
    found: Digest = claude.digest(Document(book), TASK, **SIZE)

    text = book.read_text("utf-8")
    assert len(found.pieces) == SECTIONS
    assert found.is_complete
    assert found.calls > len(found.pieces)
    assert found.citations
    assert not found.unverified
    for citation in found.citations:
        piece = found.pieces[citation.piece - 1]
        [(document, start, end)] = piece.documents
        assert text[citation.start : citation.end] == citation.quote
        assert start <= citation.start < citation.end <= end
        assert citation.document == document
        assert citation.headings == (f"Chapter {citation.quote.split('animal ')[1].split('.')[0]}",)


def test_the_estimate_comes_close_to_the_cost_and_costs_nothing(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    size = {"piece_tokens": 1500, "model": "claude-sonnet-5-5"}
    book.write_text(book.read_text("utf-8") * 10, "utf-8")

    estimate = claude.estimate_digest(book, TASK, **size)
    paid_before = len(messages(emulator))
    found = claude.digest(book, TASK, **size)

    assert paid_before == 0
    assert estimate.cost == pytest.approx(found.estimate.cost)
    assert estimate.low < found.cost.total < estimate.high
    assert estimate.counted == 8
    assert sum(body["messages"][0]["content"][0]["type"] == "document" for body in messages(emulator)) == found.calls


def test_a_second_run_pays_nothing_and_an_edited_document_only_what_changed(
    claude: Any, emulator: RememberingEmulator, book: Path, tmp_path: Path
) -> None:
    kept = {"store": tmp_path / "digest.db", **SIZE}
    first = claude.digest(book, TASK, **kept)
    calls = len(messages(emulator))

    second = claude.digest(book, TASK, **kept)

    assert len(messages(emulator)) == calls
    assert (second.text, second.statements, second.cost) == (first.text, first.statements, first.cost)
    assert second.reused == second.calls == calls

    book.write_text(book.read_text("utf-8") + "\n\n# Epilogue\n\nThe otter swims in the sea.", "utf-8")
    third = claude.digest(book, TASK, **kept)

    assert len(messages(emulator)) - calls <= 5  # the last piece, the new one, and what is made of their notes
    assert third.reused >= len(first.pieces) - 1


def test_a_piece_that_fails_is_named_and_the_others_are_answered_from(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    emulator.add(script.refusal().when(text="Write your notes"))

    found: Digest = claude.digest(book, TASK, **SIZE, concurrency=1)

    assert [piece.number for piece in found.failed] == [1]
    assert "RefusalError" in (found.failed[0].error or "")
    assert found.citations
    assert not found.is_complete


def test_calls_are_tried_again_and_told_to_wait(claude: Any, emulator: RememberingEmulator, book: Path) -> None:
    emulator.add(script.error(529), script.error(500))

    found = claude.digest(book, TASK, retry=RetryPolicy(base=0.001, overloads=9), **SIZE)

    assert found.is_complete
    assert not emulator.unused


def test_a_bad_key_stops_at_once(claude: Any, emulator: RememberingEmulator, book: Path) -> None:
    emulator.add(script.error(401).times(1000))

    with pytest.raises(DigestStopped, match=r"0 of \d+ pieces read") as caught:
        claude.digest(book, TASK, concurrency=2, **SIZE)

    assert caught.value.done == 0
    assert caught.value.cost == 0
    assert len(messages(emulator)) <= 4


def test_calls_that_all_fail_stop_it_before_every_piece_has_failed(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    emulator.add(script.error(400).times(1000))

    with pytest.raises(DigestStopped, match="the first 5 calls have failed"):
        claude.digest(book, TASK, concurrency=1, **SIZE)

    assert len(messages(emulator)) == 5


def test_notes_that_cannot_be_put_together_stop_it_and_the_next_run_goes_on(
    claude: Any, emulator: RememberingEmulator, book: Path, tmp_path: Path
) -> None:
    kept = {"store": tmp_path / "digest.db", **SIZE}
    emulator.add(
        script.answer(noting).when(text="Write your notes").times(1000),
        script.refusal().when(text="Put the notes together"),
    )
    with pytest.raises(DigestStopped, match="no answer could be made of pieces 1 to"):
        claude.digest(book, TASK, **kept)
    calls = len(messages(emulator))

    found = claude.digest(book, TASK, **kept)

    assert found.is_complete
    assert found.reused == calls - 1


def noting(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer with one long statement of every document, and its place."""
    blocks = []
    for index, document in enumerate(body["messages"][0]["content"][:-1]):
        source = document["source"]
        if source["type"] == "content":
            said = source["content"][0]["text"]
            place: dict[str, Any] = {"type": "content_block_location", "start_block_index": 0, "end_block_index": 1}
        else:
            start = source["data"].index("The animal")
            said = source["data"][start : start + 700].rstrip()
            place = {"type": "char_location", "start_char_index": start, "end_char_index": start + len(said)}
        citation = {"cited_text": said, "document_index": index, "document_title": None, **place}
        blocks.append({"type": "text", "text": f"{said}\n", "citations": [citation]})
    return blocks


def test_the_answer_is_from_what_its_notes_are_from(claude: Any, emulator: RememberingEmulator, book: Path) -> None:
    emulator.add(script.answer(noting).times(1000))

    found: Digest = claude.digest(book, TASK, **SIZE)

    assert any("Put the notes together" in json.dumps(body) for body in messages(emulator))
    assert len(found.statements) > 1
    assert all(len(statement.citations) == 1 for statement in found.statements)
    for statement in found.statements:
        [citation] = statement.citations
        assert citation.quote == statement.text


def test_words_that_are_not_in_the_piece_are_no_citation(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    place = {"type": "char_location", "start_char_index": 0, "end_char_index": 9, "document_index": 0}
    made_up = {"cited_text": "The whale swims.", "document_title": None, **place}
    emulator.add(script.blocks([{"type": "text", "text": "Whales swim.", "citations": [made_up]}]))

    found: Digest = claude.digest(book, TASK)

    assert found.text == "Whales swim."
    assert found.citations == ()
    assert [citation.quote for citation in found.unverified] == ["The whale swims."]
    assert "[1]" not in found.to_markdown()


def test_documents_of_which_nothing_is_of_use_have_an_empty_answer(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    emulator.add(script.say("Nothing.").times(1000))

    found: Digest = claude.digest(book, TASK, **SIZE)

    assert (found.text, found.statements) == ("", ())
    assert len(messages(emulator)) == len(found.pieces)


def test_answers_that_are_cut_off_are_told(claude: Any, emulator: RememberingEmulator, book: Path) -> None:
    emulator.add(script.stop("max_tokens").when(text="Write your notes"))

    found: Digest = claude.digest(book, TASK, **SIZE)

    assert sum(piece.truncated for piece in found.pieces) == 1
    assert not found.truncated
    assert not found.is_complete


def test_a_budget_that_will_not_do_is_refused_before_anything_is_sent(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    with pytest.raises(LimitError, match=r"over the budget of \$0.001"):
        claude.digest(book, TASK, budget=0.001, **SIZE)

    assert messages(emulator) == []


def test_a_budget_is_kept_and_a_higher_one_goes_on(
    claude: Any, emulator: RememberingEmulator, book: Path, tmp_path: Path
) -> None:
    kept = {"store": tmp_path / "digest.db", **SIZE}
    estimate = claude.estimate_digest(book, TASK, **SIZE)
    budget = round(float(estimate.low) + 0.001, 4)

    with pytest.raises(DigestStopped, match="does not allow another call") as caught:
        claude.digest(book, TASK, budget=budget, **kept)
    calls = len(messages(emulator))
    found = claude.digest(book, TASK, **kept)

    assert caught.value.cost is not None
    assert float(caught.value.cost) <= budget
    assert found.reused == calls


def test_a_budget_that_all_calls_at_once_might_go_over_lets_fewer_go(claude: Any, book: Path) -> None:
    found = claude.digest(book, TASK, budget=0.45, concurrency=8, **SIZE)  # a call on a piece may cost 9 cents

    assert found.is_complete
    assert found.cost.total < 0.2


def test_notes_of_which_nothing_is_left_have_an_empty_answer(
    claude: Any, emulator: RememberingEmulator, book: Path
) -> None:
    emulator.add(
        script.answer(noting).when(text="Write your notes").times(1000),
        script.say("Nothing.").when(text="Put the notes together").times(1000),
    )

    assert claude.digest(book, TASK, **SIZE).text == ""


def test_progress_says_how_it_goes_and_can_stop_it(claude: Any, book: Path, tmp_path: Path) -> None:
    kept = {"store": tmp_path / "digest.db", **SIZE}
    seen: list[DigestProgress] = []

    def watch(progress: DigestProgress) -> None:
        seen.append(progress)
        if progress.done == 3:
            progress.stop()

    with pytest.raises(DigestStopped, match="run it again") as caught:
        claude.digest(book, TASK, on_progress=watch, concurrency=2, **kept)

    assert seen[0].phase == "reading"
    assert seen[-1].phase == "noting"
    assert 3 <= caught.value.done <= 5
    assert seen[0].estimate is None
    assert seen[-1].estimate is not None
    assert seen[-1].estimate.answers == "measured"

    found = claude.digest(book, TASK, on_progress=seen.append, **kept)
    assert found.reused == caught.value.done
    assert {"reading", "noting", "answering", "done"} <= {progress.phase for progress in seen}


def test_a_long_system_prompt_goes_to_the_cache_once(claude: Any, emulator: RememberingEmulator, book: Path) -> None:
    found = claude.digest(book, TASK, system="You are a zoologist. " * 200, **SIZE)

    on_pieces = [body for body in messages(emulator) if not reads_notes(body)]
    assert all("cache_control" in body["system"][-1] for body in on_pieces)
    assert all("cache_control" not in json.dumps(body["messages"]) for body in on_pieces)
    assert found.usage.cache_creation_input_tokens == found.usage.cache_read_input_tokens / (len(on_pieces) - 1) > 0


def test_a_folder_is_read_with_what_it_holds_and_what_is_no_document_is_named(claude: Any, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "swim.py").write_text("def swim():\n    return 'Otters swim.'\n")
    (folder / "notes.txt").write_text("Otters swim in rivers.")
    (folder / "empty.txt").write_text("")
    (folder / "data.bin").write_bytes(bytes(range(256)))
    (folder / ".hidden").write_text("no")

    found: Digest = claude.digest([folder, Document(b"Seals swim.", title="seals")], TASK)

    assert [name for name, _, _ in found.pieces[0].documents] == ["project/notes.txt", "project/src/swim.py", "seals"]
    assert [each.name for each in found.skipped] == ["project/data.bin", "project/empty.txt"]


def test_documents_of_one_name_are_told_apart(claude: Any, emulator: RememberingEmulator, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "docs").mkdir(parents=True)
        (tmp_path / name / "docs" / "one.md").write_text(f"Otters of {name} swim.")

    found = claude.digest([tmp_path / "a" / "docs", tmp_path / "b" / "docs"], TASK)

    assert [name for name, _, _ in found.pieces[0].documents] == ["docs/one.md", "docs/one.md (2)"]


def test_what_had_to_be_adjusted_is_told(claude: Any, book: Path) -> None:
    found: Digest = claude.digest(book, TASK, model="claude-3-5-sonnet-20241022", adjust="silent", **SIZE)

    assert [adjustment.rule for adjustment in found.adjustments].count("retired-model") == 1


def test_places_are_right_after_white_space_that_is_not_sent(claude: Any) -> None:
    text = "Seals swim." + " \n" * 200_000 + "Otters swim."

    found: Digest = claude.digest(Document(text.encode(), title="a"), "Do otters swim?")

    assert found.citations
    assert all(text[citation.start : citation.end] == citation.quote for citation in found.citations)


def test_what_is_white_space_alone_is_not_sent(claude: Any, emulator: RememberingEmulator) -> None:
    claude.digest(Document(b"Otters swim." + b" \n" * 4000), TASK, piece_tokens=200, overlap=0)

    texts = [block["source"]["data"] for block in messages(emulator)[0]["messages"][0]["content"][:-1]]
    assert texts
    assert all(text.strip() for text in texts)


@pytest.mark.parametrize(
    ("documents", "error", "why"),
    [
        ("no-such-file.md", MediaError, "there is no file 'no-such-file.md'"),
        ([], InvalidPromptError, "there is nothing to digest"),
        ([42], InvalidPromptError, "got int"),
        ("The text itself. " * 50, MediaError, "pass Document"),
        (Document(b"  \n "), MediaError, "nothing but white space"),
        (Document("https://example.com/a.pdf"), MediaError, "fetch=True"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_so(
    claude: Any, emulator: RememberingEmulator, documents: Any, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        claude.digest(documents, TASK)

    assert emulator.bodies == []


def test_an_empty_folder_is_an_error(claude: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(DigestError, match="no text to digest"):
        claude.digest(tmp_path / "empty", TASK)


@pytest.mark.parametrize(
    "options",
    [
        {"instruction": " "},
        {"piece_tokens": 10},
        {"overlap": -1},
        {"piece_tokens": 400, "overlap": 200},
        {"concurrency": 0},
        {"budget": -1},
        {"piece_tokens": 190_000, "model": "claude-haiku-4-5"},
        {"output_type": int},
        {"tools": [print]},
    ],
    ids=str,
)
def test_an_option_that_cannot_be_is_refused(claude: Any, book: Path, options: dict[str, Any]) -> None:
    with pytest.raises((InvalidSettingError, InvalidPromptError)):
        claude.digest(book, **({"instruction": TASK} | options))


def test_what_an_emulator_has_answered_counts_on_that_emulator_only(book: Path, tmp_path: Path) -> None:
    store = tmp_path / "digest.db"
    with ClaudeService(emulate=True) as claude:
        made_up = claude.digest(book, TASK, store=store)
    with Server(Emulator()) as server, ClaudeService("any", base_url=server.url) as claude:
        elsewhere = claude.digest(book, TASK, store=store)
        there = claude.digest(book, TASK, store=store)

    assert (made_up.reused, elsewhere.reused, there.reused) == (0, 0, 1)


def test_a_store_is_for_one_process_at_a_time(claude: Any, book: Path, tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    with Store(path), pytest.raises(DigestStoreError, match="another process is working"):
        claude.digest(book, TASK, store=path)

    assert claude.digest(book, TASK, store=path).is_complete


def test_a_file_that_is_no_store_is_refused_and_left_alone(claude: Any, book: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("My notes. " * 100)

    with pytest.raises(DigestStoreError, match="not an SQLite database"):
        claude.digest(book, TASK, store=path)

    assert path.read_text() == "My notes. " * 100


def test_the_store_has_the_text_of_every_piece(claude: Any, book: Path, tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    found = claude.digest(book, TASK, store=path, **SIZE)

    with Store(path) as store:
        texts = dict(enumerate((parts for _, parts in store.pieces()), 1))
    assert len(texts) == len(found.pieces)
    for citation in found.citations:
        assert any(place_of(citation.quote, part.text, None) for part in texts[citation.piece])


def test_a_service_that_is_cancelled_leaves_the_store_to_the_next(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "digest.db"

    async def cancelled() -> Digest:
        async with AsyncClaudeService(emulate=Emulator(script=[script.ok(), script.hang(30).times(1000)])) as claude:
            under_way = asyncio.Event()

            def watch(progress: DigestProgress) -> None:
                if progress.done == 1:
                    under_way.set()

            digesting = asyncio.create_task(claude.digest(book, TASK, store=path, on_progress=watch, **SIZE))
            await under_way.wait()
            digesting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await digesting
        async with AsyncClaudeService(emulate=True) as claude:
            return await claude.digest(book, TASK, store=path, **SIZE)

    assert asyncio.run(cancelled()).is_complete


def test_the_config_of_a_service_holds_for_a_digest(book: Path) -> None:
    emulator = RememberingEmulator()
    with ClaudeService(emulate=emulator, config=ClaudeConfig(model="claude-haiku-5-5", max_tokens=500)) as claude:
        claude.digest(book, TASK, effort="high", **SIZE)

    on_pieces = [body for body in messages(emulator) if not reads_notes(body)]
    assert {body["model"] for body in messages(emulator)} == {"claude-haiku-5-5"}
    assert messages(emulator)[-1]["max_tokens"] == 500
    assert {body["output_config"]["effort"] for body in on_pieces} == {"high"}


def test_a_digest_is_plain_data_and_markdown(claude: Any, book: Path) -> None:
    found: Digest = claude.digest(book, TASK)

    data = json.loads(json.dumps(found.to_dict()))
    assert data["statements"][-1]["citations"][0]["document"] == "book.md"
    assert data["cost"]["total"] == str(found.cost.total if found.cost else "")
    [citation] = found.citations
    assert found.to_markdown().endswith(f"- [1] book.md > {citation.headings[0]}: “{citation.quote}”")
