"""A digest of three million tokens: what it should cost and did, what it keeps in memory, what a kill costs.

    python bench/digest.py [--tokens N] [--piece N] [--concurrency N]

The documents are real: the sources of Python's standard library, and the texts (Markdown, reStructuredText, plain) that
are installed beside it. The digest runs in a process of its own against an emulator that counts how often each piece is
paid; it is killed with SIGKILL when half of the pieces are read, and run again. Then every citation is looked up in the
file it names and in the piece it names. A last run, in one go, has its memory measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # a small one of these is a test

from clarion import ClaudeService
from clarion._digest.task import scales
from clarion.emulator import Server
from digesting import Job, Till, citations, recorded

TASK = "Which classes and functions read or write files, and which errors do they raise?"
ENDINGS = (".py", ".md", ".rst", ".txt")
SKIPPED = ("site-packages", "test", "tests", "idlelib", "__pycache__", "lib2to3")
LATENCY = 0.2  # seconds that an answer takes


def corpus(folder: Path, tokens: int) -> int:
    """Copy files into a folder until they have so many tokens by the estimate; return how many those are."""
    weigh = scales(None)
    total = 0.0
    library = Path(os.__file__).parent
    for place in (library, library / "site-packages", Path(sys.prefix, "lib")):
        for path in sorted(place.rglob("*")):
            inner = path.relative_to(place)
            if total >= tokens or path.suffix not in ENDINGS or any(part in SKIPPED for part in inner.parts):
                continue
            if not path.is_file() or (place != library and path.suffix == ".py"):
                continue
            with contextlib.suppress(UnicodeDecodeError):
                text = path.read_text("utf-8")
                total += weigh(text)
                target = folder / place.name / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
    return round(total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tokens", type=int, default=3_000_000)
    parser.add_argument("--piece", type=int, default=32_000)
    parser.add_argument("--concurrency", type=int, default=8)
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="clarion-bench-"))
    try:
        measure(work, arguments.tokens, {"piece": arguments.piece, "concurrency": arguments.concurrency})
    finally:
        shutil.rmtree(work)


def measure(work: Path, tokens: int, options: dict[str, int]) -> None:
    folder = work / "documents"
    folder.mkdir()
    weighed = corpus(folder, tokens)
    files = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*.*")}
    sizes = [path.stat().st_size for path in files.values()]
    print(f"{len(files):,} files, {sum(sizes) / 1e6:.1f} MB, the largest {max(sizes) / 1e6:.2f} MB; {weighed:,} tokens")

    till = Till(first_token_delay=LATENCY)
    with Server(till) as server:
        with ClaudeService(api_key="any", base_url=server.url) as claude:
            estimate = claude.estimate_digest(folder, TASK, piece_tokens=options["piece"], adjust="silent")
        print(f"estimate: {estimate}, at most ${estimate.at_most:.2f}; {till.paid.total():,} calls paid for it")
        job = Job(url=server.url, store=work / "digest.db", task=TASK, documents=folder, **options)
        done, pieces = job.start().kill_when(0.5)
        kept, asked = recorded(job.store), till.paid.total()
        print(f"killed when {done:,} of {pieces:,} pieces were read: {len(kept):,} recorded, {asked:,} asked")
        digest = job.start().result()
    again = sum(till.paid[piece] - 1 for piece in kept)
    print(f"run again: {digest['reused']:,} calls made before; of the recorded pieces, {again:,} were paid again")
    print(f"of those that were asked and not recorded at the kill, {till.paid.total() - len(till.paid):,}")

    cost = float(digest["cost"]["total"])
    off = float(estimate.cost or 0) / cost - 1
    print(f"cost: ${cost:.4f} in {digest['calls']:,} calls; the estimate is off by {off:+.1%}")
    checked, bad = citations(digest, job.store, files)
    print(f"citations: {checked:,} looked up in file and piece, {len(bad):,} wrong")
    assert not again
    assert not bad

    few = work / "few"
    few.mkdir()
    corpus(few, 2 * options["piece"])
    with Server(Till(first_token_delay=LATENCY)) as server:
        there = replace(job, url=server.url, store=work / "other.db")
        whole = there.start().result()
        small = replace(there, documents=few).start().result()
    print(f"in one go: {whole['seconds']:.0f} s, {whole['cpu']:.0f} s of CPU")
    growth = whole["memory"] - small["memory"]
    print(f"memory at most {whole['memory']:.0f} MB; {growth:.0f} MB more than for two pieces of the same size")


if __name__ == "__main__":
    main()
