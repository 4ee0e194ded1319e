"""The service that awaits."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, NoReturn, Self, overload

from clarion import _sdk
from clarion._batch import Batch
from clarion._config import chosen
from clarion._conversation import AsyncConversation, Opening
from clarion._conversation.fullness import Watch
from clarion._crew import conduct_async
from clarion._digest import CONCURRENCY, OVERLAP
from clarion._driver import UNPICKLABLE, AsyncDriver
from clarion._prompt import drafted, images_in, parts_of
from clarion._service.setup import Setup, emulation, output_of
from clarion._settings import Settings
from clarion._stepping import walk_async
from clarion._stream import AsyncCompletionStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from decimal import Decimal
    from os import PathLike
    from pathlib import Path
    from typing import Any, Unpack

    from anthropic import AsyncAnthropic
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


class AsyncClaudeService:
    """Claude, for a program that awaits its answers: ClaudeService, method for method, in the other colour.

    Takes what ClaudeService takes; `sdk` is an AsyncAnthropic. Images and documents are read in a thread.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        config: ClaudeConfig | None = None,
        emulate: bool | Emulator | None = None,
        sdk: AsyncAnthropic | None = None,
        breaker: CircuitBreaker | None = None,
        ledger: Ledger | str | Path | None = None,
        budgets: Sequence[Budget] | None = None,
        telemetry: Telemetry | bool = True,
    ) -> None:
        settings = Settings.load()
        emulate = emulation(settings, emulate, sdk=sdk, api_key=api_key, base_url=base_url)
        self.config = chosen(config, settings.config)
        client = sdk or _sdk.async_client(api_key=api_key, base_url=base_url, emulate=emulate)
        self.owns_sdk = sdk is None
        self._setup = Setup(settings, client, breaker=breaker, ledger=ledger, budgets=budgets, telemetry=telemetry)
        self.catalog = self._setup.catalog
        self.books = self._setup.books
        self.driver = AsyncDriver(
            _sdk.AsyncDoor(client, is_ours=sdk is None and not emulate),
            self._setup.attempts,
            self._setup.instrumentation,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.config.model} at {_sdk.address_of(self.sdk)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(UNPICKLABLE)

    @property
    def sdk(self) -> AsyncAnthropic:
        """The SDK's client by which calls go, with connections of this event loop; or the one that was passed."""
        return self.driver.door.client

    @property
    def ledger(self) -> Ledger | None:
        """The ledger in which attempts are recorded; None if there is none."""
        return self.books.ledger

    @overload
    async def complete(
        self,
        prompt: Prompt,
        *,
        output_type: type[Parsed],
        config: ClaudeConfig | None = None,
        **options: Unpack[UntypedOptions],
    ) -> Completion[Parsed]: ...
    @overload
    async def complete(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Completion: ...
    async def complete(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Completion:
        """Ask, and return the whole answer. As ClaudeService.complete."""
        return await self.driver.carry_out(await self._turn(prompt, config, options, stream=False))

    @overload
    def stream(
        self,
        prompt: Prompt,
        *,
        output_type: type[Parsed],
        config: ClaudeConfig | None = None,
        **options: Unpack[UntypedOptions],
    ) -> AsyncCompletionStream[Parsed]: ...
    @overload
    def stream(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> AsyncCompletionStream: ...
    def stream(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> AsyncCompletionStream:
        """Ask, and return a stream: an async context manager that yields the text. As ClaudeService.stream."""
        begin = functools.partial(self._turn, prompt, config, options, stream=True)
        return AsyncCompletionStream(self.driver, begin, output_of(chosen(config, self.config).but(**options)))

    def steps(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> AsyncIterator[TurnStep]:
        """Ask, and stop before each round of tools. As ClaudeService.steps."""
        begin = functools.partial(self._turn, prompt, config, options, stream=False, stepped=True)
        return walk_async(begin, self.driver.obey)

    async def count_tokens(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> int:
        """Ask the API how many input tokens a prompt has. As ClaudeService.count_tokens."""
        return await self.driver.carry_out(self._setup.count(await self._request(prompt, config, options)))

    async def estimate_tokens(
        self, prompt: Prompt, *, config: ClaudeConfig | None = None, **options: Unpack[Options]
    ) -> Estimate:
        """Estimate the input tokens of a prompt without asking anybody. As ClaudeService.estimate_tokens."""
        request = await self._request(prompt, config, options)
        return await asyncio.to_thread(self._setup.estimate, request)

    async def batch_process(
        self,
        prompts: Iterable[Prompt],
        *,
        concurrency: int = 20,
        errors: OnErrors = "return",
        on_progress: Callable[[int, int], None] | None = None,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> list[Completion | Exception]:
        """Complete many prompts, at most `concurrency` at a time, in order. As ClaudeService.batch_process."""
        batch = Batch(prompts, concurrency=concurrency, errors=errors, on_progress=on_progress)

        async def work() -> None:
            while (taken := batch.take()) is not None:
                number, prompt = taken
                result: Completion | Exception
                try:
                    result = await self.complete(prompt, config=config, **options)
                except Exception as error:  # noqa: BLE001 -- whatever is wrong with one prompt is its result
                    result = error
                batch.settle(number, result)

        async with asyncio.TaskGroup() as workers:
            for _ in range(batch.concurrency):
                workers.create_task(work())
        return batch.results()

    async def conversation(
        self,
        *,
        messages: Sequence[MessageParam] = (),
        store: str | PathLike[str] | None = None,
        name: str | None = None,
        on_full: OnFull = "error",
        full_at: int | None = None,
        config: ClaudeConfig | None = None,
        **options: Unpack[Options],
    ) -> AsyncConversation:
        """Begin a conversation, or open one that is kept in a file. As ClaudeService.conversation."""
        watch = Watch(on_full, full_at)
        opening = Opening(
            config=chosen(config, self.config), options=options, watch=watch, messages=messages, store=store, name=name
        )
        opened = await asyncio.to_thread(opening.log) if store is not None else opening.log()
        return AsyncConversation(self.driver, self.catalog, opened, watch)

    async def map(
        self,
        prompts: Iterable[str | Mapping[str, Any]],
        *,
        journal: str | PathLike[str],
        budget: float | Decimal | None = None,
        **options: Any,
    ) -> list[RowResult]:
        """Ask any number of prompts, and return a result for each, in their order. As ClaudeService.map."""
        from clarion.bulk.mapping import ask_all

        return await ask_all(prompts, journal=journal, service=self, budget=budget, **options)

    async def digest(
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
        """Do a task about documents of any length, and say where each statement is from. As ClaudeService.digest."""
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
        return await conduct_async(self.driver, course.run())

    async def estimate_digest(
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
        """Say what a digest would cost. As ClaudeService.estimate_digest."""
        course = self._setup.course(
            chosen(config, self.config),
            options,
            sources=documents,
            instruction=instruction,
            store=store,
            piece_tokens=piece_tokens,
            overlap=overlap,
        )
        return await self.driver.carry_out(course.estimate())

    async def close(self) -> None:
        """Close the connections and the ledger, as far as they are this service's own."""
        if self.owns_sdk:
            await self.driver.door.close()
        if self._setup.owned_ledger is not None:
            await asyncio.to_thread(self._setup.owned_ledger.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def _request(self, prompt: Prompt, config: ClaudeConfig | None, options: Options) -> Request:
        config = chosen(config, self.config).but(**options)
        messages = drafted(prompt)
        if parts_of(messages) or images_in(messages):  # files are read and pixels decoded: not on the loop
            return await asyncio.to_thread(self._setup.request, messages, config)
        return self._setup.request(messages, config)

    async def _turn(
        self, prompt: Prompt, config: ClaudeConfig | None, options: Options, *, stream: bool, stepped: bool = False
    ) -> Turn:
        request = await self._request(prompt, config, options)
        return self._setup.turn(request, stream=stream, stepped=stepped)
