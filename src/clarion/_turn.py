"""One logical turn, as a generator: it yields what it wants done, is sent what came, and returns the completion.

It decides; the services obey. Nothing here sends, waits or reads a clock, so one turn serves both colours:

    Request ─▶ fit ─▶ Tell ─▶ Count, near a limit ─▶ Send ─▶ Reply ─▶ stop reason ─▶ Completion
                 ▲                                    ▲  │                │
                 └── the next model ──────────────────┼──┴─▶ Failure      └─▶ go on, ask again, or refuse
                                                      └── Wait ◀─┘
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clarion._caching import with_marks
from clarion._completion import Completion
from clarion._counting import at_most, counted_by_api, fitted
from clarion._deadline import Deadline
from clarion._errors import (
    BudgetExceeded,
    DeadlineError,
    LimitError,
    RefusalError,
    RoundLimitError,
    StreamInterrupted,
    UnfitRequestError,
)
from clarion._failure import Failure
from clarion._limits import Limits, estimate
from clarion._output import Output, OutputError
from clarion._preparation import rendering
from clarion._request import LONGEST_UNSTREAMED
from clarion._resume import answers_tools, merged, nudged, onward, paused, text_in
from clarion._retry import Attempt, Fallback, GiveUp, decide
from clarion._steps import RunTools, Send, Tell, Wait
from clarion._stops import outcome_of
from clarion._tools import InterruptTurn, unrun_block

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._completion import ToolCall
    from clarion._fit import Fitted
    from clarion._reply import Reply
    from clarion._request import Request
    from clarion._steps import Step, Turn
    from clarion._tools import Toolbox

    Fit = Callable[[Request, Catalog, date], Fitted]

PAUSES = 10  # how often a turn that the server pauses is resumed
MORE_ROOM = 2  # how often a tool call that was cut off is asked for again, each time with twice the room


def turn(
    request: Request, catalog: Catalog, today: date, *, stream: bool, stepped: bool = False, fit: Fit = fitted
) -> Turn:
    """Carry out one turn, from the request to its completion.

    `fit` brings requests into the form that their models take. One that is `stepped` asks for every call of a tool to
    be run: somebody stands by to answer for those that only he can run. Raises UnfitRequestError if the request does
    not fit and may not be adjusted, LimitError if it would go over a limit, DeadlineError if it takes too long,
    RefusalError if the model refuses and no other is left to ask, and in the end whatever made the last attempt fail.
    """
    return (yield from _Course(request, catalog, today, stream=stream, stepped=stepped, fit=fit).run())


class _Course:
    """The course of one turn: what has come so far, whom to ask next, and with what."""

    def __init__(
        self, request: Request, catalog: Catalog, today: date, *, stream: bool, stepped: bool, fit: Fit
    ) -> None:
        self.request = request
        self.catalog = catalog
        self.today = today
        self.stream = stream
        self.stepped = stepped
        self.fit = fit
        self.config = request.config
        self.fallbacks = list(request.config.retry.fallback_models)
        self.fitted: Fitted = fit(request, catalog, today)
        self.body = self.fitted.body
        self.prompt_length = len(self.body["messages"])
        self.replies: list[Reply] = []
        self.attempts: list[Attempt] = []
        self.content: list[dict[str, Any]] = []  # of pauses before: whole blocks of the answer
        self.text = ""  # the beginning of the answer to the present request, if that came before
        self.asked = self.overloads = 0  # of the model that is being asked, since it last answered
        self.started: float | None = None  # when the first attempt began that failed, since then
        self.deadline = Deadline(request.config.deadline)
        self.so_far: Completion | None = None  # up to the messages that are being sent
        self.failed: Failure | None = None  # the last attempt, if it failed
        self.waited = 0.0
        self.parsed: Any = None
        self.pauses = self.rooms = self.rounds = self.nudges = self.tool_rounds = self.repairs = 0

    def run(self) -> Turn:
        yield from self.deadline.begin()
        yield from self._begin()
        while True:
            self.replies.append((yield from self._answered()))
            if not (yield from self._goes_on(self.replies[-1].message)):
                return self._finished()

    def _finished(self) -> Completion:
        """Return the completion. Raises OutputError for one that should be a value, and stopped before it was."""
        completion = self._completion()
        if self.config.output_type is not None and outcome_of(completion.stop_reason) != "done":
            error = OutputError(completion.text, [f"it stopped before its end ({completion.stop_reason})"])
            error.completion = completion
            raise error
        return completion

    def _begin(self) -> Generator[Step, Any, None]:
        """Keep what holds before anything is sent: the fit, and the caller's limits."""
        if self.config.adjust == "strict" and self.fitted.changes:
            raise UnfitRequestError(self.fitted.changes)
        if self.config.adjust == "warn" and self.fitted.adjustments:
            yield Tell(self.fitted.adjustments)
        yield from self._keep_limits()

    def _keep_limits(self, so_far: Completion | None = None) -> Generator[Step, Any, None]:
        """Let a request pass that is surely within the caller's limits; where it is unsure, the API's count decides."""
        limits = Limits.of(self.config, self.fitted.model)
        if limits is None:
            return
        if so_far is not None and so_far.cost is not None:
            limits = replace(limits, spent=so_far.cost.total)
        breach = limits.unknown_price(self.body)
        if not breach and limits.breach(at_most(estimate(self.body, self.fitted.model).tokens), self.body):
            tokens = yield from counted_by_api(replace(self.fitted, body=self.body), self.config, self._left)
            breach = limits.breach(tokens, self.body)
        if breach:
            raise LimitError(breach, completion=so_far, messages=self.body["messages"] if so_far else ())

    def _answered(self) -> Generator[Step, Any, Reply]:
        """Send until there is a reply, by the retry policy."""
        while True:
            came: Reply | Failure = yield self._send((yield from self._left()))
            self.asked += 1
            if not isinstance(came, Failure):
                self.attempts.append(_attempt(came, self.waited))
                self.started = self.failed = None
                self.asked = self.overloads = 0
                self.waited = 0.0
                return came
            self._note(came)
            yield from self._try_again(came)

    def _left(self) -> Generator[Step, Any, float | None]:
        """Return how many seconds are left, None if there is no deadline. Raises DeadlineError if there are none."""
        left: float | None = yield from self.deadline.left()
        if left == 0:
            raise self._late(self.body["messages"])
        return left

    def _late(self, messages: list[Any], completion: Completion | None = None) -> DeadlineError:
        """Return the error of a turn that takes too long, with what it has come to."""
        if completion is None:
            known = len(self.so_far.replies) if self.so_far else 0
            completion = self._completion([]) if len(self.replies) > known else self.so_far
        if completion is not None:
            completion = replace(completion, attempts=tuple(self.attempts))
        late = DeadlineError(self.deadline.seconds or 0.0, completion=completion, messages=messages, text=self.text)
        if self.failed:
            late.add_note(f"the last attempt failed: {self.failed.message}")
            late.__cause__ = self.failed.error
        return late

    def _send(self, left: float | None) -> Send:
        fitted = self.fitted
        body = onward(self.body, fitted.model, self.text) if self.text else self.body
        body = with_marks(body, self.config.cache, fitted.model, lambda body: estimate(body, fitted.model).tokens)
        stream = self.stream or body["max_tokens"] > LONGEST_UNSTREAMED
        return Send(
            body=body,
            headers=fitted.headers,
            timeout=self.config.timeout,
            stall_timeout=self.config.stall_timeout,
            left=left,
            stream=stream,
            tags=self.config.tags,
        )

    def _note(self, failure: Failure) -> None:
        self.started = failure.started if self.started is None else self.started
        self.failed = failure
        self.overloads += failure.is_overload
        self.attempts.append(
            Attempt(
                model=self.body["model"],
                status=failure.status,
                request_id=failure.request_id,
                wait=self.waited,
                latency=failure.ended - failure.started,
                error=failure.code or failure.type or failure.kind,
            )
        )
        self.waited = 0.0

    def _try_again(self, failure: Failure) -> Generator[Step, Any, None]:
        """Do what the policy says of a failure: wait, turn to the next model, or raise it."""
        shown = self.text + failure.text
        left: float | None = yield from self.deadline.left()
        if left == 0 and self.config.retry.covers(failure):
            self._keep(failure)
            raise self._late(self.body["messages"])
        if failure.text and not (failure.is_temporary and self._may_resume()):
            raise _told(failure.error, shown)
        decision = decide(
            failure,
            self.config.retry,
            attempts=self.asked,
            overloads=self.overloads,
            elapsed=failure.ended - (self.started or 0.0),
            fallbacks=len(self.fallbacks),
        )
        if isinstance(decision, GiveUp):
            if isinstance(failure.error, BudgetExceeded) and self.so_far is not None:
                failure.error.completion, failure.error.messages = self.so_far, [*self.body["messages"]]
            raise _told(failure.error, shown, decision.why or self._meant(failure))
        self._keep(failure)
        if self._is_held_to_format():
            self.text = ""  # nobody has seen it, and the answer begins anew
        if isinstance(decision, Fallback):
            self._ask_next_model()
            return
        if left is not None and decision.least >= left:
            raise self._late(self.body["messages"])
        if self.config.retry.on_retry:
            self.config.retry.on_retry(self.attempts[-1])
        self.waited = yield Wait(decision.least, decision.most if left is None else min(decision.most, left))

    def _meant(self, failure: Failure) -> str:
        """Say which model may have been meant, where neither the API nor the catalogue knows one of that name."""
        name = self.body["model"]
        if failure.status != 404 or self.catalog.find(name):
            return ""
        near = " or ".join(map(repr, self.catalog.near(name)))
        return f"did you mean {near}?" if near else f"no model named {name!r} is known: `clarion models` lists them"

    def _may_resume(self) -> bool:
        """Whether an answer that broke off may be asked for again, or its rest."""
        return self.config.resume and not (self.stream and self._is_held_to_format())

    def _is_held_to_format(self) -> bool:
        """Whether the answer has to be JSON of a schema, whose rest cannot be asked for: it would begin anew."""
        return bool((self.body.get("output_config") or {}).get("format"))

    def _keep(self, failure: Failure) -> None:
        """Keep what a stream that broke had shown, and what it had used."""
        if failure.text:
            self.text += failure.text
            self.replies += [failure.partial] if failure.partial else []

    def _ask_next_model(self) -> None:
        config = self.config.but(model=self.fallbacks.pop(0))
        self.request = replace(self.request, config=config)
        adjustments, length = self.fitted.adjustments, len(self.fitted.body["messages"])
        self.fitted = self.fit(self.request, self.catalog, self.today)
        self.fitted = replace(self.fitted, adjustments=tuple(dict.fromkeys(adjustments + self.fitted.adjustments)))
        self.body = self.fitted.body
        self.prompt_length += len(self.body["messages"]) - length
        self.asked = self.overloads = 0

    def _goes_on(self, message: dict[str, Any]) -> Generator[Step, Any, bool]:
        """Do what the stop reason of a message asks for; return whether there is anything to send again."""
        content: list[dict[str, Any]] = message["content"]
        match outcome_of(message.get("stop_reason")):
            case "resume" if self.pauses < PAUSES and not self.body.get("compaction"):
                self.pauses += 1
                content, self.text = merged(self.text, content), ""
                self.content += content
                self.body = paused(self.body, content)
                return True
            case "refused":
                if not self.fallbacks or (self.stream and text_in(content)):
                    raise RefusalError(self._completion())
                self._ask_next_model()
                return True
            case "truncated" if message.get("stop_reason") == "max_tokens":
                return self._has_more_room(content)
            case "done" if not content and not self.text and not self.nudges and answers_tools(self.body):
                self.nudges += 1
                self.body = nudged(self.body)
                return True
            case "done":
                return (yield from self._answers_tools()) or self._asks_for_repair()
        return False

    def _answers_tools(self) -> Generator[Step, Any, bool]:
        """Run the tools that were called, if they have functions, and put their results after the call."""
        toolbox = self.request.toolbox
        if not (self.stepped or any(toolbox)):
            return False
        completion = self._completion()
        calls = completion.tool_calls
        if not calls or not (self.stepped or _runs_all(toolbox, calls)):
            return False
        if self.tool_rounds >= self.config.max_rounds:
            unrun = [unrun_block(call, "the turn has no rounds left") for call in calls]
            raise RoundLimitError(completion, self.tool_rounds, unrun)
        if (yield from self.deadline.left()) == 0:
            unrun = [unrun_block(call, "the turn has no time left") for call in calls]
            raise self._late([*completion.messages, {"role": "user", "content": unrun}], completion)
        self.tool_rounds += 1
        results = yield RunTools(
            completion=completion,
            toolbox=toolbox,
            max_parallel=self.config.max_parallel,
            approve=self.config.approve,
            render=rendering(self.fitted.model, self.body["messages"]),
        )
        if isinstance(results, InterruptTurn):
            results.completion = completion
            raise results
        self._grow(completion, {"role": "user", "content": results})
        if (self.body.get("tool_choice") or {}).get("type") in ("any", "tool"):
            self.body = {**self.body, "tool_choice": {"type": "auto"}}  # forced once; for ever would have no end
        yield from self._keep_limits(completion)
        return True

    def _asks_for_repair(self) -> bool:
        """Read the answer as `output_type`; ask for a better one if it is not that, as often as is allowed."""
        if self.config.output_type is None:
            return False
        completion = self._completion()
        if completion.tool_calls:  # they are the caller's to answer, before there is a value
            return False
        try:
            self.parsed = Output.of(self.config.output_type).parse(completion.text)
        except OutputError as error:
            if self.repairs >= self.config.repair_rounds:
                error.completion = completion
                raise
            self.repairs += 1
            self._grow(completion, {"role": "user", "content": [{"type": "text", "text": error.repair_prompt()}]})
            return True
        return False

    def _grow(self, completion: Completion, message: dict[str, Any]) -> None:
        """Go on from a completion with another message of the user."""
        messages: list[Any] = [*completion.messages, message]
        self.request = replace(self.request, messages=tuple(messages))
        self.fitted = self.fitted.asking(messages)
        self.body = {**self.body, "messages": messages}
        self.content, self.text = [], ""
        self.so_far = completion
        self.pauses = self.rooms = self.rounds = 0

    def _has_more_room(self, content: list[dict[str, Any]]) -> bool:
        """Ask again for a tool call that was cut off, or for the rest of a text, as far as that is allowed."""
        if content and content[-1]["type"] == "tool_use":
            asked = self.body["max_tokens"]
            room = min(2 * asked, (self.fitted.model and self.fitted.model.max_output) or asked)
            if self.stream or self.rooms >= MORE_ROOM or room <= asked:
                return False
            self.rooms += 1
            self.body = {**self.body, "max_tokens": room}
            return True
        if self.rounds >= self.config.continue_rounds or not text_in(content) or self._is_held_to_format():
            return False
        self.rounds += 1
        self.text += text_in(content)
        return True

    def _completion(self, rest: list[dict[str, Any]] | None = None) -> Completion:
        """Return what the turn has come to; `rest` is what has come since the text, by default the last reply's."""
        whole = last = self.replies[-1]
        if self.content or self.text or rest is not None:
            content = [*self.content, *merged(self.text, last.message["content"] if rest is None else rest)]
            whole = replace(last, message={**last.message, "content": content})
        messages = tuple(self.fitted.body["messages"])
        return Completion(
            request=self.request if messages == self.request.messages else replace(self.request, messages=messages),
            replies=(*self.replies[:-1], whole),
            catalog=self.catalog,
            adjustments=self.fitted.adjustments,
            attempts=tuple(self.attempts),
            parsed=self.parsed,
            prompt_length=self.prompt_length,
        )


def _runs_all(toolbox: Toolbox, calls: tuple[ToolCall, ...]) -> bool:
    """Whether there are tools with functions, and no call is of one that only the caller can run."""
    return any(toolbox) and not any(toolbox.is_callers(call.name) for call in calls)


def _attempt(reply: Reply, waited: float) -> Attempt:
    return Attempt(
        model=reply.message.get("model", ""),
        status=200,
        request_id=reply.request_id,
        wait=waited,
        latency=reply.latency,
    )


def _told(error: Exception, shown: str, why: str = "") -> Exception:
    """Return the error of the last attempt, with all the text that had been shown, and why there is no further one."""
    if isinstance(error, StreamInterrupted):
        error.text = shown
    if why:
        error.add_note(why)
    return error
