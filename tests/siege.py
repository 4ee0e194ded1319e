"""A siege of a file of conversations: processes that add to it are killed at any moment, many times."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import adders
from clarion import ClaudeService

LONGEST = 0.15  # seconds from when a process begins to when it has been killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What a siege did: turns acknowledged and in the file, and those lost, doubled or without their answer."""

    acknowledged: int
    recorded: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def are_none(self) -> bool:
        return not (self.lost or self.doubled or self.broken)


def besieged(folder: Path, *, kills: int, seed: int) -> Losses:
    """Kill as many processes that add to a conversation, one after the other, at random moments; say what is lost."""
    chance, path = random.Random(seed), folder / "siege.db"
    with ClaudeService(emulate=True) as claude:
        claude.conversation(store=path, name="before")
    kill = 0
    while kill < kills or not adders.acknowledged(path):  # on a slow machine the first may all die too young
        process = adders.started(path, f"siege {kill // 20}", f"p{kill}", 60)
        time.sleep(chance.uniform(0, LONGEST))
        process.kill()
        process.join()
        kill += 1
    return losses(path)


def losses(path: Path) -> Losses:
    """Compare what is in a file with what was acknowledged."""
    acknowledged = adders.acknowledged(path)
    with sqlite3.connect(path) as db:
        rows = db.execute(
            "select conversation, seq, messages ->> '$[0][1].content[0].text', json_array_length(messages), "
            "messages ->> '$[#-1][1].role' from turns order by conversation, seq"
        ).fetchall()
        (sound,) = db.execute("pragma integrity_check").fetchone()
        counts = db.execute("select id, turns from conversations").fetchall()
    db.close()
    asked = Counter(text for _, _, text, _, _ in rows)
    seqs = {id: [seq for conversation, seq, *_ in rows if conversation == id] for id, _ in counts}
    gaps = [f"conversation {id} has turns {seqs[id]}" for id, n in counts if seqs[id] != list(range(1, n + 1))]
    halves = [f"{text} has {n} messages" for _, _, text, n, role in rows if (n, role) != (2, "assistant")]
    return Losses(
        acknowledged=len(acknowledged),
        recorded=len(rows),
        lost=tuple(text for text in acknowledged if not asked[text]),
        doubled=tuple(text for text, times in asked.items() if times > 1),
        broken=(*gaps, *halves, *([] if sound == "ok" else [sound])),
    )
