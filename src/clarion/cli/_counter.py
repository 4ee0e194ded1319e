"""Counting a prompt for one model after the other: by the API, or offline by an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from clarion._catalog import Catalog
from clarion._cost import Unpriced, cost_of
from clarion._counting import estimated
from clarion._preparation import prepared
from clarion._prompt import drafted
from clarion._settings import Settings
from clarion._usage import Usage
from clarion.cli._options import given, service

if TYPE_CHECKING:
    from clarion._prompt import Prompt


@dataclass(frozen=True, slots=True)
class Row:
    """What a model makes of the files: their tokens, their share of its window, and US dollars to read them."""

    model: str
    tokens: int
    window: float | None
    dollars: float | None


class Counter:
    """Counts for one model after the other: by the API, or offline by an estimate."""

    def __init__(self, *, offline: bool, emulate: bool, system: str | None) -> None:
        settings = Settings.load()
        self._claude = None if offline else service(emulate=emulate)
        self._config = settings.config.but(**given(system=system))
        self._catalog = Catalog.load(settings.catalog)

    def tokens(self, content: Prompt, name: str) -> int:
        """Return the input tokens of a prompt on the model of this name."""
        if self._claude is not None:
            return self._claude.count_tokens(content, config=self._config, model=name)
        request = prepared(drafted(content), self._config.but(model=name), self._catalog)
        return estimated(request, self._catalog, date.today()).tokens

    def row(self, content: Prompt, name: str) -> Row:
        """Return the counts for the model of this name, and what follows from them."""
        tokens, model = self.tokens(content, name), self._catalog.serving(name)
        answers = model.id if model else name
        cost = cost_of(answers, Usage(input_tokens=tokens), served={}, facts=model)
        window = model.context_window if model else None
        return Row(
            model=answers,
            tokens=tokens,
            window=tokens / window if window else None,
            dollars=None if isinstance(cost, Unpriced) else float(cost.total),
        )
