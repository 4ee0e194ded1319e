"""A turn that is watched while it happens: text as it comes, and in the end the same Completion as `complete` gives.

Both classes are thin drivers of one turn, each in a generator that holds the connection: entering the context runs it
to where the answer begins, leaving the context closes it, wherever it is.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, ExitStack, aclosing
from typing import TYPE_CHECKING, Any, Generic, Self

from clarion._completion import Parsed
from clarion._errors import UnfinishedStreamError
from clarion._failure import Failure
from clarion._reply import text_of
from clarion._sdk import as_event, failure_of
from clarion._steps import Send

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator

    from anthropic.types import RawMessageStreamEvent

    from clarion._completion import Completion
    from clarion._driver import AsyncDriver, Driver
    from clarion._output import Output
    from clarion._reply import Event, Reply
    from clarion._sdk import AsyncEventStream, EventStream
    from clarion._steps import Turn

ONCE = "a stream is read once: call stream() again for another answer"
OPENED: Event = {"type": "opened"}  # our own: the server has begun to answer


class CompletionStream(Generic[Parsed]):
    """A turn whose text comes as it is written: a context manager to iterate over.

    with claude.stream("Tell me ...") as stream:
        for text in stream:
            print(text, end="", flush=True)
    reply = stream.completion
    """

    def __init__(
        self,
        driver: Driver,
        begin: Callable[[], Turn],
        output: Output[Any] | None = None,
    ) -> None:
        self._driver = driver
        self._begin = begin
        self._output = output
        self._stream: EventStream | None = None
        self._before = ""  # the text of calls before the one that is open
        self._completion: Completion[Parsed] | None = None
        self._events = self._run()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text[:60]!r}, finished={self._completion is not None})"

    def __enter__(self) -> Self:
        if next(self._events, None) is None:
            raise RuntimeError(ONCE)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._events.close()

    def __iter__(self) -> Iterator[str]:
        """Yield the text as it comes, in pieces of no particular size."""
        for event in self._events:
            if text := text_of(event):
                yield text

    def events(self) -> Iterator[RawMessageStreamEvent]:
        """Yield every event as the SDK's own object, instead of the text alone."""
        for event in self._events:
            if (typed := as_event(event)) is not None:
                yield typed

    def finish(self) -> Completion[Parsed]:
        """Read on to the end, whatever is left, and return the completion."""
        for _ in self._events:
            pass
        return self.completion

    @property
    def text(self) -> str:
        """The text that has come so far."""
        return self._before + (self._stream.assembly.text if self._stream else "")

    @property
    def partial(self) -> Any | None:
        """What can be read so far of an answer with an `output_type`, as plain data, not yet checked; None before."""
        return self._output.partial(self._stream.assembly.text) if self._output and self._stream else None

    @property
    def completion(self) -> Completion[Parsed]:
        """The completion, once the stream has been read to its end; before, UnfinishedStreamError is raised."""
        if self._completion is None:
            raise UnfinishedStreamError(self.text)
        return self._completion

    def _run(self) -> Generator[Event]:
        turn = self._begin()
        came: object = None
        try:
            while True:
                step = turn.send(came)
                if isinstance(step, Send) and step.stream:
                    came = yield from self._watched(step)
                else:
                    came = self._driver.obey(step)
        except StopIteration as end:
            self._completion = end.value
        except BaseException as error:
            turn.throw(error)  # whoever watches is told
            raise

    def _watched(self, send: Send) -> Generator[Event, None, Reply | Failure]:
        """Yield the events of one call, and return what came of it."""
        self._before, self._stream = self.text, None
        call = self._driver.attempts.begin(send)
        if isinstance(call, Failure):
            return call
        came: Reply | Failure | None = None
        start = time.monotonic()
        try:
            with ExitStack() as opened:
                with call.current():
                    self._stream = opened.enter_context(self._driver.door.open(call.send))
                yield OPENED
                yield from self._stream
            came = self._stream.reply()
        except Exception as error:
            came = failure_of(error, start, self._stream.partial() if self._stream else None)
            if came is None:
                raise
        finally:
            self._driver.attempts.end(call, came, self._stream.partial() if self._stream else None)
        return came


class AsyncCompletionStream(Generic[Parsed]):
    """A turn whose text comes as it is written: an async context manager to iterate over.

    async with claude.stream("Tell me ...") as stream:
        async for text in stream:
            print(text, end="", flush=True)
    reply = stream.completion
    """

    def __init__(
        self,
        driver: AsyncDriver,
        begin: Callable[[], Awaitable[Turn]],
        output: Output[Any] | None = None,
    ) -> None:
        self._driver = driver
        self._begin = begin
        self._output = output
        self._stream: AsyncEventStream | None = None
        self._before = ""  # the text of calls before the one that is open
        self._came: Reply | Failure | None = None
        self._completion: Completion[Parsed] | None = None
        self._events = self._run()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text[:60]!r}, finished={self._completion is not None})"

    async def __aenter__(self) -> Self:
        if await anext(self._events, None) is None:
            raise RuntimeError(ONCE)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._events.aclose()

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the text as it comes, in pieces of no particular size."""
        async for event in self._events:
            if text := text_of(event):
                yield text

    async def events(self) -> AsyncIterator[RawMessageStreamEvent]:
        """Yield every event as the SDK's own object, instead of the text alone."""
        async for event in self._events:
            if (typed := as_event(event)) is not None:
                yield typed

    async def finish(self) -> Completion[Parsed]:
        """Read on to the end, whatever is left, and return the completion."""
        async for _ in self._events:
            pass
        return self.completion

    @property
    def text(self) -> str:
        """The text that has come so far."""
        return self._before + (self._stream.assembly.text if self._stream else "")

    @property
    def partial(self) -> Any | None:
        """What can be read so far of an answer with an `output_type`, as plain data, not yet checked; None before."""
        return self._output.partial(self._stream.assembly.text) if self._output and self._stream else None

    @property
    def completion(self) -> Completion[Parsed]:
        """The completion, once the stream has been read to its end; before, UnfinishedStreamError is raised."""
        if self._completion is None:
            raise UnfinishedStreamError(self.text)
        return self._completion

    async def _run(self) -> AsyncGenerator[Event]:
        turn = await self._begin()
        came: object = None
        try:
            while True:
                step = turn.send(came)
                if isinstance(step, Send) and step.stream:
                    async with aclosing(self._watched(step)) as events:
                        async for event in events:
                            yield event
                    came = self._came
                else:
                    came = await self._driver.obey(step)
        except StopIteration as end:
            self._completion = end.value
        except BaseException as error:
            turn.throw(error)  # whoever watches is told
            raise

    async def _watched(self, send: Send) -> AsyncGenerator[Event]:
        """Yield the events of one call, and keep what came of it."""
        self._before, self._stream, self._came = self.text, None, None
        call = await self._driver.attempts.begin_async(send)
        if isinstance(call, Failure):
            self._came = call
            return
        start = time.monotonic()
        try:
            async with AsyncExitStack() as opened:
                with call.current():
                    self._stream = await opened.enter_async_context(self._driver.door.open(call.send))
                yield OPENED
                async for event in self._stream:
                    yield event
            self._came = self._stream.reply()
        except Exception as error:
            self._came = failure_of(error, start, self._stream.partial() if self._stream else None)
            if self._came is None:
                raise
        finally:
            await self._driver.attempts.end_async(call, self._came, self._stream.partial() if self._stream else None)
