"""Answers from a tape, and what becomes of a request that is not on it."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Literal

import orjson

from clarion.emulator.recording.normal import Normal, differences, readable
from clarion.emulator.wire import JSON, Refusal, Response, error

if TYPE_CHECKING:
    from clarion.emulator.asked import Answerer, Asked, Emulate
    from clarion.emulator.recording.tape import Tape

__all__ = ["OnMiss", "Player"]

OnMiss = Literal["error", "emulate", "forward"]
TOLD = 5  # differences that a miss tells
KEPT = 100  # misses that are remembered


class Player:
    """Plays a tape. Several answers to one request come in the order they were recorded, and then the last again.

    Threads may share it.

    Args:
        tape: The tape.
        on_miss: What a request gets that is not on it: an error that says which recording is nearest, the emulator's
            answer, or the answer of `upstream`.
        upstream: Who is asked.
        is_timed: Whether streams come at the pace they were recorded, or at once.

    Raises:
        ValueError: Requests shall be forwarded, and there is nobody to forward them to.

    """

    def __init__(
        self, tape: Tape, on_miss: OnMiss = "error", upstream: Answerer | None = None, *, is_timed: bool = False
    ) -> None:
        if on_miss == "forward" and upstream is None:
            raise ValueError("to forward what is not on the tape, say where to: there is no upstream")
        self._tape = tape
        self._on_miss = on_miss
        self._upstream = upstream
        self._is_timed = is_timed
        self._lock = threading.Lock()
        self._played: Counter[str] = Counter()
        self._misses: list[str] = []

    @property
    def is_slow(self) -> bool:
        """True when somebody else may have to be waited for."""
        return self._on_miss == "forward"

    @property
    def is_strict(self) -> bool:
        """True when what is not on the tape is an error."""
        return self._on_miss == "error"

    @property
    def misses(self) -> tuple[str, ...]:
        """What was asked and is not on the tape, a text for each, of the first hundred."""
        return tuple(self._misses)

    @property
    def unused(self) -> tuple[str, ...]:
        """The names of the recordings that have not been played."""
        return tuple(name for name in self._tape.names if not self._played[name])

    def restart(self) -> None:
        """Begin every request's answers anew."""
        with self._lock:
            self._played.clear()
            self._misses.clear()

    def answer(self, asked: Asked, emulate: Emulate) -> Response:
        """Answer from the tape, or as is to be done with what is not on it."""
        normal = Normal.of(asked.method, asked.target, readable(asked), self._tape.ignore)
        found = self._tape.find(normal)
        if found:
            with self._lock:
                name, recording = next((one for one in found if not self._played[one[0]]), found[-1])
                self._played[name] += 1
            asked.exchange.step = f"recording {name}"
            return recording.response(is_timed=self._is_timed)
        miss = self._miss(normal)
        with self._lock:
            if len(self._misses) < KEPT:
                self._misses.append(miss)
        if self._on_miss == "emulate":
            return emulate()
        if self._on_miss == "forward" and self._upstream is not None:
            return self._upstream.answer(asked, emulate)
        asked.exchange.step = "not recorded"
        refusal = Refusal(404, miss, {"error_code": "not_recorded"})
        headers = {"content-type": JSON, "x-should-retry": "false"}
        return Response(404, headers, orjson.dumps(error(refusal, "")))

    def _miss(self, normal: Normal) -> str:
        tape = f"the {len(self._tape)} recordings in {self._tape.directory}"
        nearest = self._nearest(normal)
        if nearest is None:
            return f"{normal.method} {normal.path} is not among {tape}, and none is like it; record it"
        name, found = nearest
        more = f"\n  and {len(found) - TOLD} more" if len(found) > TOLD else ""
        lines = "".join(f"\n  {line}" for line in found[:TOLD])
        return f"{normal.method} {normal.path} is not among {tape}. The nearest is {name}, but:{lines}{more}"

    def _nearest(self, asked: Normal) -> tuple[str, list[str]] | None:
        """Return the recording with the fewest differences, and these."""
        alike = {
            name: recorded
            for name, recorded in self._tape.normals().items()
            if (recorded.method, recorded.path) == (asked.method, asked.path)
        }
        compared = {name: differences(recorded, asked) for name, recorded in alike.items()}
        return min(compared.items(), key=lambda item: (len(item[1]), item[0]), default=None)
