"""The root of all errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class ClarionError(Exception):
    """The root of every error that Clarion raises by itself.

    Catch it to catch them all. The SDK's own errors are not among them. It can be pickled and copied, with what it
    carries, so that it reaches the parent of a worker process whole.
    """

    def __reduce__(self) -> tuple[Callable[..., ClarionError], tuple[Any, ...], dict[str, Any]]:
        return _as_it_was, (type(self), self.args), self.__dict__


def _as_it_was(kind: type[ClarionError], args: tuple[Any, ...]) -> ClarionError:
    """Return an error without `__init__`, which would word its message anew."""
    error = kind.__new__(kind)
    error.args = args
    return error
