"""What a service of either colour is set up with, and how it makes of a prompt what its driver carries out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clarion import _sdk
from clarion._attempts import Attempts
from clarion._breaker import CircuitBreaker
from clarion._budget import Budget
from clarion._catalog import Catalog
from clarion._counting import count, estimated
from clarion._digest import EMULATOR, Course, Task
from clarion._errors import InvalidSettingError
from clarion._ledger import Books, Ledger
from clarion._numbers import is_number
from clarion._output import Output
from clarion._pace_file import shared_pacer
from clarion._preparation import prepared
from clarion._telemetry import Instrumentation, Telemetry
from clarion._turn import turn

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from anthropic import Anthropic, AsyncAnthropic

    from clarion._config import ClaudeConfig, Options
    from clarion._prompt import Message
    from clarion._request import Request
    from clarion._settings import Settings
    from clarion._steps import Step, Turn
    from clarion._tokens import Estimate
    from clarion.emulator import Emulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """Whom a service asks and how it is watched, for one of the other colour that asks the same."""

    api_key: str | None = field(repr=False)
    base_url: str | None
    emulate: Emulator | Literal[False]
    breaker: CircuitBreaker | None
    telemetry: Telemetry | bool


class Setup:
    """The catalogue, books and telemetry of a service. Raises InvalidSettingError and LedgerError."""

    def __init__(
        self,
        settings: Settings,
        client: Anthropic | AsyncAnthropic,
        *,
        breaker: CircuitBreaker | None,
        ledger: Ledger | str | Path | None,
        budgets: Sequence[Budget] | None,
        telemetry: Telemetry | bool,
    ) -> None:
        _refuse_others("breaker", breaker, CircuitBreaker | None, "a CircuitBreaker")
        is_emulated = _sdk.is_emulated(client)
        self.catalog = Catalog.load(settings.catalog)
        self.books = _books(ledger, budgets, settings, self.catalog)
        self.owned_ledger = None if isinstance(ledger, Ledger) else self.books.ledger
        self.attempts = Attempts(breaker, self.books, self.catalog, emulated=is_emulated)
        self.instrumentation = _instrumentation(telemetry, client, settings)
        self._origin = EMULATOR if is_emulated else str(client.base_url)
        self._account = _sdk.account_of(client)

    def request(self, messages: list[Message], config: ClaudeConfig) -> Request:
        """Return the request of messages as they were drafted. Reads files; raises MediaError."""
        return prepared(messages, config, self.catalog)

    def turn(self, request: Request, *, stream: bool, stepped: bool) -> Turn:
        """Return the turn that answers a request, watched."""
        steps = turn(request, self.catalog, date.today(), stream=stream, stepped=stepped)
        return self.instrumentation.watched(steps, model=request.config.model, tags=request.config.tags)

    def count(self, request: Request) -> Generator[Step, Any, int]:
        """Return the steps that count the tokens of a request."""
        return count(request, self.catalog, date.today())

    def estimate(self, request: Request) -> Estimate:
        """Estimate the tokens of a request."""
        return estimated(request, self.catalog, date.today())

    def course(
        self,
        config: ClaudeConfig,
        options: Options,
        *,
        store: str | PathLike[str] | None,
        budget: float | Decimal | None = None,
        **arguments: Any,
    ) -> Course:
        """Return the course of a digest, with caching on unless the options or the configuration say otherwise."""
        if budget is not None and not (is_number(budget) and 0 <= budget < float("inf")):
            raise InvalidSettingError(f"budget must be a number of US dollars; got {budget!r}")
        task = Task(
            config=config.but(**{"cache": config.cache or True, **options}),
            origin=self._origin,
            store=None if store is None else Path(store),
            budget=None if budget is None else Decimal(str(budget)),
            **arguments,
        )
        paced = partial(shared_pacer, self._account)
        return Course(task, self.catalog, date.today(), watched=self.instrumentation.watched, paced=paced)


def emulation(
    settings: Settings, emulate: bool | Emulator | None, *, sdk: object, api_key: str | None, base_url: str | None
) -> Emulator | Literal[False]:
    """Return the emulator that answers: the caller's own, or one made as he or the settings say. False where none does.

    Raises InvalidSettingError for a client of the caller's own beside what says how to make one.
    """
    if emulate is None:
        emulate = settings.emulate and sdk is None
    if not isinstance(emulate, bool) and not hasattr(emulate, "respond"):
        raise InvalidSettingError(f"emulate must be true, false or an Emulator; got {emulate!r}")
    if sdk is not None and (api_key or base_url or emulate):
        raise InvalidSettingError("pass sdk= alone: its client already has a key, a base URL and a transport")
    if emulate is not True:
        return emulate or False
    from clarion.emulator import Emulator

    return Emulator()


def output_of(config: ClaudeConfig) -> Output[Any] | None:
    """Return what an answer is made to fit, if anything."""
    return None if config.output_type is None else Output.of(config.output_type)


def _refuse_others(name: str, value: object, kinds: Any, wanted: str) -> None:
    if not isinstance(value, kinds):
        raise InvalidSettingError(f"{name} must be {wanted}; got {value!r}")


def _books(
    ledger: Ledger | str | Path | None,
    budgets: Sequence[Budget] | None,
    settings: Settings,
    catalog: Catalog,
) -> Books:
    """Return the books of a service: what was passed, else what the settings say."""
    _refuse_others("ledger", ledger, Ledger | str | PathLike | None, "the path of a file or a Ledger")
    where = ledger or settings.ledger
    kept = settings.budgets if budgets is None else budgets
    _refuse_others("budgets", kept, list | tuple, "a list of Budgets")
    for budget in kept:
        _refuse_others("budgets", budget, Budget, "a list of Budgets")
    if kept and where is None:
        raise InvalidSettingError("budgets need a ledger, which knows what is spent: set ledger to the path of a file")
    opened = where if isinstance(where, Ledger) or where is None else Ledger(where)
    return Books(opened, kept, catalog)


def _instrumentation(
    telemetry: Telemetry | bool, client: Anthropic | AsyncAnthropic, settings: Settings
) -> Instrumentation:
    """Return what watches the turns of a service: what was passed, else what its client and the settings say."""
    _refuse_others("telemetry", telemetry, bool | Telemetry | None, "true, false or a Telemetry")
    peer = _sdk.peer_of(client)
    wanted = (Telemetry() if telemetry else None) if isinstance(telemetry, bool) else telemetry
    content = settings.capture_content or peer.content
    if wanted is not None and wanted.content is not None:
        content = wanted.content
    return Instrumentation(wanted, peer, content=content)
