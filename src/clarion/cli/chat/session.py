"""A chat: one conversation after the other, what is attached to the next message, and what all of it has cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from clarion._conversation import Conversations
from clarion._conversation.chat import REMEMBERED
from clarion._errors import ConversationMovedError, LimitError
from clarion._plural import number_of
from clarion._retry import Attempt
from clarion.cli._talk import ExitCode, usage_line, verdict
from clarion.cli.bulk._words import dollars

if TYPE_CHECKING:
    from clarion import AsyncClaudeService, AsyncConversation, Completion
    from clarion._conversation import ConversationTurn
    from clarion._conversation.stream import AsyncConversationStream
    from clarion._prompt import Part, Prompt
    from clarion.cli.chat.view import Answer, View

T = TypeVar("T")

TROUBLES = {"connection": "no connection", "timeout": "no answer in time", "stream": "the answer broke off"}
LASTING = ("model", "system", "thinking", "effort", "style", "max_tokens")  # what a new conversation goes on with


@dataclass(frozen=True, slots=True)
class Attached:
    """Something that goes with the next message."""

    name: str
    part: Part


class Session:
    """What is going on in a chat. Its conversations are kept in the file `store`, or in memory.

    `options` hold for all of them; `budget` is what they may cost in all, in US dollars.
    """

    view: View  # what it is shown on, from when the talk begins

    def __init__(
        self,
        claude: AsyncClaudeService,
        conversation: AsyncConversation,
        *,
        store: Path | None,
        options: dict[str, Any],
        budget: Decimal | None = None,
        quiet: bool = False,
    ) -> None:
        self.claude = claude
        self.conversation = conversation
        self.store = store
        self.options = options
        self.budget = budget
        self.spent = Decimal(0)
        self.attached: list[Attached] = []
        self.unanswered: Sequence[Any] | str | None = None  # what was asked last, and has no answer in the conversation
        self.moved: ConversationMovedError | None = None  # has an answer that another program was faster than
        self.draft = ""  # what the next message begins with, to be changed
        self.listed: Sequence[str] = ()  # names of conversations, as they were listed last
        self.saved: set[Path] = set()
        self.code: ExitCode | None = None  # of what went wrong last
        self.is_over = False
        self._quiet = quiet
        self._told: set[str] = set()

    @property
    def model(self) -> str:
        """The id of the model that is asked."""
        serving = self.claude.catalog.serving(self.conversation.config.model)
        return serving.id if serving else self.conversation.config.model

    @property
    def conversations(self) -> Conversations | None:
        """The conversations in the file; None if there is none."""
        return None if self.store is None else Conversations(self.store)

    def names(self) -> list[str]:
        """Return the names of the conversations in the file, those that changed last first."""
        return [entry.name for entry in self.conversations.list()] if self.conversations else []

    def go_on_with(self, conversation: AsyncConversation) -> None:
        """Make this the conversation."""
        self.conversation = conversation
        self.unanswered = self.moved = None

    async def begin(self) -> None:
        """Begin a conversation, with the options of this one."""
        config = self.conversation.config
        options = {**self.options, **{name: getattr(config, name) for name in LASTING}}
        self.go_on_with(await self.claude.conversation(store=self.store, on_full="summarize", **options))

    async def open(self, name: str) -> None:
        """Go on with the conversation of this name, with the options it was begun with or changed to."""
        options = {option: value for option, value in self.options.items() if option not in REMEMBERED}
        self.go_on_with(await self.claude.conversation(store=self.store, name=name, on_full="summarize", **options))

    async def say(self, text: str) -> None:
        """Send a message, with what is attached to it."""
        self.view.said("\n".join([*(f"[{attached.name}]" for attached in self.attached), text]))
        await self.send([*(attached.part for attached in self.attached), text])

    async def send(self, prompt: Sequence[Any] | str) -> None:
        """Ask, and show the answer, which becomes part of the conversation as far as it comes."""
        self.unanswered, self.moved, self.code = prompt, None, None
        before, began = len(self.conversation.turns), time.time()
        completion: Completion | None = None
        try:
            completion = await self._answered(prompt)
        except Exception as error:  # noqa: BLE001 -- tell() raises what is a bug
            self._take_in(
                [turn for turn in self.conversation.turns[before:] if turn.at < began or turn.kind == "summary"]
            )
            self._tell_failed(error)
            return
        added = [*self.conversation.turns[before:]]
        turn = added.pop() if completion or (added and added[-1].at >= began) else None
        self._take_in(added)
        if turn is not None:
            self.unanswered = None
            self.attached = [attached for attached in self.attached if attached.part not in prompt]
            self._spend(turn)
        self._tell_of(completion, turn)

    async def _answered(self, prompt: Prompt) -> Completion | None:
        """Show the answer as it comes, and return it; None if it was interrupted. What has come of it is kept."""
        options = self._limit()
        async with AsyncExitStack() as leaving:

            async def shown(answer: Answer) -> Completion:
                retry = replace(self.conversation.config.retry, on_retry=lambda failed: answer.note(_again(failed)))
                stream = self.conversation.stream(prompt, retry=retry, **options)
                await _show(await leaving.enter_async_context(stream), answer)
                return stream.completion

            return await self._unless_interrupted(shown)

    async def _unless_interrupted(self, work: Callable[[Answer], Coroutine[Any, Any, T]]) -> T | None:
        tasks: list[asyncio.Task[T]] = []

        def interrupt() -> None:
            for task in tasks:
                if not task.cancelling():  # once: what is being kept is kept
                    task.cancel()

        async with self.view.answering(self.model, interrupt) as answer:
            tasks.append(asyncio.create_task(work(answer)))
            try:
                return await tasks[0]
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) and task.cancelling():
                    raise  # the whole chat ends
                return None

    def _limit(self) -> dict[str, Any]:
        """Return what is left of the budget, as the limit of a turn. Raises LimitError if nothing is."""
        if self.budget is None:
            return {}
        left = self.budget - self.spent
        if left <= 0:
            raise LimitError(f"the budget of {dollars(self.budget)} is spent: leave, and come back with -c and another")
        own = self.conversation.config.max_cost
        return {"max_cost": left if own is None else min(left, Decimal(str(own)))}

    def _take_in(self, turns: Sequence[ConversationTurn]) -> None:
        """Say what else has been added to the conversation."""
        for turn in turns:
            if turn.kind == "summary":
                self._spend(turn)
                self.view.note("the conversation was full, and goes on from a summary of what was said")
        if others := sum(turn.kind != "summary" for turn in turns):
            self.view.note(f"another program added {number_of(others, 'turn')} to this conversation before")

    def _spend(self, what: Completion | ConversationTurn) -> None:
        self.spent += what.cost.total if what.cost else 0

    def refuse(self, why: str) -> None:
        """Say why something was not done."""
        self.code = ExitCode.USAGE
        self.view.note(why)

    def tell(self, error: Exception) -> None:
        """Say what went wrong. Raises what is a bug."""
        line, self.code = verdict(error)
        if not line:
            raise error
        self.view.note(line)

    def _tell_failed(self, error: Exception) -> None:
        """Say why a turn failed, and how to go on."""
        if isinstance(error, ConversationMovedError):
            self.code, self.moved = ExitCode.FAILED, error
            self._spend(error.turn)
            line = "another program added to this conversation meanwhile, so this answer is not part of it"
            self.view.note(f"{line}: /fork goes on apart with it, /retry asks again after what was added")
            return
        if (paid := getattr(error, "completion", None)) is not None:
            self._spend(paid)
        self.tell(error)
        if isinstance(error, LimitError) and self.budget is not None:
            self.view.note(f"{dollars(self.spent)} of the budget of {dollars(self.budget)} are spent")
        if not self.view.stops_at_mistakes:
            self.view.note("/retry sends the message again")

    def _tell_of(self, completion: Completion | None, turn: ConversationTurn | None) -> None:
        if completion is None:
            self.view.note(
                "stopped: what has come is kept, marked as interrupted, and the next message goes on from it"
                if turn
                else "stopped before an answer came: nothing was added; /retry asks again"
            )
            return
        for adjustment in completion.adjustments:
            if adjustment.kind != "noted" and str(adjustment) not in self._told:
                self._told.add(str(adjustment))
                self.view.note(str(adjustment))
        if completion.truncated:
            self.code = ExitCode.FAILED
            self.view.note(f"the answer is cut off ({completion.stop_reason}): say 'go on', or raise --max-tokens")
        if not self._quiet:
            self.view.note(usage_line(completion, ids=False))


async def _show(stream: AsyncConversationStream, answer: Answer) -> None:
    async for event in stream.events():
        if event.type != "content_block_delta":
            continue
        match event.delta.type:
            case "text_delta":
                answer.text(event.delta.text)
            case "thinking_delta":
                answer.thinking(event.delta.thinking)


def _again(failed: Attempt) -> str:
    named = " ".join(filter(None, (str(failed.status or ""), failed.error)))
    return f"{failed.model}: {TROUBLES.get(named, named)}; asking again"
