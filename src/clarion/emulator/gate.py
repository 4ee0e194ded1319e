"""What is checked before anybody asks what a request wants: size, credentials, API version, encoding, JSON.

Which content encodings the API accepts is not published. Those that Python can undo without more packages are
undone here, all others are refused.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import orjson

from clarion.emulator.call import OLD_VERSION, VERSION
from clarion.emulator.wire import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["betas", "check_credentials", "check_size", "check_version", "key", "parse"]

WRONG_KEYS = (
    "invalid",
    "wrong",
)  # a key with one of these in it is refused, so that a wrong key can be tried

WINDOW_BITS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
CHARSETS = frozenset({"utf-8", "utf8", "iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"})
MAX_DEPTH = 200  # nested arrays and objects


def check_size(body: bytes, most: int) -> None:
    """Refuse a body of more than so many bytes."""
    if len(body) > most:
        raise Refusal(413, "Request exceeds the maximum size")


def check_credentials(headers: Mapping[str, str]) -> None:
    """Refuse a request without a good key in either header."""
    given = key(headers)
    if not given:
        raise Refusal(401, "x-api-key header is required")
    if any(word in given.lower() for word in WRONG_KEYS):
        raise Refusal(401, "invalid x-api-key")


def key(headers: Mapping[str, str]) -> str:
    """Return the key of a request, perhaps none; with both headers present `x-api-key` counts."""
    given = headers.get("x-api-key")
    if given is not None:
        return given.strip()
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


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
    return frozenset(_listed(headers, "anthropic-beta"))


def decode(headers: Mapping[str, str], body: bytes, most: int) -> bytes:
    """Undo the `content-encoding` of a body; refuse one that is broken, unknown, or over `most` bytes undone."""
    for name in map(str.lower, reversed(_listed(headers, "content-encoding"))):
        if name == "identity":
            continue
        if name not in WINDOW_BITS:
            reason = f"Content-Encoding '{name}' is not supported"
            raise invalid("", reason, error_code="request_body_encoding_unsupported")
        body = _inflated(name, body, most)
    return body


def _listed(headers: Mapping[str, str], name: str) -> list[str]:
    """Return the values of a header that is a list."""
    given = headers.get(name)
    return [value for part in given.split(",") if (value := part.strip())] if given else []


def _inflated(name: str, body: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(WINDOW_BITS[name])
    try:
        found = inflater.decompress(body, most + 1)
    except zlib.error:
        found = b""
    if len(found) > most:
        details = {"error_code": "request_body_too_large_after_decoding"}
        raise Refusal(413, "Request exceeds the maximum size once decoded", details)
    if not inflater.eof:
        reason = f"The request body is not valid for its Content-Encoding '{name}'"
        raise invalid("", reason, error_code="request_body_encoding_invalid")
    return found


def parse(headers: Mapping[str, str], body: bytes) -> Any:
    """Return the body as JSON data."""
    try:
        data = orjson.loads(_text(headers, body))
    except orjson.JSONDecodeError as error:
        raise invalid("", f"The request body is not valid JSON: {error}") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deeper(data, MAX_DEPTH):
        raise invalid("", "The request body is nested too deeply")
    return data


def _text(headers: Mapping[str, str], body: bytes) -> bytes | str:
    """Return the body in the charset its type names; refuse what is not JSON by its type, and other charsets."""
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    if kind and not kind.strip().endswith("json"):
        raise invalid("content-type", f"Input should be 'application/json', not '{kind.strip()}'")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset and charset not in CHARSETS:
        reason = f"Charset '{charset}' is not supported; use UTF-8, ISO-8859-1 or US-ASCII"
        raise invalid("content-type", reason, error_code="unsupported_charset")
    return body.decode("latin-1") if charset in {"iso-8859-1", "latin-1", "latin1"} else body


def _is_deeper(data: Any, most: int) -> bool:
    level = [data]
    for _ in range(most):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True
