"""The stream of a conversation's turn, in two colours: what has come is kept, wherever it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._completion import Parsed
from clarion._errors import ClarionError
from clarion._stream import AsyncCompletionStream, CompletionStream

if TYPE_CHECKING:
    from clarion._conversation.exchange import Exchange
    from clarion._driver import AsyncDriver, Driver
    from clarion._output import Output
    from clarion._steps import Turn


class ConversationStream(CompletionStream[Parsed]):
    """A turn of a conversation whose text comes as it is written.

    What has come is kept if it is left before its end, or interrupted.
    """

    def __init__(self, driver: Driver, exchange: Exchange, turn: Turn, output: Output[Any] | None) -> None:
        super().__init__(driver, lambda: turn, output)
        self._exchange = exchange

    def __exit__(self, *exc_info: object) -> None:
        super().__exit__(*exc_info)
        if (step := self._exchange.left(self.text, self._stream.partial() if self._stream else None)) is not None:
            _or_note(self._driver.obey(step), exc_info)


class AsyncConversationStream(AsyncCompletionStream[Parsed]):
    """A turn of a conversation whose text comes as it is written.

    What has come is kept if it is left before its end, or interrupted.
    """

    def __init__(self, driver: AsyncDriver, exchange: Exchange, turn: Turn, output: Output[Any] | None) -> None:
        async def begin() -> Turn:
            return turn

        super().__init__(driver, begin, output)
        self._exchange = exchange

    async def __aexit__(self, *exc_info: object) -> None:
        await super().__aexit__(*exc_info)
        if (step := self._exchange.left(self.text, self._stream.partial() if self._stream else None)) is not None:
            _or_note(await self._driver.obey(step), exc_info)


def _or_note(came: object, exc_info: tuple[object, ...]) -> None:
    """Raise why what had come of a stream could not be kept; where something else is raised already, say so in it."""
    if not isinstance(came, ClarionError):
        return
    if not exc_info or not isinstance(exc_info[1], BaseException):
        raise came
    exc_info[1].add_note(f"what had come of the answer was not kept: {came}")
