"""Digests in processes of their own, to be killed, against an emulator that counts what each piece is paid for."""

from __future__ import annotations

import hashlib
import json
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from clarion import ClarionError, ClaudeService, DigestProgress, Document
from clarion._digest.piece import place_of
from clarion._digest.store import Store
from clarion.emulator import Emulator, Response
from forks import FORKS, child


class Till(Emulator):
    """The emulator, with a count of how often each piece was paid, by the texts of its documents."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.paid: Counter[str] = Counter()
        self._lock = threading.Lock()

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        if path.endswith("/v1/messages"):
            blocks = orjson.loads(body)["messages"][0]["content"]
            texts = [block["source"]["data"] for block in blocks if block.get("source", {}).get("type") == "text"]
            if texts:
                with self._lock:
                    self.paid[fingerprint(texts)] += 1
        return super().respond(method, path, headers, body)


def fingerprint(texts: Iterable[str]) -> str:
    """Name a piece by its texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A digest to be made in a process of its own."""

    url: str
    store: Path
    task: str
    documents: Path
    piece: int
    concurrency: int

    def start(self) -> Running:
        """Start it."""
        here, there = FORKS.Pipe(duplex=False)
        process = child(_digest, self, there)
        process.start()
        there.close()
        return Running(process, here)


@dataclass(frozen=True, slots=True)
class Running:
    """A digest that runs: it says how many of how many pieces are read, and in the end what it came to."""

    process: Any
    said: Connection

    def kill_when(self, share: float) -> tuple[int, int]:
        """Kill it (SIGKILL) when this share of the pieces is read; return how many were, and of how many."""
        while isinstance(said := self.said.recv(), tuple):
            done, pieces = said
            if done >= share * pieces:
                self.process.kill()
                self.process.join()
                return done, pieces
        raise AssertionError(f"the digest ended before it could be killed: {said}")

    def result(self) -> dict[str, Any]:
        """Wait for its end, and return what it came to, as plain data; or its "error"."""
        while isinstance(said := self.said.recv(), tuple):
            pass
        self.process.join()
        return said  # type: ignore[no-any-return]  # what is no tuple is a dictionary


def recorded(store: Path) -> set[str]:
    """Return the pieces whose notes are in a store."""
    with closing(Store(store)) as kept:
        rows = kept.db.execute("select parts from calls where parts is not null and answer is not null").fetchall()
    return {fingerprint(part["text"] for part in json.loads(parts)) for (parts,) in rows}


def citations(digest: Mapping[str, Any], store: Path, files: Mapping[str, Path]) -> tuple[int, list[Any]]:
    """Look up every citation of the notes and of the answer, in file and piece. Return how many, and the bad ones."""
    with closing(Store(store)) as kept:
        rows = kept.db.execute("select parts, answer from calls where parts is not null and answer is not null")
        notes = [(json.loads(parts), json.loads(answer)) for parts, answer in rows]
    texts: dict[str, str] = {}
    checked, bad = 0, []

    def stands(citation: Mapping[str, Any]) -> bool:
        name = citation["document"]
        if name not in texts:
            texts.clear()
            texts[name] = "".join(volume.text for volume in Document(files[name]).volumes())
        return bool(texts[name][citation["start"] : citation["end"]] == citation["quote"])

    for parts, said in notes:
        pieces = {part["document"]: part["text"] for part in parts}
        for citation in (each for note in said for each in note["citations"]):
            checked += 1
            if not (stands(citation) and place_of(citation["quote"], pieces[citation["document"]], None)):
                bad.append(citation)
    for citation in (each for statement in digest["statements"] for each in statement["citations"]):
        places = {name: (start, end) for name, start, end in digest["pieces"][citation["piece"] - 1]["documents"]}
        start, end = places.get(citation["document"], (0, 0))
        checked += 1
        if not (start <= citation["start"] < citation["end"] <= end and stands(citation)):
            bad.append(citation)
    return checked, bad


def peak_memory() -> float:
    """Return the most memory this program has had, in MB: by Linux since it was begun, else with that of its parent."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _digest(job: Job, saying: Connection) -> None:
    def watch(progress: DigestProgress) -> None:
        if progress.phase == "noting":
            saying.send((progress.done, progress.pieces))

    started, before = time.monotonic(), peak_memory()
    try:
        with ClaudeService(api_key="any", base_url=job.url) as claude:
            found = claude.digest(
                job.documents,
                job.task,
                store=job.store,
                piece_tokens=job.piece,
                overlap=min(200, job.piece // 10),
                concurrency=job.concurrency,
                on_progress=watch,
                adjust="silent",
            )
    except ClarionError as error:
        saying.send({"error": str(error)})
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "seconds": time.monotonic() - started,
        "cpu": used.ru_utime + used.ru_stime,
        "memory_before": before,
        "memory": peak_memory(),
    }
    saying.send(found.to_dict() | facts)
