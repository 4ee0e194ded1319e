"""Ask a folder of documents a question, offline: what it costs, a stop on the way, and the answer with its sources."""

from __future__ import annotations

import tempfile
from pathlib import Path

from clarion import ClaudeService, DigestProgress, DigestStopped

GUIDES = Path(__file__).parent.parent / "docs"
QUESTION = "Which guarantees are given for a process that is killed?"


def stop_half_way(progress: DigestProgress) -> None:
    """Stop when half of the pieces are read: as Ctrl-C does, or worse."""
    if progress.done >= progress.pieces / 2:
        progress.stop()


def main() -> None:
    store = Path(tempfile.mkdtemp(), "guides.db")
    claude = ClaudeService(emulate=True)  # without it, the key is found as the SDK finds it

    estimate = claude.estimate_digest(GUIDES, QUESTION, piece_tokens=16_000)
    print(f"{estimate.pieces} pieces, {estimate}")
    try:
        claude.digest(GUIDES, QUESTION, store=store, piece_tokens=16_000, concurrency=2, on_progress=stop_half_way)
    except DigestStopped as stopped:
        print(f"stopped with {stopped.done} of {stopped.pieces} pieces read, after ${stopped.cost:.2f}")

    digest = claude.digest(GUIDES, QUESTION, store=store, piece_tokens=16_000)  # goes on from there
    print(f"{digest.reused} calls were not paid again; {digest.cost} in all")
    for number, citation in enumerate(digest.citations, 1):
        print(f"[{number}] {citation}: {citation.quote}")


if __name__ == "__main__":
    main()
