"""Clients of the SDK: with the credentials that it finds itself, or on the emulator."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, TypeVar

from clarion._errors import InvalidSettingError, MissingCredentialsError
from clarion._sdk.replies import EMULATOR
from clarion._telemetry import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anthropic import Anthropic, AsyncAnthropic

    from clarion.emulator import Emulator

EMULATOR_URL = "http://emulator.invalid"  # resolves nowhere: what is emulated cannot leave the process

Client = TypeVar("Client", "Anthropic", "AsyncAnthropic")


def client(*, api_key: str | None, base_url: str | None, emulate: bool | Emulator) -> Anthropic:
    """Return an SDK client.

    Raises MissingCredentialsError if the SDK's own chain finds none, and InvalidSettingError for an address, a key,
    certificates or a proxy with which no call could be made.
    """
    from anthropic import Anthropic

    if not emulate:
        with _named_surroundings():
            made = Anthropic(api_key=api_key, base_url=base_url)
        return _able_to_call(made)
    import httpx2

    from clarion.emulator import EmulatorTransport

    http = httpx2.Client(transport=EmulatorTransport(_emulator(emulate)))
    return Anthropic(api_key=EMULATOR, base_url=EMULATOR_URL, http_client=http)


def async_client(*, api_key: str | None, base_url: str | None, emulate: bool | Emulator) -> AsyncAnthropic:
    """Return an SDK client of the other colour, over aiohttp. Raises likewise."""
    from anthropic import AsyncAnthropic, DefaultAioHttpClient

    if not emulate:
        with _named_surroundings():
            made = AsyncAnthropic(api_key=api_key, base_url=base_url, http_client=DefaultAioHttpClient())
        return _able_to_call(made)
    import httpx2

    from clarion.emulator import AsyncEmulatorTransport

    http = httpx2.AsyncClient(transport=AsyncEmulatorTransport(_emulator(emulate)))
    return AsyncAnthropic(api_key=EMULATOR, base_url=EMULATOR_URL, http_client=http)


def is_emulated(client: Anthropic | AsyncAnthropic) -> bool:
    """Whether the emulator in this process answers the calls of a client."""
    return str(client.base_url).rstrip("/") == EMULATOR_URL


def address_of(client: Anthropic | AsyncAnthropic) -> str:
    """Return where the calls of a client go, in words that show no password."""
    return "the emulator" if is_emulated(client) else str(client.base_url.copy_with(userinfo=b"")).rstrip("/")


def peer_of(client: Anthropic | AsyncAnthropic) -> Peer:
    """Return whom a client calls, and what it says of OpenTelemetry."""
    said, url = client.open_telemetry, client.base_url
    return Peer(
        provider=client._gen_ai_provider_name,  # noqa: SLF001 -- there is no other name for it
        address=url.host,
        port=url.port or (80 if url.scheme == "http" else 443),
        tracer_provider=said.get("tracer_provider"),
        traces=said["traces"]["enabled"],
        content=said["traces"]["content_mode"] == "content",
        propagates=said["propagation"],
    )


def account_of(client: Anthropic | AsyncAnthropic) -> str | None:
    """Return what stands for the account whose limits the calls of a client use, and tells nothing of its key.

    None for a client that the emulator in this process answers.
    """
    if is_emulated(client):
        return None
    headers = {name.lower(): value for name, value in client.default_headers.items()}
    key = headers.get("x-api-key") or headers.get("authorization") or credentials_of(client)
    return hashlib.sha256(f"{client.base_url}\n{key}".encode()).hexdigest()


def credentials_of(client: Anthropic | AsyncAnthropic) -> str:
    """Return where the credentials of a client are from, a variable or what else the SDK found; not what they are."""
    headers = {name.lower() for name in client.default_headers}
    if client.credentials is not None:
        profile = getattr(client.credentials, "profile", None)
        return f"the profile {profile!r}" if profile else "workload identity, by the environment"
    if client.api_key:
        return "ANTHROPIC_API_KEY"
    return "ANTHROPIC_AUTH_TOKEN" if client.auth_token or "authorization" not in headers else "ANTHROPIC_CUSTOM_HEADERS"


def _emulator(emulate: bool | Emulator) -> Emulator:
    from clarion.emulator import Emulator

    return Emulator() if isinstance(emulate, bool) else emulate


def _able_to_call(client: Client) -> Client:
    """Return a client that has what every call needs. No word of an error shows a key, or a password in a URL."""
    if client.base_url.scheme not in ("http", "https") or not client.base_url.host:
        shown = str(client.base_url).rpartition("@")[2]
        raise InvalidSettingError(
            f"the base URL must begin with https:// or http:// and a host; got {shown!r}. "
            "It is base_url=, ANTHROPIC_BASE_URL, or that of a profile"
        )
    sources = (client.api_key, client.auth_token, client.credentials)
    headers = {name.lower(): value for name, value in client.default_headers.items() if isinstance(value, str)}
    if not any(sources) and not headers.keys() & {"authorization", "x-api-key"}:
        raise MissingCredentialsError
    for name, value in {"the API key": client.api_key, "the auth token": client.auth_token, **headers}.items():
        if value is not None and not isinstance(value, str):
            raise InvalidSettingError(f"{name} must be a text, not {type(value).__name__}")
        if value is not None and (not value.isprintable() or value != value.strip()):
            raise InvalidSettingError(
                f"{name} has a line break, a space at its end, or another character that no header may have "
                f"(it has {len(value)} characters): take it out where it was set"
            )
    return client


@contextlib.contextmanager
def _named_surroundings() -> Iterator[None]:
    """Say what in the environment keeps the SDK from making a client: it says which file or value, but not whose."""
    import ssl

    try:
        yield
    except ImportError as error:
        raise InvalidSettingError(
            f"the proxy of the environment (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY) cannot be used: {error}"
        ) from error
    except (ssl.SSLError, FileNotFoundError) as error:
        raise InvalidSettingError(f"the certificates that SSL_CERT_FILE names cannot be read: {error}") from error
    except ValueError as error:
        if "proxy" not in str(error):
            raise
        raise InvalidSettingError(
            f"a proxy of the environment (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY) cannot be used: {error}"
        ) from error
