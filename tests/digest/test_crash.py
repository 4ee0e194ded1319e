"""A digest that is killed, and two that are started at once."""

from __future__ import annotations

import random
from pathlib import Path

from clarion.emulator import Server
from digesting import Job, Till, citations, recorded


def book(folder: Path, *, files: int) -> dict[str, Path]:
    """Write documents, and return them by the names they are cited by."""
    folder.mkdir()
    for number in range(files):
        lines = (f"The animal {number}.{line} swims in river {line}. " for line in range(30))
        (folder / f"{number:02}.md").write_text(f"# Chapter {number}\n\n{''.join(lines)}")
    return {f"{folder.name}/{path.name}": path for path in folder.iterdir()}


def job(url: str, folder: Path) -> Job:
    return Job(
        url=url,
        store=folder / "digest.db",
        task="Which animals swim?",
        documents=folder / "book",
        piece=700,
        concurrency=3,
    )


def test_a_killed_digest_goes_on_and_pays_for_no_recorded_piece_again(tmp_path: Path) -> None:
    files = book(tmp_path / "book", files=16)
    share = random.uniform(0.2, 0.7)
    print(f"killed at {share}")

    with Server(till := Till(first_token_delay=0.03)) as server:
        digesting = job(server.url, tmp_path)
        done, pieces = digesting.start().kill_when(share)
        kept = recorded(digesting.store)
        digest = digesting.start().result()

    assert done <= len(kept) < pieces == len(till.paid)
    assert all(till.paid[piece] == 1 for piece in kept)
    assert till.paid.total() - pieces <= digesting.concurrency
    assert digest["reused"] == len(kept)
    checked, bad = citations(digest, digesting.store, files)
    assert checked >= pieces
    assert bad == []


def test_two_at_once_on_one_store_do_not_pay_twice(tmp_path: Path) -> None:
    book(tmp_path / "book", files=6)

    with Server(till := Till(first_token_delay=0.05)) as server:
        both = [job(server.url, tmp_path).start() for _ in range(2)]
        found = [each.result() for each in both]

    errors = [each["error"] for each in found if "error" in each]
    assert set(till.paid.values()) == {1}
    assert len(errors) < 2
    assert all("another process is working on the digests" in error for error in errors)
