"""Conversations in two colours: the same methods, each a thin driver of one `Exchange`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from clarion._conversation.exchange import Exchange
from clarion._conversation.export import exported
from clarion._conversation.history import ConversationTurn, History, ground_of
from clarion._conversation.log import Kept, Log, Planned
from clarion._conversation.store import Store, StoredConversation
from clarion._conversation.stream import AsyncConversationStream, ConversationStream
from clarion._errors import ClarionError, ConversationError, InvalidSettingError
from clarion._output import Output
from clarion._plural import number_of
from clarion._prompt import drafted, parts_of
from clarion._repair import Repaired, repair
from clarion._steps import Do

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from typing import Unpack

    from anthropic.types import MessageParam

    from clarion._catalog import Catalog
    from clarion._completion import Completion, Parsed
    from clarion._config import ClaudeConfig, Options, UntypedOptions
    from clarion._conversation.export import Format
    from clarion._conversation.fullness import Watch
    from clarion._cost import Cost
    from clarion._driver import AsyncDriver, Driver
    from clarion._errors import ConversationMovedError
    from clarion._prompt import Message, Prompt
    from clarion._steps import Turn
    from clarion._usage import Usage

# The options that a file remembers of a conversation: none that may hold a secret, or that is not plain data.
REMEMBERED = ("model", "max_tokens", "system", "thinking", "effort", "style", "temperature", "stop_sequences", "cache")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a conversation is begun, or opened again: options, what was said before, where it is kept.

    Caching is on, unless the options or the configuration say otherwise.
    """

    config: ClaudeConfig
    options: Options
    watch: Watch
    messages: Sequence[MessageParam] = ()
    store: str | PathLike[str] | None = None
    name: str | None = None

    def log(self) -> tuple[Log, ClaudeConfig]:
        """Return where its turns are added, and what they are made with. Reads and writes the file it is kept in."""
        if self.store is None:
            if self.name is not None:
                raise InvalidSettingError(f"name={self.name!r} is that of a conversation in a file: pass store= too")
            return Log(self._begun()), self._config({})
        store, history = Store(Path(self.store)), self._begun()
        if self.name is None and not history.turns:
            store.prepare()
            return Log(history, Planned(store, remembered(self.options))), self._config({})
        entry = store.opened(self.name, remembered(self.options), history.turns)
        log = Log(History(tuple(store.turns(entry.id))), Kept(store, entry.id, entry.name))
        return log, self._config(entry.settings)

    def _begun(self) -> History:
        """Return the history of a transcript that was made elsewhere, as one turn."""
        if not self.messages:
            return History()
        said = drafted(list(self.messages))
        if parts_of(said):
            raise InvalidSettingError("messages= takes no Image or Document: send() them")
        model = next((message.model for message in reversed(said) if hasattr(message, "model")), "")
        ground = ground_of(self._config({}))
        return History((ConversationTurn(messages=tuple(said), model=str(model), ground=ground),))

    def _config(self, settings: dict[str, Any]) -> ClaudeConfig:
        options = {"cache": self.config.cache or True, **settings, **self.options}
        return self.config.but(**options)


def remembered(options: Options) -> dict[str, object]:
    """Return the options that a file remembers."""
    return {name: value for name, value in options.items() if name in REMEMBERED}


