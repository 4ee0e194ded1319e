"""Answers from somewhere else, put on a tape as they go by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from clarion.emulator.recording import secrets
from clarion.emulator.recording.normal import readable
from clarion.emulator.recording.recording import Event, Recording
from clarion.emulator.recording.upstream import UNREACHED, Arrival
from clarion.emulator.wire import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.asked import Answerer, Asked, Emulate
    from clarion.emulator.recording.tape import Tape
    from clarion.emulator.wire import Chunk, Response

__all__ = ["Recorder"]


class Recorder:
    """Records what is answered: errors too, and streams that break off; not those that the client leaves.

    Args:
        tape: Where to.
        upstream: Who answers; the emulator itself if nobody else does.

    """

    def __init__(self, tape: Tape, upstream: Answerer | None = None) -> None:
        self._tape = tape
        self._upstream = upstream

    @property
    def is_slow(self) -> bool:
        """True when somebody else has to be waited for."""
        return self._upstream is not None and self._upstream.is_slow

    def restart(self) -> None:
        """Do nothing: what is on the tape stays there."""

    def answer(self, asked: Asked, emulate: Emulate) -> Response:
        """Answer, and put the answer on the tape when it has ended. An upstream out of reach has not answered."""
        response = self._upstream.answer(asked, emulate) if self._upstream else emulate()
        if response.headers.get("via") == UNREACHED:
            return response
        if isinstance(response.body, bytes):
            body = secrets.scrubbed(response.body, response.headers)
            self._keep(asked, replace(_recording(asked, response), body=body))
            return response
        return replace(response, body=self._watched(asked, response, response.body))

    def _watched(self, asked: Asked, response: Response, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        events: list[Event] = []
        waited = 0.0
        lost: ConnectionLost | None = None
        try:
            for chunk in chunks:
                waited += chunk.delay
                if chunk.data:
                    after = chunk.after if isinstance(chunk, Arrival) else waited
                    events.append(Event(after, secrets.scrubbed(chunk.data, response.headers)))
                    waited = 0.0
                yield chunk
        except ConnectionLost as loss:
            lost = loss
        how: Literal["reset", "closed"] | None = None
        if lost is not None:
            how = "reset" if lost.is_reset else "closed"
        self._keep(asked, replace(_recording(asked, response), events=tuple(events), lost=how))
        if lost is not None:
            raise lost

    def _keep(self, asked: Asked, recording: Recording) -> None:
        asked.exchange.step = f"recorded {self._tape.add(recording)}"


def _recording(asked: Asked, response: Response) -> Recording:
    return Recording(
        method=asked.method,
        target=asked.target,
        asked=secrets.bare_request(asked.headers),
        asked_body=readable(asked),
        status=response.status,
        headers=secrets.bare_response(response.headers),
    )
