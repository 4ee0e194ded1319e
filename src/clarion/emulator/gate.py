"""What is checked before anybody asks what a request wants: size, credentials, API version, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.call import OLD_VERSION, VERSION
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["betas", "check_credentials", "check_size", "check_version", "parse"]

WRONG_KEYS = (
    "invalid",
    "wrong",
)  # a key with one of these in it is refused, so that a wrong key can be tried


def check_size(body: bytes, most: int) -> None:
    """Refuse a body of more than so many bytes."""
    if len(body) > most:
        raise Refusal(413, "Request exceeds the maximum size")


def check_credentials(headers: Mapping[str, str]) -> None:
    """Refuse a request without a good key in either header; with both present `x-api-key` counts."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    key = headers.get("x-api-key", bearer).strip()
    if not key:
        raise Refusal(401, "x-api-key header is required")
    if any(word in key.lower() for word in WRONG_KEYS):
        raise Refusal(401, "invalid x-api-key")


def check_version(headers: Mapping[str, str]) -> str:
    """Return the API version asked for; refuse none and unknown ones."""
    version = headers.get("anthropic-version")
    if not version:
        raise invalid("anthropic-version", "header is required")
    if version not in {OLD_VERSION, VERSION}:
        raise invalid("anthropic-version", f'"{version}" is not a valid version')
    return version


def betas(headers: Mapping[str, str]) -> frozenset[str]:
    """Return the names in the `anthropic-beta` header."""
    return frozenset(name for part in headers.get("anthropic-beta", "").split(",") if (name := part.strip()))


def parse(body: bytes) -> Any:
    """Return the body as JSON data."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid("", f"The request body is not valid JSON: {error}") from None
