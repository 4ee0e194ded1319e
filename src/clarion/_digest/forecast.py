"""What a digest will cost, before anything is paid, and better with every answer that comes.

Input is known: the pieces are there, their tokens are estimated, and the API counts some of them, for nothing, by which
the others are corrected. How long answers will be is not known before: notes are asked for in a number of words, so a
share of that is assumed until a few have come, and their mean from then on. The calls that put notes together follow
from both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import fmean, stdev
from typing import Literal

NINE_OF_TEN = 1.645  # standard errors
ENOUGH = 3  # answers whose mean is believed
NOTE_SHARE = 0.1, 0.6, 1.2  # of the length that is asked for: least, expected, most that is likely
THINKING = 0, 300, 2_000  # tokens of thinking in an answer, where a model thinks: least, expected, most that is likely
ANSWER = 200, 1_000, 4_000  # tokens of the last answer, whose length nobody bounds but max_tokens

Price = Callable[[float, float], Decimal | None]  # US dollars for a call of so many tokens in and out; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEstimate:
    """What a digest will cost, in US dollars; None where the model has no known price.

    `cost` is expected, `low` to `high` likely, `at_most` with answers as long as they may be; `spent` is what was paid
    for it already, and part of these. It has `pieces`; the calls that are left are `calls`, which read `input_tokens`
    and write `output_tokens`. `counted` says how many pieces the API has counted, `error` how far the input may be off,
    relatively; `answers`, whether their length is assumed, or measured by those that have come.
    """

    pieces: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    low: Decimal | None
    high: Decimal | None
    at_most: Decimal | None
    spent: Decimal
    counted: int
    error: float
    answers: Literal["assumed", "measured"]

    def __str__(self) -> str:
        if self.cost is None:
            return "of unknown cost"
        places = 2 if self.cost >= 1 else 4
        return f"about ${self.cost:.{places}f} (${self.low:.{places}f} to ${self.high:.{places}f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How the API's count of tokens compares with the estimate: `ratio` times as many, `error` relatively."""

    ratio: float
    error: float
    counted: int = 0

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]], pieces: int) -> Scale:
        """Return what some pieces tell of all, each as it was (estimated, counted)."""
        ratio = sum(counted for _, counted in pairs) / sum(estimated for estimated, _ in pairs)
        if len(pairs) >= pieces:
            return cls(ratio=ratio, error=0.0, counted=len(pairs))
        ratios = [counted / estimated for estimated, counted in pairs]
        spread = stdev(ratios) / ratio if len(pairs) > 1 else 0.1
        unseen = math.sqrt(1 - len(pairs) / pieces)
        return cls(ratio=ratio, error=NINE_OF_TEN * spread / math.sqrt(len(pairs)) * unseen, counted=len(pairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How many tokens an answer has, thinking included: least, expected, most that is likely; and most at all.

    Of what is expected, `thought` tokens are thinking, which nobody reads later.
    """

    least: float
    expected: float
    most: float
    bound: float
    thought: float = 0.0
    measured: bool = False

    @classmethod
    def of_notes(cls, asked: int, room: int) -> Lengths:
        """Return what is assumed of notes of which so many tokens are asked, with room for thinking."""
        return cls._assumed([share * asked for share in NOTE_SHARE], 2 * asked + room, thinks=room > 0)

    @classmethod
    def of_answer(cls, max_tokens: int, *, thinks: bool) -> Lengths:
        """Return what is assumed of the last answer."""
        return cls._assumed(ANSWER, max_tokens, thinks=thinks)

    @classmethod
    def _assumed(cls, said: Sequence[float], bound: int, *, thinks: bool) -> Lengths:
        thought = THINKING if thinks else (0, 0, 0)
        least, expected, most = (min(bound, a + b) for a, b in zip(said, thought, strict=True))
        return cls(least=least, expected=expected, most=most, bound=bound, thought=thought[1])

    def learnt(self, lengths: Sequence[float], texts: Sequence[float]) -> Lengths:
        """Return what is known when some answers have come, of so many tokens, with texts of so many."""
        if len(lengths) < ENOUGH:
            return self
        mean, error = fmean(lengths), NINE_OF_TEN * stdev(lengths) / math.sqrt(len(lengths))
        return replace(
            self,
            least=max(0.0, mean - error),
            expected=mean,
            most=mean + error,
            thought=max(0.0, mean - fmean(texts)),
            measured=True,
        )

    def read(self, length: float) -> float:
        """Return what others read of an answer of this length."""
        return max(0.0, length - self.thought)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is known of a digest: the tokens of its calls that are not made yet, and how notes will be put together.

    `open_pieces` are estimates, `done_notes` the tokens of notes that are there. `frame` is what a call has beside its
    documents, `fits` how many tokens of notes one call reads.
    """

    open_pieces: Sequence[float]
    done_notes: Sequence[float]
    is_whole: bool
    frame: float
    fits: float
    scale: Scale
    notes: Lengths
    merges: Lengths
    answer: Lengths
    spent: Decimal
    price: Price
    has_answer: bool = False

    def estimate(self) -> DigestEstimate:
        """Return what it will cost as a whole."""
        middle = self._run(self.notes.expected, self.merges.expected, self.answer.expected, 1.0)
        low = self._run(self.notes.least, self.merges.least, self.answer.least, 1 - self.scale.error)
        high = self._run(self.notes.most, self.merges.most, self.answer.most, 1 + self.scale.error)
        at_most = self._run(self.notes.bound, self.merges.bound, self.answer.bound, 1 + self.scale.error)
        is_priced = self.price(0, 0) is not None
        return DigestEstimate(
            pieces=len(self.open_pieces) + len(self.done_notes),
            calls=middle.calls,
            input_tokens=round(middle.read),
            output_tokens=round(middle.written),
            cost=middle.cost if is_priced else None,
            low=min(low.cost, middle.cost) if is_priced else None,
            high=max(high.cost, middle.cost) if is_priced else None,
            at_most=max(at_most.cost, high.cost, middle.cost) if is_priced else None,
            spent=self.spent,
            counted=self.scale.counted,
            error=round(self.scale.error, 3),
            answers="measured" if self.notes.measured else "assumed",
        )

    def _run(self, note: float, merged: float, answer: float, factor: float) -> _Bill:
        """Return what all calls come to if answers are that long."""
        bill = _Bill(cost=self.spent)
        for piece in self.open_pieces:
            bill.add(self.price, piece * self.scale.ratio * factor, answer if self.is_whole else note)
        if self.is_whole or self.has_answer:
            return bill
        level = [*self.done_notes, *(self.notes.read(note) for _ in self.open_pieces)]
        while len(groups := grouped(level, self.fits)) > 1:
            for group in groups:
                bill.add(self.price, self.frame + sum(level[index] for index in group), merged)
            level = [self.merges.read(merged) for _ in groups]
        bill.add(self.price, self.frame + sum(level), answer)
        return bill


@dataclass(slots=True)
class _Bill:
    """Calls, and what they come to."""

    cost: Decimal
    calls: int = 0
    read: float = 0.0
    written: float = 0.0

    def add(self, price: Price, tokens_in: float, tokens_out: float) -> None:
        self.calls += 1
        self.read += tokens_in
        self.written += tokens_out
        self.cost += price(tokens_in, tokens_out) or 0


def grouped(sizes: Sequence[float], fits: float) -> list[list[int]]:
    """Return notes of these sizes in groups that one call reads, in order: at least two in each, but for a single one.

    One group says that they all fit into one call.
    """
    groups: list[list[int]] = []
    filled = 0.0
    for index, size in enumerate(sizes):
        if groups and (filled + size <= fits or len(groups[-1]) < 2):
            groups[-1].append(index)
            filled += size
        else:
            groups.append([index])
            filled = size
    if len(groups) > 1 and len(groups[-1]) == 1:
        last = groups.pop()
        groups[-1] += last
    return groups
