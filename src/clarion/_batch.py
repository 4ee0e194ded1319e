"""Prompts that are completed beside each other, and what came of each, in their order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from clarion._crowd import Begin, Next
from clarion._errors import BatchError, InvalidPromptError, InvalidSettingError
from clarion._steps import Do

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from clarion._completion import Completion
    from clarion._prompt import Prompt

OnErrors = Literal["return", "raise"]

NOT_RUN = RuntimeError("not run")  # holds the place of a result until it is there


class Batch:
    """Prompts of which each is taken once and settled once; who completes them has a colour.

    Raises InvalidSettingError for a `concurrency` or for `errors` that cannot be.
    """

    def __init__(
        self,
        prompts: Iterable[Prompt],
        *,
        concurrency: object,
        errors: OnErrors,
        on_progress: Callable[[int, int], None] | None,
    ) -> None:
        if not isinstance(concurrency, int) or concurrency < 1:
            raise InvalidSettingError(f"concurrency must be a whole number from 1; got {concurrency!r}")
        if errors not in ("return", "raise"):
            raise InvalidSettingError(f"errors must be 'return' or 'raise'; got {errors!r}")
        if isinstance(prompts, str):
            raise InvalidPromptError("prompts must be several prompts, not a text, of which each letter would be one")
        todo = list(prompts)
        self.concurrency = min(concurrency, len(todo))
        self._errors = errors
        self._on_progress = on_progress
        self._waiting = enumerate(todo)
        self._results: list[Completion | Exception] = [NOT_RUN] * len(todo)
        self._done = 0
        self._is_stopping = False

    def stop(self) -> None:
        """Give out no more prompts; what was taken may still be settled."""
        self._is_stopping = True

    def take(self) -> tuple[int, Prompt] | None:
        """Return the next prompt and its number; None if there is none."""
        return None if self._is_stopping else next(self._waiting, None)

    def settle(self, number: int, result: Completion | Exception) -> None:
        """Take down what came of a prompt, and tell how far it is."""
        self._results[number] = result
        self._done += 1
        if self._on_progress:
            self._on_progress(self._done, len(self._results))

    def results(self) -> list[Completion | Exception]:
        """Return what came of all prompts. Raises BatchError, which has it too, if an error is to be raised."""
        if self._errors == "raise" and any(isinstance(result, Exception) for result in self._results):
            raise BatchError(self._results)
        return self._results

    def run(self, complete: Callable[[Prompt], Completion]) -> Generator[Begin | Next, Any, None]:
        """Have prompts completed, `concurrency` of them beside each other, until none is left."""
        under_way = 0
        while True:
            while under_way < self.concurrency and (taken := self.take()) is not None:
                number, prompt = taken
                yield Begin(number, Do(partial(_outcome, complete, prompt)))
                under_way += 1
            if not under_way:
                return
            self.settle(*(yield Next(None)))
            under_way -= 1


def _outcome(complete: Callable[[Prompt], Completion], prompt: Prompt) -> Completion | Exception:
    try:
        return complete(prompt)
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with one prompt is its result
        return error
