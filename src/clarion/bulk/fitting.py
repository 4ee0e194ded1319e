"""Fits the requests of rows, and only once those that differ in nothing but the words of their prompt.

What a request needs to fit its model depends on its options and on what kinds of content it has; no rule looks at the
words of a text. So what was found for one row holds for the next that has the same configuration and a plain text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._counting import fitted

if TYPE_CHECKING:
    from datetime import date

    from clarion._catalog import Catalog
    from clarion._config import ClaudeConfig
    from clarion._fit import Fitted
    from clarion._request import Request

PLAIN = {"type", "text"}


class Fitting:
    """Remembers how the last plain request was fitted."""

    def __init__(self) -> None:
        self._last: tuple[ClaudeConfig, Catalog, date, Fitted] | None = None

    def __call__(self, request: Request, catalog: Catalog, today: date) -> Fitted:
        """Return a request in the form that its model takes, as `fitted`."""
        is_plain = _is_plain(request)
        if is_plain and self._last:
            config, known, day, last = self._last
            if request.config is config and catalog is known and today == day:
                return last.asking([*request.messages])
        found = fitted(request, catalog, today)
        if is_plain and found.body["messages"] == [*request.messages]:
            self._last = (request.config, catalog, today, found)
        return found


def _is_plain(request: Request) -> bool:
    """Whether a request is one text of the user's, and nothing more."""
    if len(request.messages) != 1 or request.adjustments:
        return False
    (message,) = request.messages
    content = message["content"]
    is_text = isinstance(content, str) or (len(content) == 1 and content[0].keys() == PLAIN)
    return bool(message["role"] == "user" and is_text)
