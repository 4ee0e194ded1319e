"""What is wrong with how a client tries again."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from clarion.emulator.verdict.finding import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.emulator.verdict.visit import Visit

__all__ = ["MOST_TRIES", "failures", "find_in_tries", "find_storms"]

LEEWAY = 0.02  # seconds that two clocks may disagree, within a tenth of the wait
MEMORY = 600.0  # seconds; the same request after that is no retry
HOPELESS = frozenset({400, 401, 402, 403, 404, 413, 422})
SPENT = frozenset({"enforced_spend_limit_reached", "contract_spend_limit_reached"})
MOST_TRIES = 20
BURSTS = ((4, 0.1), (10, 10.0))  # so many tries within so many seconds are no back-off, whatever the jitter
CROWD = 10  # callers; fewer may come back together by chance
SHARE = 0.9  # of a crowd
TOGETHER = 0.25  # seconds within which calls have failed together
LOCKSTEP = 0.02  # of the wait; more than that is jitter


def find_in_tries(tries: Sequence[Visit], speed: float) -> Iterator[Finding]:
    """Yield what is wrong with the tries of one request."""
    for before, after in pairwise(tries):
        if after.at - before.at < MEMORY / speed:
            yield from _find_in_pair(before, after)
    for run in failures(tries):
        yield from _find_in_run(run, speed)


def failures(tries: Sequence[Visit]) -> Iterator[list[Visit]]:
    """Yield the runs of tries that failed, each with the one that came after it."""
    run: list[Visit] = []
    for visit in tries:
        run.append(visit)
        if not visit.answer.has_failed:
            yield run
            run = []
    if run:
        yield run


def _find_in_pair(before: Visit, after: Visit) -> Iterator[Finding]:
    answer, gap = before.answer, after.at - before.at
    if (wait := answer.retry_after) is not None and answer.status != 200 and gap < wait - min(LEEWAY, wait / 10):
        sentence = f"a retry came after {gap:.2f} s, when the server had asked for {wait:g} s"
        yield finding("retry-after-ignored", sentence, before, after)
    if answer.code in SPENT:
        yield finding("hopeless-retry", f"{answer.code} was retried; it lasts until the limit is raised", before, after)
    elif answer.should_retry is False or (answer.status in HOPELESS and not answer.should_retry):
        yield finding("hopeless-retry", f"a {answer.status} was retried with the same request", before, after)
    if answer.stop_reason == "refusal":
        yield finding("refusal-retried", f"{before.model} was asked again what it had refused", before, after)
    if answer.stop_reason == "end_turn" and not answer.blocks:
        yield finding("empty-resent", "an empty answer was asked for again without a new turn", before, after)


def _find_in_run(run: list[Visit], speed: float) -> Iterator[Finding]:
    if len(run) > MOST_TRIES:
        yield finding("too-many-tries", f"one request was tried {len(run)} times", *run)
    unasked = [visit for visit in run if visit.answer.retry_after is None]
    for many, seconds in BURSTS:
        for start in range(len(unasked) - many + 1):
            burst = unasked[start : start + many]
            took = burst[-1].at - burst[0].at
            if took < seconds / speed:
                yield finding("no-back-off", f"{many} tries came within {took:.2f} s", *burst)
                return


def find_storms(by_request: Sequence[Sequence[Visit]]) -> Iterator[Finding]:
    """Yield the crowds that failed together and all came back after the same wait."""
    pairs = [pair for tries in by_request for pair in pairwise(tries) if pair[0].answer.has_failed]
    pairs.sort(key=lambda pair: pair[0].at)
    crowd: list[tuple[Visit, Visit]] = []
    for pair in pairs:
        if crowd and pair[0].at - crowd[0][0].at > TOGETHER:
            yield from _find_storm(crowd)
            crowd = []
        crowd.append(pair)
    yield from _find_storm(crowd)


def _find_storm(crowd: list[tuple[Visit, Visit]]) -> Iterator[Finding]:
    gaps = sorted(after.at - before.at for before, after in crowd)
    if len({before.request for before, _ in crowd}) < CROWD:
        return
    wait, many = median(gaps), round(SHARE * len(gaps))
    spread = min(last - first for first, last in zip(gaps, gaps[many - 1 :], strict=False))
    if spread < LOCKSTEP * wait:
        sentence = f"{len(crowd)} callers that failed together came back together, {wait:.2f} s later"
        yield finding("retry-storm", sentence, *(after for _, after in crowd))
