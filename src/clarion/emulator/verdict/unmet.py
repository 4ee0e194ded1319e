"""Which expectations of a scenario the clients have not met."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from clarion.emulator.verdict.retries import failures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clarion.emulator.scenario.expect import Expect
    from clarion.emulator.verdict.finding import Finding
    from clarion.emulator.verdict.visit import Visit

__all__ = ["unmet"]


def unmet(expect: Expect, findings: Sequence[Finding], by_request: Sequence[Sequence[Visit]]) -> Iterator[str]:
    """Yield a sentence for each expectation of the clients' behaviour that is not met."""
    if expect.clean:
        yield from (str(finding) for finding in findings if finding.code not in expect.allow)
    for tries in by_request:
        for run in failures(tries):
            yield from _unmet_in_run(expect, run)


def _unmet_in_run(expect: Expect, run: list[Visit]) -> Iterator[str]:
    calls = ", ".join(str(visit.number) for visit in run)
    if expect.max_attempts is not None and len(run) > expect.max_attempts:
        yield f"max_attempts: one request was tried {len(run)} times, not {expect.max_attempts} at most (calls {calls})"
    for before, after in pairwise(run):
        gap = after.at - before.at
        if expect.min_gap is not None and gap < expect.min_gap:
            numbers = f"calls {before.number}, {after.number}"
            yield f"min_gap: a retry came after {gap:.3f} s, not {expect.min_gap:g} s at least ({numbers})"
