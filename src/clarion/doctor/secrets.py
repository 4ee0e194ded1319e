"""What must not be shown: keys, tokens, passwords within URLs, values of headers of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HIDDEN = "[hidden]"
SHORTEST = 6  # characters; what is shorter would hide half of what is said
VARIABLES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_IDENTITY_TOKEN",
    "ANTHROPIC_WEBHOOK_SIGNING_KEY",
)
ADDRESSES = ("ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
TOLD = ("anthropic-version", "anthropic-beta")  # of these, what may be shown


def secrets_in(environ: Mapping[str, str]) -> set[str]:
    """Return what the environment holds that must not be shown."""
    found = {environ.get(name, "").strip() for name in VARIABLES}
    found |= {part for name in ADDRESSES for part in _passwords(environ.get(name, ""))}
    headers = [line.partition(":") for line in environ.get(HEADERS, "").splitlines()]
    found |= {value.strip() for name, _, value in headers if name.strip().lower() not in TOLD}
    return {secret for secret in found if len(secret) >= SHORTEST}


def _passwords(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    for part in (parts.password, parts.query):
        if part:
            yield part
            yield unquote(part)


def shown(url: str) -> str:
    """Return a URL without the user and the password in it, nor its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "[no URL]"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def without(text: str, secrets: set[str]) -> str:
    """Return a text with every secret hidden, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
