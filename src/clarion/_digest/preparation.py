"""What happens before anything is paid: documents are read, cut and put into the store, and the API counts some."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from clarion._counting import fitted
from clarion._digest.asking import fingerprint
from clarion._digest.forecast import Scale
from clarion._digest.library import Library, Skipped
from clarion._digest.nodes import Node, Sums
from clarion._digest.piece import joined
from clarion._digest.task import scales
from clarion._errors import ClarionError, DigestError
from clarion._failure import Failure
from clarion._limits import estimate
from clarion._request import counted
from clarion._steps import Count, Do

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._digest.asking import Asking
    from clarion._digest.piece import Part
    from clarion._digest.store import Store
    from clarion._digest.task import Task
    from clarion._request import Request

    Steps = Generator[Any, Any, Any]

SAMPLE = 8  # pieces that the API counts, for nothing


@dataclass(slots=True, kw_only=True)
class Plan:
    """The pieces of a digest, and what is known of them.

    `frame` is the tokens of a call beside its documents, `scale` how the API counts tokens against the estimates.
    """

    frame: float
    pieces: list[Node] = field(default_factory=list)
    scale: Scale = field(default_factory=lambda: Scale(ratio=1.0, error=0.1))
    skipped: tuple[Skipped, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all documents fit into one call."""
        return bool(self.pieces) and self.pieces[0].kind == "whole"


class Preparation:
    """Makes the plan of a digest. `tell` is called after each piece, with how many there are; it may raise."""

    def __init__(
        self,
        task: Task,
        asking: Asking,
        catalog: Catalog,
        today: date,
        *,
        store: Store,
        tell: Callable[[int], None],
    ) -> None:
        self._task = task
        self._asking = asking
        self._catalog = catalog
        self._today = today
        self._store = store
        self._tell = tell
        self._model = catalog.serving(task.config.model)
        self._name = self._model.id if self._model else task.config.model
        self._weigh = scales(self._model)

    def run(self) -> Generator[Any, Any, tuple[Plan, Sums]]:
        """Return the plan, and what of it was paid before."""
        library: Library = yield from do(lambda: Library(self._task.sources))
        plan, sums = Plan(frame=float(estimate(self._asking.notes(()).body(), self._model).tokens)), Sums()
        found = library.pieces(limit=self._task.piece, overlap=self._task.overlap, weigh=self._weigh)
        while (node := (yield from do(lambda: self._next(found, plan, sums)))) is not None:
            plan.pieces.append(node)
            self._tell(len(plan.pieces))
        plan.skipped = tuple(library.skipped)
        if not plan.pieces:
            why = "; ".join(f"{each.name}: {each.why}" for each in library.skipped[:3])
            raise DigestError(f"there is no text to digest{f' ({why})' if why else ''}")
        if sum(node.tokens - plan.frame for node in plan.pieces) <= self._task.whole(self._model):
            whole = yield from self._as_one(plan)
            if whole is not None:
                return whole
        yield from self._weigh_some(plan)
        return plan, sums

    def _next(self, found: Iterator[tuple[Part, ...]], plan: Plan, sums: Sums) -> Node | None:
        """Cut the next piece and put it into the store; None if there is none."""
        parts = next(found, None)
        if parts is None:
            return None
        return self._kept("piece", parts, self._asking.notes(parts), plan, sums)

    def _kept(self, kind: str, parts: Sequence[Part], request: Request, plan: Plan, sums: Sums) -> Node:
        """Return the node of a call on documents, which the store has now, perhaps with its answer."""
        key = fingerprint(request, self._name)
        node = Node.reading(kind, parts, key=key, number=len(plan.pieces) + 1, frame=plan.frame)
        if answer := self._store.answer(key):
            sums.add_answer(node, answer, reused=True)
            node.answered(answer, self._weigh)
        else:
            self._store.put(key, kind, node.name, parts)
        return node

    def _as_one(self, pieces: Plan) -> Generator[Any, Any, tuple[Plan, Sums] | None]:
        """Return the plan of one call for all pieces; None if the API says that it does not fit."""
        plan, sums = replace(pieces, pieces=[]), Sums()

        def make() -> tuple[Node, Request]:
            parts = joined([part for node in pieces.pieces for part in self._store.parts(node.key)])
            request = self._asking.whole(parts)
            return self._kept("whole", parts, request, plan, sums), request

        node, request = yield from do(make)
        plan.pieces.append(node)
        found: int | None = yield from self._counted(request)
        if found is not None:
            plan.scale = Scale.of([(node.tokens, found)], 1)
        window = self._model.context_window if self._model else None
        fits = not (found and window) or found + request.config.max_tokens <= window
        unread = pieces.pieces if fits else plan.pieces
        yield from do(lambda: self._store.drop([each.key for each in unread]))
        return (plan, sums) if fits else None

    def _weigh_some(self, plan: Plan) -> Steps:
        """Have the API count some pieces, evenly spread, to correct the estimates of all."""
        left = [node for node in plan.pieces if node.written is None]
        pairs: list[tuple[float, float]] = []
        for place in range(min(SAMPLE, len(left))):
            node = left[place * len(left) // min(SAMPLE, len(left))]
            parts: tuple[Part, ...] = yield from do(partial(self._store.parts, node.key))
            request = self._asking.notes(parts)
            found: int | None = yield from self._counted(request)
            if found is None:
                return
            pairs.append((node.tokens, found))
        if pairs:
            plan.scale = Scale.of(pairs, len(left))

    def _counted(self, request: Request) -> Steps:
        """Return the API's count of a request; None if there is none to be had now."""
        form = fitted(request, self._catalog, self._today)
        came = yield Count(body=counted(form.body), headers=form.headers, timeout=request.config.timeout, left=None)
        return None if isinstance(came, Failure) else came


def do(work: Callable[[], Any]) -> Steps:
    """Have some work done, and return what it returns; raise the error it ends with."""
    came = yield Do(work)
    if isinstance(came, ClarionError):
        raise came
    return came
