"""The service that blocks."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NoReturn, Self, overload

from clarion import _event_loop, _sdk
from clarion._batch import Batch
from clarion._config import chosen
from clarion._conversation import Conversation, Opening
from clarion._conversation.fullness import Watch
from clarion._crew import conduct
from clarion._digest import CONCURRENCY, OVERLAP
from clarion._driver import UNPICKLABLE, Driver
from clarion._errors import SyncInEventLoopError
from clarion._prompt import drafted
from clarion._service.setup import Making, Setup, emulation, output_of
from clarion._settings import Settings
from clarion._stepping import walk
from clarion._stream import CompletionStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from os import PathLike
    from pathlib import Path
    from typing import Any, Unpack

    from anthropic import Anthropic
    from anthropic.types import MessageParam

    from clarion._batch import OnErrors
    from clarion._breaker import CircuitBreaker
    from clarion._budget import Budget
    from clarion._completion import Completion, Parsed
    from clarion._config import ClaudeConfig, Options, UntypedOptions
    from clarion._conversation.fullness import OnFull
    from clarion._digest import Digest, DigestEstimate, DigestProgress
    from clarion._digest.library import Sources
    from clarion._ledger import Ledger
    from clarion._prompt import Prompt
    from clarion._request import Request
    from clarion._stepping import TurnStep
    from clarion._steps import Turn
    from clarion._telemetry import Telemetry
    from clarion._tokens import Estimate
    from clarion.bulk.report import RowResult
    from clarion.emulator import Emulator


class ClaudeService:
    """Claude, for a program that waits for its answers.

    `api_key` and `base_url` are by default found by the SDK (environment, profile, workload identity); `sdk` is a
    client of your own (with middleware, for Bedrock, ...), which stays yours to close. `config` is the default for
    every call; without it, clarion.toml and CLARION_* variables are read. `ledger` (a path, or a Ledger, which
    stays yours to close) records every attempt, and `budgets` bound what may be spent by it. `emulate` answers from
    the emulator, offline: True, or an Emulator of your own. `breaker` leaves a model alone for a while that fails
    too often. `telemetry` is what OpenTelemetry is told, where there is something to tell it to; False for nothing.
    A call from a thread that runs an event loop is refused, as it would stop the loop, unless
    `allow_in_event_loop` is set or the loop is a notebook's.

    Safe to share between threads. Raises MissingCredentialsError, InvalidSettingError and LedgerError.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        config: ClaudeConfig | None = None,
        emulate: bool | Emulator | None = None,
        sdk: Anthropic | None = None,
        breaker: CircuitBreaker | None = None,
        ledger: Ledger | str | Path | None = None,
        budgets: Sequence[Budget] | None = None,
        telemetry: Telemetry | bool = True,
        allow_in_event_loop: bool = False,
    ) -> None:
        settings = Settings.load()
        emulate = emulation(settings, emulate, sdk=sdk, api_key=api_key, base_url=base_url)
        self.making = Making(api_key=api_key, base_url=base_url, emulate=emulate, breaker=breaker, telemetry=telemetry)
        self.config = chosen(config, settings.config)
        client = sdk or _sdk.client(api_key=api_key, base_url=base_url, emulate=emulate)
        self.owns_sdk = sdk is None
        self._setup = Setup(settings, client, breaker=breaker, ledger=ledger, budgets=budgets, telemetry=telemetry)
        self.catalog = self._setup.catalog
        self.books = self._setup.books
        self.driver = Driver(
            _sdk.Door(client, is_ours=sdk is None and not emulate), self._setup.attempts, self._setup.instrumentation
        )
        self._allow_in_event_loop = allow_in_event_loop

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.config.model} at {_sdk.address_of(self.sdk)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(UNPICKLABLE)

    @property
    def sdk(self) -> Anthropic:
        """The SDK's client by which calls go, with connections of this process; or the one that was passed."""
        return self.driver.door.client

    @property
    def ledger(self) -> Ledger | None:
        """The ledger in which attempts are recorded; None if there is none."""
        return self.books.ledger

    @overload
    def complete(
        self,
        prompt: Prompt,
        *,
        output_type: type[Parsed],
        config: ClaudeConfig | None = None,
        **options: Unpack[UntypedOptions],
    ) -> Completion[Parsed]: ...
    @overload
    def complete(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Completion: ...
    def complete(self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]) -> Completion:
        """Ask, and return the whole answer.

        `prompt` is a text, an image, a document, a list of these, or a list of messages. `config` replaces the
        service's default for this call, `options` change single fields of it; an option that is no field of
        ClaudeConfig is sent to the API as it is. Raises InvalidPromptError and InvalidSettingError before anything
        is sent, AnswerError for an answer that is none, and the SDK's own errors.
        """
        self._refuse_event_loop("complete")
        return self.driver.carry_out(self._turn(prompt, config, options, stream=False))

    @overload
    def stream(
        self,
        prompt: Prompt,
        *,
        output_type: type[Parsed],
        config: ClaudeConfig | None = None,
        **options: Unpack[UntypedOptions],
    ) -> CompletionStream[Parsed]: ...
    @overload
    def stream(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> CompletionStream: ...
    def stream(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> CompletionStream:
        """Ask, and return a stream: a context manager that yields the text as it comes.

        Takes and raises what `complete` does, when the context is entered; a stream that breaks off raises
        StreamInterrupted.
        """
        self._refuse_event_loop("stream")
        begin = functools.partial(self._turn, prompt, config, options, stream=True)
        return CompletionStream(self.driver, begin, output_of(chosen(config, self.config).but(**options)))

    def steps(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Iterator[TurnStep]:
        """Ask, and stop before each round of tools: look at the calls, answer some yourself, leave, or go on.

        Takes and raises what `complete` does. The last step has the finished completion. Calls of tools that have no
        function have to be answered before the loop goes on, or ToolDefinitionError is raised.
        """
        self._refuse_event_loop("steps")
        return walk(self._turn(prompt, config, options, stream=False, stepped=True), self.driver.obey)

    def count_tokens(self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]) -> int:
        """Ask the API how many input tokens a prompt has, system and tools included. This costs nothing."""
        self._refuse_event_loop("count_tokens")
        return self.driver.carry_out(self._setup.count(self._request(prompt, config, options)))

    def estimate_tokens(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Estimate:
        """Estimate the input tokens of a prompt without asking anybody; the estimate states its own error."""
        self._refuse_event_loop("estimate_tokens")
        return self._setup.estimate(self._request(prompt, config, options))

    def batch_process(
        self,
        prompts: Iterable[Prompt],
        *,
        concurrency: int = 20,
        errors: OnErrors = "return",
        on_progress: Callable[[int, int], None] | None = None,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> list[Completion | Exception]:
        """Complete many prompts in threads, at most `concurrency` at a time; return results in the prompts' order.

        A prompt that fails leaves its exception in its place; with `errors="raise"`, BatchError is raised at the
        end, which carries all results. `on_progress` is called in this thread with how many are done, and of how
        many. The first Ctrl-C drops prompts that have not been sent, and is raised when the others are answered; the
        second is raised at once, and nothing waits for what is under way.
        """
        self._refuse_event_loop("batch_process")
        batch = Batch(prompts, concurrency=concurrency, errors=errors, on_progress=on_progress)
        ask = functools.partial(self.complete, config=config, **options)
        conduct(self.driver, batch.run(ask), stop=batch.stop)
        return batch.results()

    def conversation(
        self,
        *,
        messages: Sequence[MessageParam] = (),
        store: str | PathLike[str] | None = None,
        name: str | None = None,
        on_full: OnFull = "error",
        full_at: int | None = None,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> Conversation:
        """Begin a conversation, or open one that is kept in a file.

        With `store`, the path of a file, the conversation of that name is opened if there is one, with the options it
        was begun with, and begun there if not; without a name, a new one is begun. `messages` is a transcript to go on
        from, of the same system prompt and tools. `options` hold for all its turns, with caching on.

        `on_full` says what to do when the next turn would have more than `full_at` input tokens (by default: what
        leaves no room for `max_tokens` in the model's window): "error" raises ConversationFullError, "summarize" has
        the model sum up what was said, "compact" the API. The conversation goes on from the summary; `turns` keeps what
        came before.

        Raises InvalidSettingError, ConversationStoreError.
        """
        watch = Watch(on_full, full_at)
        opening = Opening(
            config=chosen(config, self.config), options=options, watch=watch, messages=messages, store=store, name=name
        )
        refuse = self._refuse_event_loop
        return Conversation(self.driver, self.catalog, opening.log(), watch, refuse)

    def map(
        self,
        prompts: Iterable[str | Mapping[str, Any]],
        *,
        journal: str | PathLike[str],
        budget: float | Decimal | None = None,
        **options: Any,
    ) -> list[RowResult]:
        """Ask any number of prompts, and return a result for each, in their order: the short form of a `Job`.

        A failure is a result with an `error`. Everything is kept in `journal`, the path of a file: called again with
        the same prompts and options, after a crash or in another program, it asks only what has no result yet.
        `prompts` are texts, or mappings for a template (`prompt="Sum up: {{ text }}"`). `budget`, in US dollars, is for
        all of them together. `options` are those of `Job.create` and `Job.run`, and so also those of a call.

        Raises InvalidSettingError for a service that stands on a client of your own, BadRowsError, JobError for a
        journal of other prompts, and JobStopped when going on would not help; what has come is in the journal then.
        """
        from clarion.bulk.mapping import ask_all

        self._refuse_event_loop("map")
        return _event_loop.run(ask_all(prompts, journal=journal, service=self, budget=budget, **options))

    def digest(
        self,
        documents: Sources,
        instruction: str,
        *,
        store: str | PathLike[str] | None = None,
        piece_tokens: int | None = None,
        overlap: int = OVERLAP,
        concurrency: int = CONCURRENCY,
        budget: float | Decimal | None = None,
        on_progress: Callable[[DigestProgress], object] | None = None,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> Digest:
        """Do a task about documents of any length, and say of each statement where it is from.

        `documents` are a path, a folder, a URL, a Document, or several of these. What fits into one call is read in one
        (through the prompt cache, unless `cache=False`). What does not is cut where its structure lets it be cut, into
        pieces of `piece_tokens`, each with `overlap` tokens of what comes before; notes are taken on each, at most
        `concurrency` at a time, and put together into the answer. With `store`, the path of a file, what was read is
        kept: called again, after a crash or with more documents, only the rest is paid. `budget`, in US dollars, is for
        the digest as a whole. `on_progress` is called with how it stands; its `stop` ends it early.

        A piece that fails is named in `Digest.failed`. Raises InvalidPromptError, MediaError and InvalidSettingError
        before anything is sent, LimitError if the budget will not do, DigestStopped where it could not go on, and
        DigestStoreError, also while another process works on the store.
        """
        self._refuse_event_loop("digest")
        course = self._setup.course(
            chosen(config, self.config),
            options,
            sources=documents,
            instruction=instruction,
            store=store,
            piece_tokens=piece_tokens,
            overlap=overlap,
            concurrency=concurrency,
            budget=budget,
            on_progress=on_progress,
        )
        return conduct(self.driver, course.run(), stop=course.stop)

    def estimate_digest(
        self,
        documents: Sources,
        instruction: str,
        *,
        store: str | PathLike[str] | None = None,
        piece_tokens: int | None = None,
        overlap: int = OVERLAP,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> DigestEstimate:
        """Say what a digest would cost, from its pieces, of which the API counts some; nothing is paid.

        Takes what `digest` takes, and raises what it raises before anything is sent.
        """
        self._refuse_event_loop("estimate_digest")
        course = self._setup.course(
            chosen(config, self.config),
            options,
            sources=documents,
            instruction=instruction,
            store=store,
            piece_tokens=piece_tokens,
            overlap=overlap,
        )
        return self.driver.carry_out(course.estimate())

    def close(self) -> None:
        """Close the connections and the ledger, as far as they are this service's own."""
        if self.owns_sdk:
            self.sdk.close()
        if self._setup.owned_ledger is not None:
            self._setup.owned_ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _request(self, prompt: Prompt, config: ClaudeConfig | None, options: Options) -> Request:
        return self._setup.request(drafted(prompt), chosen(config, self.config).but(**options))

    def _turn(
        self, prompt: Prompt, config: ClaudeConfig | None, options: Options, *, stream: bool, stepped: bool = False
    ) -> Turn:
        request = self._request(prompt, config, options)
        return self._setup.turn(request, stream=stream, stepped=stepped)

    def _refuse_event_loop(self, method: str) -> None:
        if not self._allow_in_event_loop and _event_loop.is_blocked_here():
            raise SyncInEventLoopError(method)