class _Talk:
    """What both colours share: what was said, and what it adds up to."""

    def __init__(
        self,
        driver: Any,
        catalog: Catalog,
        opened: tuple[Log, ClaudeConfig],
        watch: Watch,
        refuse: Callable[[str], None] | None = None,
    ) -> None:
        self._driver = driver
        self._catalog = catalog
        self._log, self.config = opened
        self._watch = watch
        self._refuse = refuse or (lambda _method: None)

    def __repr__(self) -> str:
        kept = f", {self.name!r}" if self.name else ""
        return f"{type(self).__name__}({number_of(len(self.turns), 'turn')}{kept})"

    @property
    def turns(self) -> tuple[ConversationTurn, ...]:
        """All turns, in order; those before a summary too."""
        return self._log.history.turns

    @property
    def messages(self) -> list[Message]:
        """The transcript that the next prompt goes on from: since the last summary, if there is one."""
        return self._log.history.messages

    @property
    def usage(self) -> Usage:
        """Tokens used so far, summaries included; of a stream that was left, what is known."""
        return self._log.history.usage

    @property
    def cost(self) -> Cost | None:
        """What it cost so far, in US dollars; None if that is not known of a turn."""
        return self._log.history.cost

    @property
    def name(self) -> str | None:
        """Its name in the file it is kept in; None in memory, and before the first turn, which gives it one."""
        return self._log.kept.name if self._log.kept else None

    def export(self, *, format: Format = "markdown") -> str:
        """Return the conversation as text: "markdown" to be read, "json" with everything."""
        turns = self.turns
        begun, ended = (turns[0].at, turns[-1].at) if turns else (time.time(), time.time())
        entry = StoredConversation(
            id=0,
            name=self.name or "Conversation",
            turns=len(turns),
            created=begun,
            changed=ended,
            settings=self._settings(),
        )
        return exported(entry, turns, format)

    def check(self) -> Repaired:
        """Return what would keep the API from taking the next turn, by the rules of `clarion.repair`.

        Nothing is changed. Calls of tools at the end may wait for their results. To go on without what is wrong:
        `fork(mended=True)`. Reads the images and documents that were said, as far as they are here.
        """
        return self._checked(self._log.history)

    def _checked(self, history: History) -> Repaired:
        model = self._catalog.serving(self.config.model)
        messages = history.readable(model.id if model else self.config.model, ground_of(self.config), self._catalog)
        if not messages:
            return Repaired(messages=[], system=self.config.system)
        return repair(
            messages,
            self.config.model,
            system=self.config.system,
            tools=self.config.tools,
            keep_open_calls=True,
            catalog=self._catalog,
        )

    def _exchange(self, prompt: Prompt, options: Options, *, stream: bool) -> Exchange:
        return Exchange(
            self._log,
            prompt,
            self.config.but(**options),
            watch=self._watch,
            catalog=self._catalog,
            today=date.today(),
            stream=stream,
        )

    def _watched(self, exchange: Exchange, options: Options) -> Turn:
        config = self.config.but(**options)
        watched: Turn = self._driver.instrumentation.watched(
            exchange.run(), model=config.model, tags=config.tags, conversation=self._number
        )
        return watched

    def _number(self) -> str | None:
        """Return what names the conversation to an operator: its file and a number; its name may tell what was said."""
        kept = self._log.kept
        return None if kept is None else f"{kept.store.path.name}#{kept.id}"

    def _output(self, options: Options) -> Output[Any] | None:
        kind = self.config.but(**options).output_type
        return None if kind is None else Output.of(kind)

    def _saved(self, path: str | PathLike[str], name: str | None) -> None:
        self._log.move(Store(Path(path)), name, self._settings())

    def _changed(self, options: Options) -> None:
        config = self.config.but(**options)
        self._log.remember(remembered(options))
        self.config = config

    def _forked(
        self, at: int | None, name: str | None, moved: ConversationMovedError | None, mended: bool
    ) -> tuple[Log, ClaudeConfig]:
        """Return a log of the first turns. One of a conversation in a file is kept there too."""
        history, config = self._fork_of(at, moved), self.config
        if mended:
            history, config = self._at_health(history)
        log, settings = Log(history), {**self._settings(), "system": config.system}
        if (store := self._log.store) is not None:
            if name is None and not history.turns:
                log.plan(store, settings)
            else:
                log.move(store, name, settings)
        elif name is not None:
            raise InvalidSettingError(f"name={name!r}: this conversation is in memory, save() the fork to name it")
        return log, config

    def _fork_of(self, at: int | None, moved: ConversationMovedError | None) -> History:
        if moved is None:
            return self._log.history.at(at)
        if at is not None:
            raise InvalidSettingError(f"pass moved= alone: it says where the fork begins; got at={at} too")
        return self._log.history.at(moved.after).then(moved.turn)

    def _at_health(self, history: History) -> tuple[History, ClaudeConfig]:
        """Return a history without what is wrong with it, and the configuration that goes with it."""
        report = self._checked(history)
        if report.unmendable:
            raise ConversationError(f"the conversation is beyond repair: {report.unmendable[0]}")
        if report.is_healthy:
            return history, self.config
        config = self.config.but(system=report.system)
        return history.mended(report.messages, ground_of(config)), config

    def _settings(self) -> dict[str, object]:
        return {name: getattr(self.config, name) for name in REMEMBERED}


