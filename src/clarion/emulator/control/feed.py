"""The live feed of the console: what has changed in the log, as server-sent events without an end.

The feed looks at the log a few times a second, for whoever listens; an emulator that nobody watches does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.control import views
from clarion.emulator.wire import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.emulator.exchange import Exchange
    from clarion.emulator.state import State

__all__ = ["feed"]

PAUSE = 0.25  # seconds between two looks at the log
BATCH = 100  # exchanges in an event
BEHIND = 0.01  # seconds to the next event, while there are more
QUIET = 8  # looks without news, after which the time is told anyway


def feed(state: State, since: int = 0) -> Iterator[Chunk]:
    """Yield an event for each batch of exchanges that were opened or closed after that revision of the log."""
    yield Chunk(0.0, b"retry: 1000\n\n")
    seen, levers, quiet = since, _levers(state), QUIET
    while True:
        revision = state.log.revision  # read first: what comes meanwhile is told twice rather than never
        fresh = sorted(state.log.changed(seen), key=lambda exchange: exchange.revision)
        if (seen, levers) == (revision, _levers(state)) and quiet < QUIET:
            quiet += 1
            yield Chunk(PAUSE, b"")
            continue
        batch = fresh[:BATCH]
        is_behind = len(fresh) > BATCH
        seen, levers, quiet = batch[-1].revision if is_behind else revision, _levers(state), 0
        yield Chunk(0.0, b"id: %d\ndata: %b\n\n" % (seen, orjson.dumps(_news(state, batch))))
        yield Chunk(BEHIND if is_behind else PAUSE, b"")


def _levers(state: State) -> tuple[object, ...]:
    """Return what may change while no request comes."""
    return state.clock.shift, state.script.is_on, state.script.scenario


def _news(state: State, batch: list[Exchange]) -> dict[str, Any]:
    return {
        "oldest": views.oldest(state),
        "clock": views.clock(state),
        "scenario": views.standing(state.script),
        "exchanges": [views.summary(exchange) for exchange in batch],
    }
