"""Counting a prompt for one model after the other: by the API, or offline by an estimate."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from clarion._media.document import Document
from clarion.cli._facts import Facts, facts_of, sheet
from clarion.cli._options import given, service

if TYPE_CHECKING:
    from clarion import ClaudeService
    from clarion._catalog import Catalog
    from clarion._config import ClaudeConfig
    from clarion._prompt import Part


class Row(NamedTuple):
    """What a model makes of the files: their tokens, their share of its window, and US dollars to read them."""

    model: str
    tokens: int
    window: float | None
    dollars: float | None


class Counter:
    """Counts for one model after the other: by the API, or offline by an estimate.

    Texts are estimated without making a request of them, for which most of Clarion would have to be imported, and
    where there are no settings, facts of models are taken from the sheet of the day.
    """

    def __init__(self, *, offline: bool, emulate: bool, system: str | None) -> None:
        self._claude = None if offline else _service(emulate=emulate)
        self._system = system
        self._is_plain = not os.path.exists("clarion.toml") and not any(
            name.startswith("CLARION_") for name in os.environ
        )
        self._sheet = sheet(date.today().isoformat()) if self._is_plain else None

    def tokens(self, content: list[Part], name: str) -> int:
        """Return the input tokens of a prompt on the model of this name."""
        if self._claude is not None:
            return self._claude.count_tokens(content, config=self._config, model=name)
        if self._is_plain and all(isinstance(part, Document) and part.page_count() is None for part in content):
            return self._of_texts(content, name)
        return self._of_request(content, name)

    def row(self, content: list[Part], name: str) -> Row:
        """Return the counts for the model of this name, and what follows from them."""
        tokens, facts = self.tokens(content, name), self._facts(name)
        return Row(
            model=facts.id,
            tokens=tokens,
            window=tokens / facts.window if facts.window else None,
            dollars=facts.dollars(tokens),
        )

    def _facts(self, name: str) -> Facts:
        if self._sheet is None:
            return facts_of(name, self._catalog)
        return self._sheet.facts(name, lambda name: facts_of(name, self._catalog))

    def _of_texts(self, content: list[Part], name: str) -> int:
        from clarion._tokens import estimate_request

        body: dict[str, Any] = {"messages": [{"role": "user", "content": [part.block() for part in content]}]}
        if self._system:
            body["system"] = self._system
        return estimate_request(body, "old" if self._facts(name).tokenizer == "old" else "new").tokens

    def _of_request(self, content: list[Part], name: str) -> int:
        from clarion.cli._log import show_warnings

        show_warnings()
        from clarion._counting import estimated
        from clarion._preparation import prepared
        from clarion._prompt import drafted

        request = prepared(drafted(content), self._config.but(model=name), self._catalog)
        return estimated(request, self._catalog, date.today()).tokens

    @property
    def _config(self) -> ClaudeConfig:
        from clarion._settings import Settings

        return Settings.load().config.but(**given(system=self._system))

    @property
    def _catalog(self) -> Catalog:
        from clarion._catalog import Catalog
        from clarion._settings import Settings

        return Catalog.load(Settings.load().catalog)


def _service(*, emulate: bool) -> ClaudeService:
    from clarion.cli._log import show_warnings

    show_warnings()
    return service(emulate=emulate)
