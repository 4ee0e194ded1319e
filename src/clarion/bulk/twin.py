"""The service that a job asks through, whichever colour was given: a job awaits."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from clarion._errors import InvalidSettingError
from clarion._service import AsyncClaudeService, ClaudeService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    Service = ClaudeService | AsyncClaudeService


@asynccontextmanager
async def asked_through(service: Service | None) -> AsyncIterator[AsyncClaudeService]:
    """Lend a service that awaits: the one given, the twin of one that blocks, or one made of the settings.

    Raises InvalidSettingError for one that blocks and stands on a client of the caller's own.
    """
    if isinstance(service, AsyncClaudeService):
        yield service
        return
    async with twin_of(service) if service is not None else AsyncClaudeService() as made:
        yield made


def twin_of(service: ClaudeService) -> AsyncClaudeService:
    """Return a service that awaits, and asks whom the given one asks, with its configuration, ledger and budgets."""
    if not service.owns_sdk:
        raise InvalidSettingError(
            "a job awaits its answers, and this ClaudeService stands on a blocking client of your own: "
            "pass AsyncClaudeService(sdk=...), with an AsyncAnthropic"
        )
    making = {field.name: getattr(service.making, field.name) for field in fields(service.making)}
    return AsyncClaudeService(**making, config=service.config, ledger=service.ledger, budgets=service.books.budgets)
