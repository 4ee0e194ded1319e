"""The table the emulator dispatches on: which endpoint answers which path, and what it takes as a body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from clarion.emulator.endpoints.batches import (
    cancel_batch,
    create_batch,
    delete_batch,
    list_batches,
    retrieve_batch,
    retrieve_results,
)
from clarion.emulator.endpoints.files import delete_file, download_file, list_files, retrieve_file, upload_file
from clarion.emulator.endpoints.messages import count_tokens, create_message
from clarion.emulator.endpoints.models import list_models, retrieve_model
from clarion.emulator.endpoints.organization import list_rate_limits
from clarion.emulator.wire import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion.emulator.endpoints.request import Request
    from clarion.emulator.limits.tiers import Pool
    from clarion.emulator.wire import Response

__all__ = ["ROUTES", "Route", "find", "max_body_of"]

MB = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table.

    `takes` says what the body is read as; `max_body` is in bytes; `pool` is what the requests are limited with.
    """

    method: str
    pattern: re.Pattern[str]
    endpoint: Callable[[Request], Response]
    pool: Pool | None = None
    takes: Literal["nothing", "json", "bytes"] = "nothing"
    max_body: int = 32 * MB


ROUTES = (
    Route("POST", re.compile(r"/v1/messages"), create_message, "messages", "json"),
    Route("POST", re.compile(r"/v1/messages/count_tokens"), count_tokens, "count_tokens", "json"),
    Route("POST", re.compile(r"/v1/messages/batches"), create_batch, "batches", "json", 256 * MB),
    Route("GET", re.compile(r"/v1/messages/batches"), list_batches, "batches"),
    Route("GET", re.compile(r"/v1/messages/batches/(?P<id>[^/]+)"), retrieve_batch, "batches"),
    Route("DELETE", re.compile(r"/v1/messages/batches/(?P<id>[^/]+)"), delete_batch, "batches"),
    Route("POST", re.compile(r"/v1/messages/batches/(?P<id>[^/]+)/cancel"), cancel_batch, "batches"),
    Route("GET", re.compile(r"/v1/messages/batches/(?P<id>[^/]+)/results"), retrieve_results, "batches"),
    Route("POST", re.compile(r"/v1/files"), upload_file, "files", "bytes", 500 * MB),
    Route("GET", re.compile(r"/v1/files"), list_files, "files"),
    Route("GET", re.compile(r"/v1/files/(?P<id>[^/]+)"), retrieve_file, "files"),
    Route("DELETE", re.compile(r"/v1/files/(?P<id>[^/]+)"), delete_file, "files"),
    Route("GET", re.compile(r"/v1/files/(?P<id>[^/]+)/content"), download_file, "files"),
    Route("GET", re.compile(r"/v1/models"), list_models),
    Route("GET", re.compile(r"/v1/models/(?P<id>[^/]+)"), retrieve_model),
    Route("GET", re.compile(r"/v1/organizations/rate_limits"), list_rate_limits),
)


def find(method: str, path: str) -> tuple[Route, re.Match[str]]:
    """Return the route of a request, or refuse it with 404 or 405."""
    matches = _matches(path)
    if not matches:
        raise Refusal(404, f"Not found: {path}")
    for route, match in matches:
        if route.method == method:
            return route, match
    allowed = ", ".join(route.method for route, _ in matches)
    raise Refusal(405, f"Method {method} is not allowed here", headers={"allow": allowed})


@lru_cache(256)
def max_body_of(path: str) -> int:
    """Return the largest body, in bytes, that a path takes from any method; a server need not read further."""
    return max((route.max_body for route, _ in _matches(path)), default=32 * MB)


@lru_cache(256)
def _matches(path: str) -> tuple[tuple[Route, re.Match[str]], ...]:
    return tuple((route, match) for route in ROUTES if (match := route.pattern.fullmatch(path)))
