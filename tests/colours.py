"""One body for both colours: an asynchronous object that is used as if it were synchronous."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any, Self

Make = Callable[..., Any]  # makes a service of one colour, from the arguments of its class


class Awaited:
    """Awaits, on one event loop of its own, whatever the wrapped object returns that has to be awaited."""

    def __init__(self, target: Any, runner: asyncio.Runner) -> None:
        self._target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if not inspect.ismethod(value):
            return value
        return lambda *args, **kwargs: self._settle(value(*args, **kwargs))

    def __enter__(self) -> Self:
        self._run(self._target.__aenter__())
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._run(self._target.__aexit__(*exc_info))

    def __iter__(self) -> Iterator[Any]:
        items = aiter(self._target)
        while (item := self._run(anext(items, END))) is not END:
            yield item

    def _run(self, value: Any) -> Any:
        return self._runner.run(value, context=copy_context())  # that of the test, as it is by now

    def _settle(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            return self._run(value)
        if hasattr(value, "__aenter__") or hasattr(value, "__aiter__"):
            return Awaited(value, self._runner)
        return value


END = object()
