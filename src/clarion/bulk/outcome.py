"""From what came of a row's calls to what the journal records."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import orjson

from clarion._cost import HOUR, Unpriced, cost_of_message, hour
from clarion._errors import DeadlineError, RefusalError
from clarion._failure import Failure
from clarion._usage import Usage
from clarion.bulk.settlement import Done, Failed, Outcome, Spent

if TYPE_CHECKING:
    from clarion._catalog import Catalog
    from clarion._completion import Completion
    from clarion._reply import Reply
    from clarion.bulk.lease import Row

NANO = Decimal(1_000_000_000)
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Tally:
    """The calls of one lease: what they used and cost, and how the last one failed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._calls = 0
        self._usages: list[Usage] = []
        self.cost = Decimal(0)  # US dollars, of all that has a known price
        self.replies = 0
        self.queued = 0.0  # seconds that the first one waited for the rate limits
        self.failure: Failure | None = None

    def add(self, came: Reply | Failure) -> None:
        """Add up a call, also one that broke off after it had used something."""
        self._calls += 1
        self.failure = came if isinstance(came, Failure) else None
        self.replies += self.failure is None
        reply = came.partial if isinstance(came, Failure) else came
        if reply is None:
            return
        self._usages.append(reply.usage)
        at = hour(int(time.time() // HOUR))
        cost = cost_of_message(reply.message, self._catalog, at=at, parts=reply.parts)
        self.cost += Decimal(0) if isinstance(cost, Unpriced) else cost.total

    def spent(self) -> Spent:
        """Return what the calls have used, as the journal adds it up."""
        usage = reduce(add, self._usages) if self._usages else Usage()
        return Spent(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_input_tokens,
            cache_creation_tokens=usage.cache_creation_input_tokens,
            cost_nano=int(self.cost * NANO),
            attempts=self._calls,
        )


def done(row: Row, completion: Completion, tally: Tally) -> Done:
    """Return the settlement of a row that was answered."""
    return Done(seq=row.seq, attempt=row.attempt, outcome=_answered(completion), spent=tally.spent())


def failed(row: Row, error: Exception, tally: Tally) -> Failed:
    """Return the settlement of a row that has failed for good, with the answer it failed with, if there is one."""
    completion = getattr(error, "completion", None)
    outcome = {} if completion is None else _fields(completion)
    failure = tally.failure
    if failure is not None and not isinstance(error, DeadlineError):
        name = failure.code or failure.type or failure.kind
        outcome |= {"error": name, "detail": failure.message, "request_id": failure.request_id}
    else:
        outcome |= {"error": _name(error), "detail": str(error)}
    return Failed(seq=row.seq, attempt=row.attempt, outcome=Outcome(at=time.time(), **outcome), spent=tally.spent())


def _answered(completion: Completion) -> Outcome:
    return Outcome(at=time.time(), **_fields(completion))


def _fields(completion: Completion) -> dict[str, Any]:
    last = completion.replies[-1]
    return {
        "answer": orjson.dumps(last.message).decode(),
        "model": completion.model,
        "stop_reason": completion.stop_reason,
        "request_id": last.request_id,
        "latency": last.latency,
    }


def _name(error: Exception) -> str:
    """Return the name of an error as the API would write it: `RefusalError` is `refusal`."""
    if isinstance(error, RefusalError):
        return "refusal"
    return CAPITAL.sub("_", type(error).__name__.removesuffix("Error")).lower()
