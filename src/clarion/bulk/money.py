"""What a job may cost, and what a row of it will: learnt from the rows that are done.

Before anything is known a row is thought to cost the most it can, with all the calls it may need, so that a small
budget is not overrun at the start.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from clarion._cost import Unpriced, cost_of
from clarion._errors import InvalidSettingError
from clarion._limits import estimate
from clarion._tools import Toolbox
from clarion._usage import Usage
from clarion.bulk.batches.register import Register
from clarion.bulk.errors import JobError
from clarion.bulk.lease import Budget
from clarion.bulk.outcome import NANO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion._catalog import Catalog
    from clarion._service import AsyncClaudeService
    from clarion.bulk.journal import Journal
    from clarion.bulk.recipe import Recipe

ENOUGH = 20  # rows after which what they cost tells more than what they could have cost
MARGIN = Decimal("1.2")

REAL_TIME: dict[str, object] = {}
IN_BATCH: dict[str, object] = {"service_tier": "batch"}


class Money:
    """Keeps the books of one run. `limit` and `most_each` are US dollars; without a limit nothing is kept back.

    Raises InvalidSettingError for a limit that is none, such as infinity.
    """

    def __init__(self, limit: Decimal | None, most_each: Decimal) -> None:
        if limit is not None and not limit.is_finite():
            raise InvalidSettingError(f"budget must be a number of US dollars; got {limit}: leave it out for no limit")
        self._limit = limit
        self._most_each = most_each
        self._rows = 0
        self._sum = Decimal(0)

    def learn(self, cost: Decimal) -> None:
        """Take note of what a row has cost."""
        self._rows += 1
        self._sum += cost

    @property
    def each(self) -> Decimal:
        """What a row is thought to cost, in US dollars."""
        return self._most_each if self._rows < ENOUGH else MARGIN * self._sum / self._rows

    def budget(self) -> Budget | None:
        """Return what the journal keeps to when rows are leased."""
        if self._limit is None:
            return None
        return Budget(limit_nano=int(self._limit * NANO), each_nano=max(1, int(self.each * NANO)))

    def used_up(self) -> str:
        """Return why no more rows are leased."""
        before = f"the budget of ${self._limit:f} does not allow another row, which"
        if self._rows < ENOUGH:
            return (
                f"{before} may cost ${self._most_each:.4f}: run the job again with a larger one, or make it cost less"
            )
        return f"{before} costs about ${self.each:.6f}: run the job again with a larger one"


def most_each(
    journal: Journal, recipe: Recipe, service: AsyncClaudeService, *, served: Mapping[str, object] = REAL_TIME
) -> Decimal:
    """Return what an open row of a job may cost, as far as is known before this run has done any.

    That is what rows of earlier runs have cost in the mean, with a margin, if enough are done and none was in a batch
    when others are not to be. Otherwise it is the most that the first open row can cost: its input and an answer as
    long as it may be, for every call that it may need. `served` is how the first call is served, as the API's usage
    tells it: batches have a price of their own. Raises JobError where no price is known, as a budget cannot be kept
    then.
    """
    body = first_body(journal, recipe, service)
    if body is None:
        return Decimal(0)
    first = _most_of_call(body, service.catalog, served)
    done = journal.counts().done
    if done >= ENOUGH and (served is IN_BATCH or not Register(journal).known()):
        return MARGIN * journal.totals().cost_nano / NANO / done
    config = recipe.config(service.config)
    more = config.continue_rounds + (config.max_rounds if any(True for _ in Toolbox(config.tools)) else 0)
    return first + more * _most_of_call(body, service.catalog, REAL_TIME)


def _most_of_call(body: dict[str, Any], catalog: Catalog, served: Mapping[str, object]) -> Decimal:
    model = catalog.serving(body["model"])
    usage = Usage(input_tokens=estimate(body, model).tokens, output_tokens=body["max_tokens"])
    cost = cost_of(model.id if model else body["model"], usage, served=served, facts=model)
    if isinstance(cost, Unpriced):
        raise JobError(f"a budget cannot be kept: {cost.reason}")
    return cost.total


def first_body(journal: Journal, recipe: Recipe, service: AsyncClaudeService) -> dict[str, Any] | None:
    """Return what the first row asks that is to be asked; None if there is none."""
    record = next((record for record in journal.records() if record.state in ("ready", "postponed")), None)
    if record is None:
        return None
    return recipe.request(orjson.loads(record.input), recipe.config(service.config), service.catalog).body()
