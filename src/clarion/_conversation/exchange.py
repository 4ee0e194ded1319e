"""One turn of a conversation, as a generator.

It decides, and what obeys has a colour, as with `_turn`, which is in the middle of it:

    catch up ─▶ prepare ─▶ full? ─▶ turn ─▶ keep ─▶ Completion
                             │ ▲
                             ▼ │
                          summary, kept as a turn
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._conversation.fullness import for_messages, summary_request, summary_turn
from clarion._conversation.history import ConversationTurn, answered, ground_of
from clarion._cost import Cost, cost_of_message
from clarion._counting import at_most, count, estimated
from clarion._errors import ClarionError, ConversationFullError, ConversationMovedError, InvalidPromptError
from clarion._preparation import prepared
from clarion._prompt import Answered, drafted, images_in, parts_of
from clarion._request import Request
from clarion._resume import text_in
from clarion._steps import Do, RunTools
from clarion._tools import InterruptTurn
from clarion._turn import turn
from clarion._usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._completion import Completion
    from clarion._config import ClaudeConfig
    from clarion._conversation.fullness import Watch
    from clarion._conversation.log import Log
    from clarion._prompt import Message, Prompt
    from clarion._reply import Reply
    from clarion._steps import Step, Turn

T = TypeVar("T")

log = logging.getLogger(__name__)

UNCHANGED = "the conversation is as it was before this turn"
SUMMED_UP = "the conversation is as it was before this turn, but summed up"


class Exchange:
    """One turn of a conversation, and how far it has come."""

    def __init__(
        self,
        log: Log,
        prompt: Prompt,
        config: ClaudeConfig,
        *,
        watch: Watch,
        catalog: Catalog,
        today: date,
        stream: bool,
    ) -> None:
        self._log = log
        self._prompt = prompt
        self._config = config
        self._watch = watch
        self._catalog = catalog
        self._today = today
        self._stream = stream
        self._ground = ground_of(config)
        serving = catalog.serving(config.model)
        self._model = serving.id if serving else config.model
        self._history = log.history
        self._asked: list[Message] = []  # the prompt, its images and documents read
        self._tools_ran: Completion | None = None
        self._rounds: list[Message] = []  # what the turn has added so far: calls of tools and their results
        self._is_summed_up = False
        self.is_over = False

    def run(self) -> Turn:
        """Carry the turn out, and keep it. Raises what `turn` does, ConversationFullError, ConversationMovedError."""
        try:
            completion = yield from self._answered()
        except Exception as error:
            self.is_over = True
            error.add_note(SUMMED_UP if self._is_summed_up else UNCHANGED)
            raise
        self.is_over = True
        try:
            yield from self._keep(answered(self._asked, completion, self._ground))
        except ConversationMovedError as error:
            error.completion = completion
            raise
        return completion

    def _answered(self) -> Turn:
        prompt = drafted(self._prompt)
        self._history = yield from _done(self._log.catch_up)
        _refuse_unanswered(self._history.waiting, prompt)
        request = yield from self._request(prompt)
        request = yield from self._with_room(request, prompt)
        self._asked = list(request.messages[-len(prompt) :])
        return (yield from self._followed(turn(request, self._catalog, self._today, stream=self._stream)))

    def left(self, shown: str, reply: Reply | None) -> Do | None:
        """Return the step that keeps what has come of a stream that was left; None if nothing has, or it is over.

        `shown` is all text that came, `reply` what is known of the call that was open.
        """
        if self.is_over or not self._asked:
            return None
        self.is_over = True
        before = "".join(text_in(m["content"]) for m in self._rounds if m["role"] == "assistant")
        rest = shown.removeprefix(before)
        model = str(reply.message.get("model")) if reply else self._config.model
        said = [Answered({"role": "assistant", "content": [{"type": "text", "text": rest}]}, model)]
        messages = (*self._asked, *self._rounds, *(said if rest.strip() else ()))
        if len(messages) == len(self._asked):
            return None
        usage, cost = self._spent(model, reply)
        kept = ConversationTurn(
            messages=messages, kind="partial", model=model, ground=self._ground, usage=usage, cost=cost
        )
        return Do(partial(self._log.append, kept, len(self._history.turns)))

    def _spent(self, model: str, reply: Reply | None) -> tuple[Usage, Cost | None]:
        """Return what is known of what a stream that was left has used: its output may have been more."""
        usage, cost = Usage(), Cost()
        if self._tools_ran is not None:
            if self._tools_ran.cost is None:
                return self._tools_ran.usage, None
            usage, cost = self._tools_ran.usage, self._tools_ran.cost
        message: dict[str, Any] = reply.message if reply else {}
        last = reply.usage if reply else Usage()
        priced = cost_of_message(message, self._catalog, model=model)
        return usage + last, cost + priced if isinstance(priced, Cost) else None

    def _request(self, prompt: list[Message]) -> Generator[Step, Any, Request]:
        """Return the request for all that is sent and a prompt. Images and documents are read aside."""
        before = self._history.readable(self._model, self._ground, self._catalog)
        messages, config = [*before, *prompt], for_messages(self._config, before)
        if parts_of(prompt) or images_in(messages):
            return (yield from _done(partial(prepared, messages, config, self._catalog)))
        return prepared(messages, config, self._catalog)

    def _with_room(self, request: Request, prompt: list[Message]) -> Generator[Step, Any, Request]:
        """Return the request, or a shorter one after a summary, if it is so long that the conversation is full."""
        limit = self._watch.limit(self._config, self._catalog.serving(self._config.model))
        if limit is None or self._history.waiting:
            return request
        tokens = yield from self._tokens(request, len(prompt), limit)
        if tokens <= limit:
            return request
        if self._watch.on_full == "error" or all(turn.kind == "summary" for turn in self._history.live):
            raise self._full(tokens, limit)
        yield from self._sum_up(tokens, limit)
        request = yield from self._request(prompt)
        tokens = yield from self._tokens(request, len(prompt), limit)
        if tokens > limit:
            raise self._full(tokens, limit)
        return request

    def _tokens(self, request: Request, fresh: int, limit: int) -> Generator[Step, Any, int]:
        """Return how many input tokens a request surely has no more of; the API counts where that is over a limit."""
        known = self._history.tokens_on(self._model, self._catalog)
        unknown = request if known is None else Request(messages=request.messages[-fresh:], config=request.config)
        most = (known or 0) + at_most(estimated(unknown, self._catalog, self._today).tokens)
        return most if most <= limit else (yield from count(request, self._catalog, self._today))

    def _sum_up(self, tokens: int, limit: int) -> Generator[Step, Any, None]:
        before = self._history.readable(self._model, self._ground, self._catalog)
        config = for_messages(self._config, before)
        messages, config = summary_request(before, config, self._watch.on_full)
        request = prepared(messages, config, self._catalog)
        completion = yield from turn(request, self._catalog, self._today, stream=False)
        kept = summary_turn(completion, self._ground)
        if kept is None:
            raise self._full(tokens, limit, f", and no whole summary came ({completion.stop_reason})")
        log.info("a conversation of %d turns and %d tokens was summed up", len(self._history.turns), tokens)
        yield from self._keep(kept)
        self._is_summed_up = True

    def _keep(self, turn: ConversationTurn) -> Generator[Step, Any, None]:
        self._history = yield from _done(partial(self._log.append, turn, len(self._history.turns)))

    def _followed(self, steps: Turn) -> Turn:
        """Carry out a turn, and note the rounds of tools that are done."""
        came: object = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # a Turn ends with a Completion
            came = yield step
            if isinstance(step, RunTools) and not isinstance(came, InterruptTurn):
                self._tools_ran = step.completion
                self._rounds = [*step.completion.added, {"role": "user", "content": came}]  # type: ignore[list-item]  # a MessageParam is one

    def _full(self, tokens: int, limit: int, more: str = "") -> ConversationFullError:
        way_out = (
            'pass on_full="summarize" or "compact", or fork(at=...) an earlier state'
            if self._watch.on_full == "error"
            else "send less at once, or begin a new conversation"
        )
        why = f"the conversation is full: the next turn would have {tokens:,} input tokens, over {limit:,}{more}; "
        return ConversationFullError(f"{why}{way_out}", tokens=tokens, full_at=limit)


def _done(work: Callable[[], T]) -> Generator[Step, Any, T]:
    """Have some work done, and return what it returned, or raise its error here."""
    came = yield Do(work)
    if isinstance(came, ClarionError):
        raise came
    return came  # type: ignore[no-any-return]  # a Do is answered with what its work returns


def _refuse_unanswered(waiting: list[str], prompt: list[Message]) -> None:
    content = prompt[0]["content"]
    blocks = [] if isinstance(content, str) else content
    given = {block["tool_use_id"] for block in blocks if isinstance(block, dict) and block["type"] == "tool_result"}
    if missing := [id for id in waiting if id not in given]:
        raise InvalidPromptError(
            f"calls of tools wait for an answer: begin the prompt with a tool_result for {', '.join(missing)}"
        )
