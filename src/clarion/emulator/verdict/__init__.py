"""A verdict on a client: what it did that the API's documentation asks it not to do.

Pure: from a log of exchanges to findings. Every rule leaves room for clients that behave: jitter, other models, other
keys, a conversation that is begun anew. What a log no longer holds is not judged.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from clarion.emulator.verdict.finding import SOURCES, Finding
from clarion.emulator.verdict.retries import find_in_tries, find_storms
from clarion.emulator.verdict.turns import find_in_session
from clarion.emulator.verdict.unmet import unmet
from clarion.emulator.verdict.visit import Visit, visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clarion.emulator.exchange import Exchange
    from clarion.emulator.scenario.expect import Expect

__all__ = ["SOURCES", "Finding", "judge", "shortcomings"]


def judge(exchanges: Iterable[Exchange], *, speed: float = 1.0) -> tuple[Finding, ...]:
    """Return what a client did wrong, in the order of the calls that show it.

    Args:
        exchanges: The log, such as `emulator.requests`.
        speed: How many times faster than usual time went.

    """
    seen = visits(exchanges)
    tries = _by_request(seen)
    found = [each for group in tries for each in find_in_tries(group, speed)]
    found += [each for group in _grouped(seen, lambda visit: visit.session) for each in find_in_session(group)]
    found += find_storms(tries)
    return tuple(sorted(found, key=lambda each: (each.calls, each.code)))


def shortcomings(exchanges: Iterable[Exchange], expect: Expect, *, speed: float = 1.0) -> tuple[str, ...]:
    """Return a sentence for each expectation of the clients' behaviour that the exchanges do not meet."""
    kept = list(exchanges)
    findings = judge(kept, speed=speed) if expect.clean else ()
    return tuple(unmet(expect, findings, _by_request(visits(kept))))


def _by_request(seen: list[Visit]) -> list[list[Visit]]:
    return _grouped(seen, lambda visit: visit.session + visit.request)


def _grouped(seen: list[Visit], key: Callable[[Visit], str]) -> list[list[Visit]]:
    return [list(group) for _, group in groupby(sorted(seen, key=lambda visit: (key(visit), visit.number)), key)]
