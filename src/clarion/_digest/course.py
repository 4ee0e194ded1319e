"""The course of a digest, as a generator: it yields what it wants done, is sent what came, and returns the Digest.

    preparation ─▶ estimate ─▶ notes on each piece ─▶ put together, as often as it takes ─▶ answer
                      └─ all fits into one call ────────────────────────────────────────────▶ answer

Nothing here sends, waits or reads a clock. Files and the store are worked on by steps of kind `Do`, one at a time;
calls go through a `Crowd`, several at a time. In memory are the pieces under way, and of the others their numbers.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from clarion._crowd import LATER, Crowd
from clarion._digest.asking import fingerprint
from clarion._digest.forecast import grouped
from clarion._digest.money import Money
from clarion._digest.nodes import Node, answer_of, sources_of
from clarion._digest.notes import notes_on_notes, notes_on_piece
from clarion._digest.preparation import Preparation, do
from clarion._digest.progress import DigestProgress, Phase
from clarion._digest.result import Digest, Statement
from clarion._digest.store import Answer, opened
from clarion._digest.task import scales
from clarion._errors import ClarionError, DigestStopped, LimitError, RefusalError
from clarion._plural import number_of
from clarion._turn import turn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._completion import Completion
    from clarion._crowd import Later
    from clarion._digest.forecast import DigestEstimate
    from clarion._digest.nodes import Sums
    from clarion._digest.preparation import Plan
    from clarion._digest.store import Store
    from clarion._digest.task import Task
    from clarion._failure import Failure
    from clarion._fit import Adjustment
    from clarion._pacing import Pacer
    from clarion._request import Request
    from clarion._steps import Turn

    Steps = Generator[Any, Any, Any]

IN_VAIN = 5  # calls that fail before any is answered, after which going on is no use
REMEMBERED = 5  # errors


class Course:
    """The course of one digest: carry out `run`, or `estimate`, once.

    `watched` returns a turn that is watched, `paced` a pacer for as long as calls are made.
    """

    def __init__(
        self,
        task: Task,
        catalog: Catalog,
        today: date,
        *,
        watched: Callable[..., Turn],
        paced: Callable[[], AbstractContextManager[Pacer]],
    ) -> None:
        self.task = task
        self._watched = watched
        self._catalog = catalog
        self._today = today
        self._model = catalog.serving(task.config.model)
        task.check(self._model)
        self._asking = task.asking(self._model)
        self._weigh = scales(self._model)
        self._paced = paced
        self._crowd: Crowd[Node] | None = None
        self._phase: Phase = "reading"
        self._calls = self._calls_done = 0
        self._answered = self._in_vain = 0  # calls, in this run
        self._errors: deque[str] = deque(maxlen=REMEMBERED)
        self._adjustments: dict[Adjustment, None] = {}
        self._stopped: tuple[str, Exception | None] | None = None
        self._pacer: Pacer
        self._store: Store
        self._plan: Plan
        self._sums: Sums
        self._money: Money

    def stop(self) -> None:
        """Begin nothing more; what is under way is seen through. The digest then raises DigestStopped."""
        self._stop("stopped")

    def run(self) -> Generator[Any, Any, Digest]:
        """Digest."""
        self._store, close = yield from do(lambda: opened(self.task.store, self.task.origin))
        try:
            estimate = yield from self._prepare()
            self._money.check(estimate)
            with self._paced() as self._pacer:
                final = yield from (self._at_once() if self._plan.is_whole else self._by_pieces())
            return (yield from self._digest(final, estimate))
        finally:
            close()

    def estimate(self) -> Generator[Any, Any, DigestEstimate]:
        """Say what it would cost, and pay nothing."""
        self._store, close = yield from do(lambda: opened(self.task.store, self.task.origin))
        try:
            return (yield from self._prepare())
        finally:
            close()

    def _prepare(self) -> Generator[Any, Any, DigestEstimate]:
        def tell(pieces: int) -> None:
            self._calls = self._calls_done = pieces
            self._tell()
            self._raise_if_stopped()

        preparation = Preparation(self.task, self._asking, self._catalog, self._today, store=self._store, tell=tell)
        self._plan, self._sums = yield from preparation.run()
        self._money = Money(self.task, self._asking, self._model, self._plan, self._sums)
        pieces = self._plan.pieces
        self._phase, self._calls = "noting", len(pieces)
        self._calls_done = sum(node.written is not None for node in pieces)
        self._tell()
        return self._money.estimate()

    def _at_once(self) -> Generator[Any, Any, Node]:
        """Have all documents read by one call."""
        [node] = self._plan.pieces
        yield from self._ask([node], "answering")
        self._raise_if_incomplete([node])
        return node

    def _by_pieces(self) -> Generator[Any, Any, Node | None]:
        """Take notes on all pieces, put them together, and return the answer; None if nothing was noted."""
        pieces = self._plan.pieces
        yield from self._ask(pieces, "noting", warms_up=self._asking.marks_rules)
        self._raise_if_stopped()
        if all(node.error for node in pieces):
            raise self._stop_error(f"no piece could be read; the first: {pieces[0].error}")
        level = [node for node in pieces if node.shown]
        while len(groups := grouped([node.written or 0.0 for node in level], self.task.notes_read(self._model))) > 1:
            merges = [self._over([level[index] for index in group], "merge") for group in groups]
            yield from self._ask(merges, "merging")
            self._raise_if_incomplete(merges)
            level = [node for node in merges if node.shown]
        if not level:
            return None
        final = self._over(level, "answer")
        yield from self._ask([final], "answering")
        self._raise_if_incomplete([final])
        return final

    def _over(self, children: Sequence[Node], kind: str) -> Node:
        return Node.over(children, kind, frame=self._plan.frame)

    def _ask(self, nodes: Sequence[Node], phase: Phase, *, warms_up: bool = False) -> Steps:
        """Make the calls of these nodes that are not made yet; the first alone, if it warms up the prompt cache."""
        todo = [node for node in nodes if node.written is None]
        self._phase, self._calls, self._calls_done = phase, len(nodes), len(nodes) - len(todo)
        if warms_up and todo:
            yield from self._run(deque(todo[:1]), 1)
            todo = todo[1:]
        yield from self._run(deque(todo), self.task.concurrency)

    def _run(self, todo: deque[Node], concurrency: int) -> Steps:
        self._crowd = Crowd(lambda: self._take(todo), self._settle, pacer=self._pacer, concurrency=concurrency)
        if self._stopped:
            self._crowd.stop()
        yield from self._crowd.run()
        self._tell()

    def _take(self, todo: deque[Node]) -> Generator[Any, Any, tuple[Node, Turn, float] | Later | None]:
        """Return the next call: its node, its turn and its tokens; None if there is none, or no money for it."""
        while todo:
            node = todo[0]
            request: Request | None = yield from do(partial(self._request, node))
            if request is not None and (why := self._money.hold(node)):
                if self._crowd and self._crowd.under_way:  # which may cost less than is held for them
                    return LATER
                self._stop(why)
                return None
            todo.popleft()
            if request is None:
                self._calls_done += 1
                continue
            steps = turn(request, self._catalog, self._today, stream=False)
            config, about = request.config, {"piece": node.number}
            made = self._watched(steps, model=config.model, tags=config.tags, about=about)
            return node, made, node.tokens * self._plan.scale.ratio
        return None

    def _request(self, node: Node) -> Request | None:
        """Return what a node asks; None if that was answered before. This reads the store."""
        if not node.children:
            parts = self._store.parts(node.key)
            return self._asking.whole(parts) if node.kind == "whole" else self._asking.notes(parts)
        noted = [(child.name, self._texts(child)) for child in node.children]
        request = self._asking.answer(noted) if node.kind == "answer" else self._asking.merge(noted)
        node.key = fingerprint(request, self._model.id if self._model else self.task.config.model)
        if (answer := self._store.answer(node.key)) is None:
            return request
        self._sums.add_answer(node, answer, reused=True)
        node.answered(answer, self._weigh)
        return None

    def _texts(self, node: Node) -> list[str]:
        """Return the statements of a node that go on to the next call."""
        notes = answer_of(node, self._store).notes
        return [notes[index].text for index in node.shown]

    def _settle(self, node: Node, came: Completion | Exception, failure: Failure | None) -> Steps:
        """Take down what came of a call."""
        self._money.release(node)
        if isinstance(came, Exception):
            if failure is None and not isinstance(came, ClarionError):
                raise came
            self._fail(node, came, failure)
        else:
            answer: Answer = yield from do(lambda: self._recorded(node, came))
            self._answered += 1
            self._adjustments |= dict.fromkeys(came.adjustments)
            self._sums.add_answer(node, answer)
            node.answered(answer, self._weigh)
        self._calls_done += 1
        self._tell()

    def _recorded(self, node: Node, completion: Completion) -> Answer:
        """Record an answer in the store, and return it."""
        if node.children:
            notes = notes_on_notes(completion.content, [child.shown for child in node.children])
        else:
            notes = notes_on_piece(completion.content, self._store.parts(node.key))
        answer = Answer.of(completion, notes)
        self._store.finish(node.key, node.kind, node.name, answer)
        return answer

    def _fail(self, node: Node, error: Exception, failure: Failure | None) -> None:
        """Take note of a call that failed for good, and stop where the others would, too."""
        if isinstance(error, RefusalError):
            self._sums.add(error.completion.usage, error.completion.cost)
        name = (failure.code or failure.type or failure.kind) if failure else type(error).__name__
        node.error = f"{name}: {' '.join(str(error).split())}"
        self._errors.append(f"{node.name}: {node.error}")
        self._in_vain += 1
        if (failure and failure.concerns_all) or isinstance(error, LimitError):
            self._stop(str(error), error)
        elif not self._answered and self._in_vain >= IN_VAIN:
            self._stop(f"the first {IN_VAIN} calls have failed, none was answered: {error}", error)

    def _digest(self, final: Node | None, estimate: DigestEstimate) -> Generator[Any, Any, Digest]:
        answer: Answer | None = None
        statements: tuple[Statement, ...] = ()
        if final is not None:
            answer, statements = yield from do(lambda: self._resolved(final))
        self._phase = "done"
        self._tell()
        return Digest(
            text=answer.text if answer else "",
            statements=statements,
            pieces=tuple(node.as_piece() for node in self._plan.pieces),
            skipped=self._plan.skipped,
            usage=self._sums.usage,
            cost=self._sums.cost,
            estimate=estimate,
            adjustments=tuple(self._adjustments),
            model=answer.model if answer else self.task.config.model,
            calls=self._sums.calls,
            reused=self._sums.reused,
            truncated=answer.truncated if answer else False,
            emulated=self._sums.emulated,
        )

    def _resolved(self, final: Node) -> tuple[Answer, tuple[Statement, ...]]:
        """Return the answer, and its statements with where they are from. This reads the store."""
        answer = answer_of(final, self._store)
        sources = sources_of(final, range(len(answer.notes)), self._store)
        return answer, tuple(Statement.of(note.text, sources[index]) for index, note in enumerate(answer.notes))

    def _stop(self, why: str, cause: Exception | None = None) -> None:
        self._stopped = self._stopped or (why, cause)
        if self._crowd:
            self._crowd.stop()

    def _raise_if_stopped(self) -> None:
        if self._stopped:
            why, cause = self._stopped
            raise self._stop_error(why) from cause

    def _raise_if_incomplete(self, nodes: Sequence[Node]) -> None:
        self._raise_if_stopped()
        if failed := next((node for node in nodes if node.error), None):
            raise self._stop_error(f"no answer could be made of {failed.name}: {failed.error}")

    def _stop_error(self, why: str) -> DigestStopped:
        progress = self._progress()
        way_out = "run it again to go on" if self.task.store else "with store=, it could go on from there"
        return DigestStopped(
            f"{why}; {progress.done:,} of {number_of(progress.pieces, 'piece')} read ({way_out})",
            done=progress.done,
            pieces=progress.pieces,
            cost=progress.cost,
        )

    def _tell(self) -> None:
        if self.task.on_progress is not None:
            self.task.on_progress(self._progress())

    def _progress(self) -> DigestProgress:
        if self._phase == "reading":
            return DigestProgress.reading(self._calls, stop=self.stop)
        money, phase = self._money, self._phase
        return DigestProgress(
            phase=phase,
            pieces=len(self._plan.pieces),
            done=sum(node.written is not None for node in self._plan.pieces),
            failed=sum(node.error is not None for node in self._plan.pieces),
            reused=self._sums.reused,
            calls=self._calls,
            calls_done=self._calls_done,
            under_way=self._crowd.under_way if self._crowd else 0,
            cost=self._sums.cost.total if self._sums.cost else None,
            errors=tuple(self._errors),
            stop=self.stop,
            forecast=lambda: money.estimate(has_answer=phase == "done"),
        )