class Conversation(_Talk):
    """Turns that build on each other. Made by `ClaudeService.conversation`.

    Append-only: a turn is added when it is whole, and one that fails leaves the conversation as it was. Kept in a file,
    a turn is on disk before it is handed over.
    """

    _driver: Driver

    @overload
    def send(
        self, prompt: Prompt, *, output_type: type[Parsed], **options: Unpack[UntypedOptions]
    ) -> Completion[Parsed]: ...
    @overload
    def send(self, prompt: Prompt, **options: Unpack[Options]) -> Completion: ...
    def send(self, prompt: Prompt, **options: Unpack[Options]) -> Completion:
        """Ask, and return the whole answer, which is part of the conversation from then on.

        Takes what `ClaudeService.complete` takes; `options` hold for this turn: another model, other tools. Raises what
        `complete` does, ConversationFullError before anything is sent, and ConversationMovedError if the conversation
        went on elsewhere meanwhile.
        """
        self._refuse("conversation().send")
        return self._driver.carry_out(self._watched(self._exchange(prompt, options, stream=False), options))

    @overload
    def stream(
        self, prompt: Prompt, *, output_type: type[Parsed], **options: Unpack[UntypedOptions]
    ) -> ConversationStream[Parsed]: ...
    @overload
    def stream(self, prompt: Prompt, **options: Unpack[Options]) -> ConversationStream: ...
    def stream(self, prompt: Prompt, **options: Unpack[Options]) -> ConversationStream:
        """Ask, and return a stream, as `ClaudeService.stream` does.

        It becomes part of the conversation when it has been read to its end. Of a stream that is left before, or
        interrupted, what has come is kept, as a turn of kind "partial".
        """
        self._refuse("conversation().stream")
        exchange = self._exchange(prompt, options, stream=True)
        return ConversationStream(self._driver, exchange, self._watched(exchange, options), self._output(options))

    def change(self, **options: Unpack[Options]) -> None:
        """Go on with other options from now on: another model, another system prompt. A file remembers them.

        Raises InvalidSettingError.
        """
        self._changed(options)

    def fork(
        self,
        *,
        at: int | None = None,
        name: str | None = None,
        moved: ConversationMovedError | None = None,
        mended: bool = False,
    ) -> Conversation:
        """Return another conversation that begins with the turns of this one: all, or the first `at`.

        A negative `at` leaves out so many of the last. This one stays as it is: rewind by going on with the fork. A
        fork of a conversation in a file is kept there too, under `name` or one that is made. With `moved`, the fork has
        the turn that could not be added here, and those it was given on. With `mended`, what is wrong by `check` is put
        right in the fork, and its turns since the last summary become one. Raises InvalidSettingError for an `at`
        beyond the turns, ConversationError for what cannot be mended.
        """
        opened = self._forked(at, name, moved, mended)
        return Conversation(self._driver, self._catalog, opened, self._watch, self._refuse)

    def rename(self, name: str) -> None:
        """Give the conversation another name in its file. Raises ConversationError if that is taken."""
        self._log.rename(name)

    def save(self, path: str | PathLike[str], *, name: str | None = None) -> None:
        """Keep the conversation in a file from now on, under a name; by default, the first words of it.

        Raises ConversationError if the name is taken, ConversationStoreError if the file cannot be written.
        """
        self._saved(path, name)


class AsyncConversation(_Talk):
    """Turns that build on each other: Conversation, method for method, to be awaited."""

    _driver: AsyncDriver

    @overload
    async def send(
        self, prompt: Prompt, *, output_type: type[Parsed], **options: Unpack[UntypedOptions]
    ) -> Completion[Parsed]: ...
    @overload
    async def send(self, prompt: Prompt, **options: Unpack[Options]) -> Completion: ...
    async def send(self, prompt: Prompt, **options: Unpack[Options]) -> Completion:
        """Ask, and return the whole answer. As Conversation.send."""
        return await self._driver.carry_out(self._watched(self._exchange(prompt, options, stream=False), options))

    @overload
    def stream(
        self, prompt: Prompt, *, output_type: type[Parsed], **options: Unpack[UntypedOptions]
    ) -> AsyncConversationStream[Parsed]: ...
    @overload
    def stream(self, prompt: Prompt, **options: Unpack[Options]) -> AsyncConversationStream: ...
    def stream(self, prompt: Prompt, **options: Unpack[Options]) -> AsyncConversationStream:
        """Ask, and return a stream. As Conversation.stream."""
        exchange = self._exchange(prompt, options, stream=True)
        return AsyncConversationStream(self._driver, exchange, self._watched(exchange, options), self._output(options))

    async def change(self, **options: Unpack[Options]) -> None:
        """Go on with other options from now on. As Conversation.change."""
        _or_raise(await self._driver.obey(Do(lambda: self._changed(options))))

    async def fork(
        self,
        *,
        at: int | None = None,
        name: str | None = None,
        moved: ConversationMovedError | None = None,
        mended: bool = False,
    ) -> AsyncConversation:
        """Return another conversation that begins with the turns of this one. As Conversation.fork."""
        opened = _or_raise(await self._driver.obey(Do(lambda: self._forked(at, name, moved, mended))))
        return AsyncConversation(self._driver, self._catalog, opened, self._watch)

    async def rename(self, name: str) -> None:
        """Give the conversation another name in its file. As Conversation.rename."""
        _or_raise(await self._driver.obey(Do(lambda: self._log.rename(name))))

    async def save(self, path: str | PathLike[str], *, name: str | None = None) -> None:
        """Keep the conversation in a file from now on. As Conversation.save."""
        _or_raise(await self._driver.obey(Do(lambda: self._saved(path, name))))


def _or_raise(came: Any) -> Any:
    if isinstance(came, ClarionError):
        raise came
    return came
