"""What a job will cost, before anything is paid: from a sample of its rows, as each way of running it prices them.

Input tokens are estimated offline, or counted by the API. Answers are taken to be as long as the caller says, or as
those were that the job has already; what they cost at most follows from `max_tokens`. Ranges are meant to hold in nine
cases of ten; they come from the spread within the sample and from the error of the estimates.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion._caching import with_marks
from clarion._cost import Cost, Unpriced, cost_of
from clarion._limits import estimate
from clarion._plural import number_of
from clarion._usage import Usage
from clarion.bulk.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clarion._catalog import Model

NINE_OF_TEN = 1.645  # standard errors
HITS = 1.0, 1.0, 1.0  # share of the reads that find the cache: at least, about, at most
BATCH_HITS = 0.30, 0.64, 0.98  # Claude documentation, "Batch processing": best effort, 30 to 98 %

# How a job may be run: by itself or as batches, with prompts as they are or with marks for the cache.
WAYS: dict[str, tuple[dict[str, str], tuple[float, float, float] | None]] = {
    "plain": ({}, None),
    "cached": ({}, HITS),
    "batches": ({"service_tier": "batch"}, None),
    "batches, cached": ({"service_tier": "batch"}, BATCH_HITS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What the rows that are left cost in one way of running them, in US dollars.

    `output` and the range are None where nothing is known of the answers; `at_most` is with all as long as they may be.
    """

    name: str
    input: Decimal
    output: Decimal | None
    low: Decimal | None
    high: Decimal | None
    at_most: Decimal

    @property
    def total(self) -> Decimal | None:
        """What is expected, input and output."""
        return None if self.output is None else self.input + self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a job will cost: `variants` of running the `rows` that are left, after what was `spent`.

    `input_tokens` is the mean of a row, with its relative `error`; `is_counted` by the API. `output_tokens` is the mean
    of an answer, and `answers` say where it is from; `shared_tokens` is what the mean row has in common with others.
    `unaskable` rows of the sample make no request, and the first says `why`.
    """

    rows: int
    sampled: int
    unaskable: int
    why: str
    models: tuple[str, ...]
    input_tokens: float
    shared_tokens: float
    error: float
    is_counted: bool
    output_tokens: float | None
    answers: Literal["given", "measured", "unknown"]
    spent: Decimal
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How long answers are: the mean in tokens, and its standard error."""

    mean: float
    error: float
    source: Literal["given", "measured"]

    @classmethod
    def measured(cls, lengths: Sequence[int]) -> Answers | None:
        """Return what the answers that are there tell of the others; None where there are too few."""
        if len(lengths) < 2:
            return None
        return cls(mean=fmean(lengths), error=stdev(lengths) / math.sqrt(len(lengths)), source="measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of the sample: its tokens, and those before each of its cache marks.

    `error` is relative, of its tokens; `split_error` that of its parts, which are never counted by the API.
    """

    name: str
    model: Model | None
    tokens: int
    error: float
    split_error: float
    max_tokens: int
    marks: tuple[tuple[bytes, int], ...]

    @classmethod
    def of(cls, body: dict[str, Any], model: Model | None, *, counted: int | None = None) -> Asked:
        """Weigh a request as it would be sent; `counted` are its tokens where the API has counted them."""
        found = estimate(body, model)
        tokens = found.tokens if counted is None else counted
        scale = tokens / max(1, found.tokens)
        marked = with_marks(body, True, model, lambda part: estimate(part, model).tokens)
        return cls(
            name=model.id if model else body["model"],
            model=model,
            tokens=tokens,
            error=found.error if counted is None else 0.0,
            split_error=found.error,
            max_tokens=body["max_tokens"],
            marks=tuple(
                (_digest(prefix), min(tokens, round(scale * estimate(prefix, model).tokens)))
                for prefix in prefixes(marked)
            ),
        )


def forecast(
    sample: Sequence[Asked],
    *,
    rows: int,
    answers: Answers | None,
    is_counted: bool,
    spent: Decimal = Decimal(0),
    unaskable: Sequence[str] = (),
) -> Forecast:
    """Return what `rows` rows will cost, of which a sample is given, and why others of it cannot be asked.

    Raises JobError where no price is known, or nothing can be asked.
    """
    if unaskable and not sample:
        raise JobError(f"of {number_of(len(unaskable), 'row')} looked at, none can be asked: {unaskable[0]}")
    asked = round(rows * len(sample) / max(1, len(sample) + len(unaskable)))
    shares = _shared(sample)
    total = sum(each.tokens for each in sample)
    return Forecast(
        rows=rows,
        sampled=len(sample) + len(unaskable),
        unaskable=len(unaskable),
        why=unaskable[0] if unaskable else "",
        models=tuple(name for name, _ in Counter(each.name for each in sample).most_common()),
        input_tokens=total / max(1, len(sample)),
        shared_tokens=sum(shares) / max(1, len(sample)),
        error=sum(each.error * each.tokens for each in sample) / max(1, total),
        is_counted=is_counted,
        output_tokens=answers.mean if answers else None,
        answers=answers.source if answers else "unknown",
        spent=spent,
        variants=tuple(
            _variant(name, sample, shares, asked, answers, served, hits) for name, (served, hits) in WAYS.items()
        ),
    )


def prefixes(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what stands before each cache mark of a request, as a request of its own."""
    tools, system = body.get("tools") or [], body.get("system")
    before: dict[str, Any] = {"messages": []}
    for place, tool in enumerate(tools, 1):
        if tool.get("cache_control"):
            yield {**before, "tools": tools[:place]}
    before |= {"tools": tools} if tools else {}
    for place, block in enumerate(system if isinstance(system, list) else (), 1):
        if block.get("cache_control"):
            yield {**before, "system": system[:place]}  # type: ignore[index]  # a list, then
    before |= {"system": system} if system else {}
    for index, message in enumerate(body["messages"]):
        content = message["content"]
        for place, block in enumerate(content if isinstance(content, list) else (), 1):
            if block.get("cache_control"):
                yield {**before, "messages": [*body["messages"][:index], {**message, "content": content[:place]}]}
    if body.get("cache_control"):
        yield {**before, "messages": body["messages"]}


def spread(items: Iterable[Any], most: int) -> tuple[list[Any], int]:
    """Return some of what is iterated over, evenly spread and the same every time, and how many there are.

    Between `most` and twice as many are returned, if there are so many.
    """
    chosen: list[Any] = []
    step, count = 1, 0
    for item in items:
        if count % step == 0:
            chosen.append(item)
            if len(chosen) == 2 * most:
                chosen = chosen[::2]
                step *= 2
        count += 1
    return chosen, count


def _shared(sample: Sequence[Asked]) -> list[int]:
    """Return for each request how many of its first tokens it has in common with others of the sample."""
    seen = Counter((each.name, digest) for each in sample for digest, _ in each.marks)
    return [max((tokens for digest, tokens in each.marks if seen[each.name, digest] > 1), default=0) for each in sample]


def _variant(
    name: str,
    sample: Sequence[Asked],
    shares: Sequence[int],
    rows: int,
    answers: Answers | None,
    served: dict[str, str],
    hits: tuple[float, float, float] | None,
) -> Variant:
    first = _first_reads(sample, shares, rows)

    def priced(off: int, hit: float) -> list[Decimal]:
        reads = (shared + off * _doubt(each, shared) for each, shared in zip(sample, shares, strict=True))
        found = (hit * (1 - first) * read if hits else None for read in reads)
        return [_cost(each, _read(each, read), served).total for each, read in zip(sample, found, strict=True)]

    dearest, about, cheapest = (priced(off, hit) for off, hit in zip((-1, 0, 1), hits or HITS, strict=True))
    per_token = [_per_token(each, served) for each in sample]
    bound = _sum([cost * each.max_tokens for cost, each in zip(per_token, sample, strict=True)], rows)
    read = _sum(about, rows)
    if answers is None:
        return Variant(name=name, input=read, output=None, low=None, high=None, at_most=read + bound)
    written = _sum(per_token, rows) * Decimal(answers.mean)
    half = math.hypot(
        float(_sum([cost * Decimal(each.error) for cost, each in zip(about, sample, strict=True)], rows)),
        _sampling_error(about, rows),
        NINE_OF_TEN * answers.error * float(_sum(per_token, rows)),
    )
    total = read + written
    down, up = float(read - _sum(cheapest, rows)), float(_sum(dearest, rows) - read)
    return Variant(
        name=name,
        input=read,
        output=written,
        low=max(Decimal(0), total - Decimal(math.hypot(half, down))),
        high=total + Decimal(math.hypot(half, up)),
        at_most=_sum(dearest, rows) + bound,
    )


def _first_reads(sample: Sequence[Asked], shares: Sequence[int], rows: int) -> float:
    """Return in what part of the rows that share something it is not in the cache yet: in the first of each kind."""
    kinds = {
        (each.name, digest)
        for each, shared in zip(sample, shares, strict=True)
        for digest, tokens in each.marks
        if tokens == shared
    }
    sharing = sum(shared > 0 for shared in shares) * rows / max(1, len(sample))
    return min(1.0, len(kinds) / max(1.0, sharing))


def _doubt(each: Asked, shared: int) -> float:
    """Return by how many tokens the shared part of a request may be off: two parts with independent errors."""
    return math.sqrt(2) * each.split_error * shared * (1 - shared / max(1, each.tokens))


def _read(each: Asked, found: float | None) -> Usage:
    """Return the input of a request, so many tokens of which are found in the cache; None if none is used."""
    if found is None:
        return Usage(input_tokens=each.tokens)
    last = max((tokens for _, tokens in each.marks), default=0)
    read = min(last, round(found))
    return Usage(input_tokens=each.tokens - last, cache_creation_input_tokens=last - read, cache_read_input_tokens=read)


def _per_token(each: Asked, served: dict[str, str]) -> Decimal:
    """Return what a token of the answer costs, which may depend on the length of the prompt."""
    return _cost(each, Usage(input_tokens=each.tokens, output_tokens=1_000_000), served).output / 1_000_000


def _cost(each: Asked, usage: Usage, served: dict[str, str]) -> Cost:
    cost = cost_of(each.name, usage, served=served, facts=each.model)
    if isinstance(cost, Unpriced):
        raise JobError(f"there is no forecast: {cost.reason}")
    return cost


def _sum(costs: Sequence[Decimal], rows: int) -> Decimal:
    """Return what all rows cost, of which these are a sample."""
    return sum(costs, Decimal(0)) * rows / max(1, len(costs))


def _sampling_error(costs: Sequence[Decimal], rows: int) -> float:
    """Return how far the sum may be off because only some rows were looked at."""
    if len(costs) < 2 or len(costs) >= rows:
        return 0.0
    unseen = math.sqrt(1 - len(costs) / rows)
    return NINE_OF_TEN * rows * unseen * stdev(map(float, costs)) / math.sqrt(len(costs))


def _digest(prefix: dict[str, Any]) -> bytes:
    return hashlib.blake2b(orjson.dumps(prefix), digest_size=16).digest()
