"""What counting needs to know of a model. It is kept in a file for a day: to look it up takes longer than to count."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._catalog import Catalog

NANO, MILLION = 10**9, 10**6


class Facts(NamedTuple):
    """A model, for counting: its id, its window, its tokenizer, and what input tokens cost.

    `rates` are (n, billionths of a US dollar per million tokens in prompts of more than n), the largest n first; None
    is not known.
    """

    id: str
    window: int | None
    tokenizer: str | None
    rates: list[list[int]] | None

    def dollars(self, tokens: int) -> float | None:
        """Return what it costs to read so many tokens; None if that is not known."""
        rate = next((rate for start, rate in self.rates or () if tokens > start), None)
        return None if rate is None else tokens * rate / (NANO * MILLION)


def facts_of(name: str, catalog: Catalog) -> Facts:
    """Look up the model that answers to a name."""
    from clarion._cost import input_rates

    model = catalog.serving(name)
    id = model.id if model else name
    rates = input_rates(id, model)
    return Facts(
        id=id,
        window=model.context_window if model else None,
        tokenizer=model.tokenizer if model else None,
        rates=None if rates is None else [[start, int(rate * NANO)] for start, rate in rates],
    )


class Sheet:
    """The facts of Clarion's own catalogue and of the prices as they are today, in a file of the cache directory.

    A file that is of another day or of other versions, broken or missing is made anew; where it cannot be written, it
    is done without.
    """

    def __init__(self, path: str, stamp: list[Any]) -> None:
        self._path = path
        self._stamp = stamp
        self._known = self._read()

    def facts(self, name: str, look_up: Callable[[str], Facts]) -> Facts:
        """Return the facts of the model that answers to a name, looked up if they are not in the file."""
        if name in self._known:
            return Facts(*self._known[name])
        facts = look_up(name)
        self._known[name] = facts
        self._write()
        return facts

    def _read(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                data = json.load(file)
            return dict(data["models"]) if data["stamp"] == self._stamp else {}
        except (OSError, ValueError, TypeError, KeyError):
            return {}

    def _write(self) -> None:
        beside = f"{self._path}.{os.getpid()}"
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(beside, "w", encoding="utf-8") as file:
                json.dump({"stamp": self._stamp, "models": self._known}, file)
            os.replace(beside, self._path)


def sheet(day: str) -> Sheet:
    """Return the sheet of a day (ISO)."""
    import importlib.util

    import clarion

    prices = importlib.util.find_spec("genai_prices")
    sources = [os.path.join(os.path.dirname(clarion.__file__), "catalog.toml")]
    if prices and prices.origin:
        sources.append(os.path.join(os.path.dirname(prices.origin), "data.py"))
    stamp = [day, clarion.__version__, *map(_stamp, sources)]
    return Sheet(os.path.join(_cache(), "clarion", "models.json"), stamp)


def _stamp(path: str) -> list[Any]:
    status = os.stat(path)
    return [path, status.st_size, status.st_mtime_ns]


def _cache() -> str:
    """Return the directory where programs of this user keep what they can make again."""
    match sys.platform:
        case "win32":
            return os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/AppData/Local")
        case "darwin":
            return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
