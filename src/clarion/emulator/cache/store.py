"""The prompt cache: an entry at each mark of an answered request, found again by requests that begin with the same.

    read: how the tokens of a prompt are billed -> (the answer begins) -> keep: what the request leaves behind

An entry is written at a mark only. It is found from a mark by looking back over at most twenty positions, from when the
answer to the request that wrote it began until its time is up; that time runs from the start of the last request that
wrote or read it. Nothing is kept below the model's minimum. Source: Claude documentation, "Prompt caching", November
2026.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion.emulator.cache.prefix import SPANS, Prefix, is_marked, prefixes
from clarion.emulator.compaction import compaction

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from clarion.emulator.call import Call
    from clarion.emulator.message import Usage

__all__ = ["PromptCache", "Reading"]

LOOKBACK = 20  # positions, the mark's own included
MOST_KEPT = 20_000  # entries; beyond it those unused for longest are forgotten


@dataclass(frozen=True, slots=True)
class Entry:
    """A prefix in the cache: how long a use keeps it, from when it can be read, and when it is gone."""

    span: timedelta
    usable_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request finds in the cache: its prompt's tokens by how they are billed, its hit, and its marks."""

    input_tokens: int
    read_tokens: int = 0
    write_tokens: int = 0  # for five minutes
    write_1h_tokens: int = 0
    hit: Prefix | None = None
    marks: tuple[Prefix, ...] = ()
    after: Reading | None = None  # that of the prompt with its messages summed up, where the answer goes on from there

    @property
    def uncached_tokens(self) -> int:
        """The tokens of the prompt that were not read from the cache, which is what counts towards limits."""
        later = self.after.uncached_tokens if self.after else 0
        return self.input_tokens + self.write_tokens + self.write_1h_tokens + later

    def billed(self, usage: Usage) -> Usage:
        """Return the usage of an answer with the prompt split so."""
        if usage.compaction is None:
            return self._split(usage)
        answering = self.after._split(usage) if self.after else usage  # noqa: SLF001 - of this class
        return replace(answering, compaction=self._split(usage.compaction))

    def _split(self, usage: Usage) -> Usage:
        return replace(
            usage,
            input_tokens=self.input_tokens,
            cache_read_tokens=self.read_tokens,
            cache_write_tokens=self.write_tokens,
            cache_write_1h_tokens=self.write_1h_tokens,
        )


class PromptCache:
    """The entries of all models and scopes. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()

    def read(self, call: Call, input_tokens: int, scope: str, now: datetime) -> Reading:
        """Look up a prompt of so many tokens; nothing changes by that. Scopes, such as API keys, share nothing."""
        reading = self._read(call, input_tokens, scope, now, frozenset())
        made = compaction(call, input_tokens)
        if made is None or made.is_paused:
            return reading
        written = frozenset(mark.key for mark in reading.marks)
        return replace(reading, after=self._read(made.call, made.input_tokens, scope, now, written))

    def _read(self, call: Call, input_tokens: int, scope: str, now: datetime, written: frozenset[bytes]) -> Reading:
        """Look up one prompt; what is `written` by then can be read too."""
        if not is_marked(call):
            return Reading(input_tokens)
        found = prefixes(call, scope)
        marks = [index for index, prefix in enumerate(found) if prefix.span is not None]
        with self._lock:
            hits = [hit for index in marks if (hit := self._hit(found, index, now, written))]
        hit = max(hits, key=lambda prefix: prefix.tokens, default=None)
        kept = tuple(found[index] for index in marks if found[index].tokens >= call.model.min_cacheable)
        return _reading(input_tokens, hit, kept)

    def keep(self, reading: Reading, started_at: datetime, begins_at: datetime) -> None:
        """Refresh what a request has hit and write what it has marked, for reading once its answer begins."""
        for each in (reading, reading.after):
            if each and (each.hit or each.marks):
                self._keep(each, started_at, begins_at)

    def _keep(self, reading: Reading, started_at: datetime, begins_at: datetime) -> None:
        with self._lock:
            if reading.hit and (entry := self._entries.get(reading.hit.key)):
                self._put(reading.hit.key, entry.span, started_at, entry.usable_at)
            for mark in reading.marks:
                self._write(mark, started_at, begins_at)
            while len(self._entries) > MOST_KEPT:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def _hit(self, found: list[Prefix], mark: int, now: datetime, written: frozenset[bytes]) -> Prefix | None:
        """Return the longest prefix in reach of a mark that has an entry."""
        for index in range(mark, -1, -1):
            prefix = found[index]
            if found[mark].position - prefix.position >= LOOKBACK:
                return None
            entry = self._entries.get(prefix.key)
            if prefix.key in written or (entry and entry.usable_at <= now < entry.expires_at):
                return prefix
        return None

    def _write(self, mark: Prefix, started_at: datetime, begins_at: datetime) -> None:
        entry = self._entries.get(mark.key)
        if entry and started_at < entry.expires_at:
            self._put(mark.key, entry.span, started_at, min(entry.usable_at, begins_at))
        elif mark.span:
            self._put(mark.key, mark.span, started_at, begins_at)

    def _put(self, key: bytes, span: timedelta, started_at: datetime, usable_at: datetime) -> None:
        known = self._entries.pop(key, None)
        expires_at = started_at + span
        self._entries[key] = Entry(span, usable_at, max(expires_at, known.expires_at) if known else expires_at)


def _reading(input_tokens: int, hit: Prefix | None, marks: tuple[Prefix, ...]) -> Reading:
    """Split a prompt at the highest hit, the last mark of an hour after it, and the last mark."""
    read = hit.tokens if hit else 0
    hour = max([read, *(mark.tokens for mark in marks if mark.span == SPANS["1h"])])
    last = max([hour, *(mark.tokens for mark in marks)])
    return Reading(input_tokens - last, read, last - hour, hour - read, hit, marks)
